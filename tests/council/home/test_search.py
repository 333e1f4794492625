import pytest
from django.urls import reverse

from council.home.searching import LONGEST, search
from tests.factories.gates import concept, drafted


def found(text, user):
    return {title: [hit.key for hit in hits] for title, hits in search(text, user)}


def test_a_key_finds_its_initiative_and_what_belongs_to_it(people, bare):
    gate = drafted(people, bare)

    assert found(bare.key.lower(), people.olga) == {"Initiatives": [bare.key], "Requests": [gate.key]}


def test_every_word_must_stand_somewhere(people, bare):
    concept(people, "Contract reminders")

    assert found("redlining contract", people.olga) == {"Initiatives": [bare.key]}
    assert len(found("contract", people.olga)["Initiatives"]) == 2
    assert found("contract astrology", people.olga) == {}


def test_decisions_are_found_by_reference_and_lead_to_the_gates(people, decided):
    groups = dict(search("AIC-2026-001", people.olga))

    assert [hit.url for hit in groups["Decisions"]] == [f"/initiatives/{decided.key}/gates/"]


def test_a_stranger_finds_nothing(people, bare):
    drafted(people, bare)

    assert found(bare.key, people.max) == {}


@pytest.mark.parametrize("text", ["", "   ", "%", "_", "\\", "'; --", "x" * (LONGEST * 50)])
def test_odd_texts_find_nothing_and_break_nothing(people, bare, text):
    assert found(text, people.olga) == {}


def test_the_page_says_what_was_searched_and_escapes_it(client, people, bare, text):
    client.force_login(people.olga)

    shown = text(client.get(reverse("council:search"), {"q": "<b>redlining"}))

    assert "&lt;b&gt;redlining" in shown
    assert "Nothing found" in shown
    assert client.get(reverse("council:search"), {"q": "\x00"}).status_code == 422
