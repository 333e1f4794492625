import pytest

from projects.gates.sheet_rules import not_chosen, sheets_due, told_by_fields

PLAIN = {"deployment": "api", "purchase_mode": "direct_api", "primary_provider": "OpenAI", "fallback_provider": ""}


@pytest.mark.parametrize(
    ("change", "sheets"),
    [
        ({}, []),
        ({"deployment": "self_hosted"}, ["self_hosting"]),
        ({"deployment": "hybrid"}, ["self_hosting"]),
        ({"purchase_mode": "self_hosted"}, ["self_hosting"]),
        ({"fallback_provider": "Anthropic"}, ["second_provider"]),
        ({"fallback_provider": " openai "}, []),
        ({"primary_provider": "", "fallback_provider": "Anthropic"}, []),
        ({"deployment": "hybrid", "fallback_provider": "Anthropic"}, ["self_hosting", "second_provider"]),
    ],
)
def test_fields_tell_which_choices_are_made(change, sheets):
    assert list(told_by_fields(PLAIN | change)) == sheets


@pytest.mark.parametrize(
    ("edited", "due"),
    [([], False), (["fallback_provider"], True), (["primary_provider"], True), (["deployment"], False)],
)
def test_a_choice_comes_up_when_a_field_behind_it_was_edited(edited, due):
    fields = PLAIN | {"fallback_provider": "Anthropic"}

    assert ("second_provider" in sheets_due(fields, edited=edited)) is due


@pytest.mark.parametrize(
    ("gate", "sheets", "words"),
    [
        ("pilot", [], ""),
        ("fine_tuning", ["fine_tuning"], ""),
        ("fine_tuning", ["self_hosting"], "fine-tuning is not chosen"),
    ],
)
def test_only_a_sheet_waits_for_its_choice(gate, sheets, words):
    assert not_chosen(gate, sheets) == words
