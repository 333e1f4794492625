"""Tags under the keys that rules compare, with the texts that stand in the file."""

import pytest

from projects.sources.tags import comparable_key, tag_index


@pytest.mark.parametrize(
    "key", ["costcenter", " Cost Center", "cost_center", "user:CostCenter", "resourceTags/user:cost-center"]
)
def test_spellings_of_one_key_compare_alike(key: str) -> None:
    assert comparable_key(key) == "costcenter"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (" claims ", "claims"),
        (True, "true"),
        (None, ""),
        (7, "7"),
        (["a", None], '["a", null]'),
        ({"a": True}, '{"a": true}'),
    ],
)
def test_values_are_texts_and_structures_stay_json(value: object, text: str) -> None:
    assert tag_index({"Team": value}) == {"team": text}
