"""Finance and the auditor see the people in cost rows; everybody else sees that somebody is named."""

import pytest

from projects.sources.eyes import Eyes, eyes_of

ALL, SOME = Eyes(sees_people=True), Eyes(sees_people=False)


@pytest.mark.django_db
def test_finance_and_the_auditor_see_people_and_nobody_else(fiona, audrey, carol, olga):
    assert [eyes_of(reader).sees_people for reader in (fiona, audrey, carol, olga)] == [True, True, False, False]


def test_free_text_keeps_its_domain_and_loses_its_person():
    assert ALL.text("/users/ann@example.com/key") == "/users/ann@example.com/key"
    assert SOME.text("/users/ann@example.com/key") == "/users/masked@example.com/key"
    assert SOME.text(None) == ""


def test_the_name_of_an_account_that_is_a_key_is_an_alias():
    assert SOME.account("ann's key", is_key=True) == "masked"
    assert SOME.account("Production", is_key=False) == "Production"
    assert SOME.account(None, is_key=True) == ""
    assert ALL.account("ann's key", is_key=True) == "ann's key"


@pytest.mark.parametrize("words", ["Tag user = ann to AI-031", "Rule 4: Tag user ann"])
def test_a_sentence_says_no_value_of_a_tag_that_names_people(words):
    assert SOME.sentence(words, tag_key="user", value="ann") == words.replace("ann", "masked")
    assert SOME.sentence(words, tag_key="team", value="ann") == words
    assert ALL.sentence(words, tag_key="user", value="ann") == words


def test_what_is_hidden_is_in_no_address():
    assert SOME.hides("ann@example.com")
    assert not SOME.hides("prod")
    assert not SOME.hides(None)
    assert not ALL.hides("ann@example.com")


def test_rows_and_cells_are_looked_into():
    row = {"username": "ann", "Tags": '{"user_email": "a@b.example"}'}

    assert SOME.row(row) == {"username": "masked", "Tags": '{"user_email": "masked"}'}
    assert ALL.row(row) == row
    assert SOME.cell("user_email", "x") == "masked"
