"""An initiative is named by its key, in any case, and a key that nobody has is told in one way wherever it is typed."""

import pytest
from django import forms

from projects.initiatives.forms import InitiativeField, not_named
from projects.initiatives.selectors import initiatives_named
from projects.people.roles import Role
from tests.factories.initiatives import initiative
from tests.factories.people import person

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(db):
    return person("olga", Role.REVIEWER)


@pytest.mark.parametrize("typed", ["AI-001", "ai-001", " Ai-001 "])
def test_an_initiative_is_found_by_its_key_in_any_case(typed, owner):
    fraud = initiative(owner, key="AI-001")

    assert InitiativeField().clean(typed) == fraud


def test_a_key_that_nobody_has_is_named_with_what_to_write():
    with pytest.raises(forms.ValidationError, match="There is no initiative AI-9"):
        InitiativeField().clean("ai-9")

    assert not_named("ai-9") == "There is no initiative AI-9. Write its key, such as AI-031."


def test_a_field_that_may_be_empty_names_nobody():
    assert InitiativeField(required=False).clean("") is None


def test_many_are_found_in_one_query(django_assert_num_queries, owner):
    first, second = initiative(owner, key="AI-001"), initiative(owner, key="AI-002")

    with django_assert_num_queries(1):
        found = initiatives_named(["ai-002", "AI-001", "AI-999"])

    assert found == {"AI-001": first, "AI-002": second}
