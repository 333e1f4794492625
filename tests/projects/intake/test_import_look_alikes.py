from decimal import Decimal
from fractions import Fraction
from itertools import combinations

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from projects.intake.import_look_alikes import Named, likenesses, trigrams


def numbered(*names, group="DOE", start=1):
    return [Named(number, group, name) for number, name in enumerate(names, start=start)]


def pairs(found):
    return {(number, likeness.number) for number, alike in found.items() for likeness in alike}


def test_a_word_has_the_trigrams_that_the_database_gives_it():
    assert trigrams("Cat") == {"  c", " ca", "cat", "at "}
    assert trigrams("cat, CAT!") == trigrams("cat")
    assert trigrams("") == frozenset()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Claims triage", "Claims triage 2"),
        ("claims-triage", "Claims Triage"),
        ("Grid", "Gird"),
        ("Caf\u00e9 bot", "cafe bot"),
    ],
)
def test_similarity_is_the_databases(one, other):
    with connection.cursor() as cursor:
        cursor.execute("SELECT similarity(%s, %s)", [one, other])
        expected = Decimal(str(cursor.fetchone()[0])).quantize(Decimal("0.01"))

    (likeness,) = likenesses([], numbered(one, other), threshold=Fraction(1, 100))[2]

    assert likeness.similarity == expected


def test_the_same_name_but_for_case_and_punctuation_is_wholly_alike():
    (likeness,) = likenesses(numbered("Claims triage"), numbered("CLAIMS-TRIAGE", start=9))[9]

    assert (likeness.number, likeness.similarity) == (1, 1)


def test_names_are_compared_inside_their_group_and_with_our_own():
    older = [Named(1, "DOE", "Chatbot"), Named(2, "DOI", "Chatbot"), Named(3, "", "Chatbot")]

    assert pairs(likenesses(older, [Named(4, "DOE", "Chatbot")])) == {(4, 1), (4, 3)}


def test_a_newer_name_is_older_for_those_after_it_and_older_ones_are_not_judged():
    assert pairs(likenesses(numbered("Chatbot", "Chatbot"), numbered("Chatbot", "Chatbot", start=3))) == {
        (3, 1), (3, 2), (4, 1), (4, 2), (4, 3),
    }  # fmt: skip


def test_at_most_so_many_are_named_the_most_similar_first():
    found = likenesses(numbered("Chatbots", "Chatbot", "Chatbot", "Chatbot"), numbered("Chatbot", start=9), limit=2)

    assert [(likeness.number, likeness.similarity) for likeness in found[9]] == [(2, 1), (3, 1)]


def test_a_name_at_the_threshold_is_alike_and_one_below_is_not():
    one, other = trigrams("abcd"), trigrams("abce")
    exact = Fraction(len(one & other), len(one | other))

    assert pairs(likenesses([], numbered("abcd", "abce"), threshold=exact)) == {(2, 1)}
    assert likenesses([], numbered("abcd", "abce"), threshold=exact + Fraction(1, 1000)) == {}


def test_names_without_a_letter_are_like_nothing():
    assert likenesses([], numbered("…", "…", "")) == {}


@given(st.lists(st.text(alphabet="abc ", min_size=1, max_size=8), max_size=12))
def test_no_alike_pair_is_missed(names):
    named = numbered(*names)
    expected = set()
    for first, second in combinations(named, 2):
        one, other = trigrams(first.name), trigrams(second.name)
        if one and other and Fraction(len(one & other), len(one | other)) >= Fraction(3, 5):
            expected.add((second.number, first.number))

    assert pairs(likenesses([], named, limit=99)) == expected
