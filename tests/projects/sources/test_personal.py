import json

import pytest

from projects.sources.personal import is_personal, masked, masked_row


@pytest.mark.parametrize(
    "name",
    [
        "user_email",
        "User Email",
        "username",
        "user",
        "end_user",
        "userId",
        "api_key_alias",
        "user_api_key_alias",
        "user_api_key_user_id",
        "tags/Oracle-Tags.CreatedBy",
        "metadata.user_api_key_user_email",
    ],
)
def test_names_of_people_are_known_by_their_column(name):
    assert is_personal(name)


@pytest.mark.parametrize(
    "name", ["resourceTags/user:CostCenter", "team_alias", "user_agent", "api_key", "x_UserCount", "owner", "service"]
)
def test_other_columns_name_nobody(name):
    assert not is_personal(name)


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        ("ann.lee@example.com", "masked@example.com"),
        ("from a+b@mail.example.org to nobody", "from masked@mail.example.org to nobody"),
        ("not-an-address@", "not-an-address@"),
        ("", ""),
        (None, None),
        (12, 12),
    ],
)
def test_addresses_are_masked_wherever_they_stand(value, seen):
    assert masked("note", value) == seen


def test_tags_are_masked_inside_and_stay_readable():
    tags = json.dumps({"team": "Claims", "user_email": "a@b.example", "more": [{"username": "ann"}, "x@y.example"]})

    assert json.loads(masked("Tags", tags)) == {
        "team": "Claims",
        "user_email": "masked",
        "more": [{"username": "masked"}, "masked@y.example"],
    }


def test_text_that_only_looks_like_json_is_text():
    assert masked("Tags", "{not json, a@b.example") == "{not json, masked@b.example"


def test_the_name_of_an_account_is_masked_where_the_account_is_a_key():
    row = {"BillingAccountName": "ann's key", "BillingAccountType": "API Key", "username": "ann"}

    assert masked_row(row)["BillingAccountName"] == "masked"
    assert masked_row({**row, "BillingAccountType": "Subscription"})["BillingAccountName"] == "ann's key"
    assert masked_row(row)["username"] == "masked"
