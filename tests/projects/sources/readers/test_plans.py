import pytest

from projects.sources.readers.interface import NO_MAPPING
from projects.sources.readers.plans import Clues, Header, Kind, Plan

HEADER = Header((" BilledCost ", "billedcost", "Tags", "x_CostCenter"))


def kind(**words: tuple[str, ...]) -> Kind:
    return Kind("k", "Kind", "fact", lambda header, mapping: Plan({}), **words)


def test_columns_are_found_whatever_their_case_and_space_and_the_first_of_two_counts() -> None:
    assert HEADER.find("BILLEDCOST") == " BilledCost "
    assert HEADER.find("none", "tags") == "Tags"
    assert HEADER.find("none") is None


def test_spaces_hyphens_underscores_and_slashes_inside_a_name_do_not_matter_unless_both_spellings_are_there() -> None:
    assert Header(("Billed Cost", "unit-of measure")).has("BilledCost", "UnitOfMeasure")
    assert Header(("Billed Cost", "billedcost")).find("BilledCost") == "billedcost"
    assert Header(("billed_cost",)).find("BilledCost") == "billed_cost"
    assert Header(("billed_cost", "BilledCost")).find("BilledCost") == "BilledCost"
    assert Header(("lineitem_intervalusagestart",)).has("lineItem/intervalUsageStart")
    assert Header(("billed.cost",)).find("BilledCost") is None


@pytest.mark.parametrize(
    ("names", "there"), [(("tags",), True), (("tags", "x_costcenter"), True), (("tags", "a"), False), ((), True)]
)
def test_all_names_must_be_there(names: tuple[str, ...], there: bool) -> None:
    assert HEADER.has(*names) == there


def test_each_canonical_column_takes_the_first_of_its_names() -> None:
    taken = HEADER.take({"tags": ("labels", "tags"), "billed_cost": ("BilledCost",), "model": ("model",)})

    assert taken == {"tags": "Tags", "billed_cost": " BilledCost "}


@pytest.mark.parametrize(
    ("words", "clues", "carried"),
    [
        ({}, Clues(), True),
        ({"file_words": ("amortised",)}, Clues("May-AMORTISED.csv"), True),
        ({"file_words": ("amortised",)}, Clues("may.csv", "amortised"), False),
        ({"text_words": ("gateway", "proxy")}, Clues("a.csv", "the proxy wrote"), True),
        ({"text_words": ("gateway",)}, Clues("gateway.csv", ""), False),
        ({"file_words": ("a",), "text_words": ("b",)}, Clues("a", "b"), True),
        ({"file_words": ("a",), "text_words": ("b",)}, Clues("a", ""), False),
        ({"file_words": ("a",), "text_words": ("b",), "either": True}, Clues("a", ""), True),
        ({"file_words": ("a",), "text_words": ("b",), "either": True}, Clues("", "b"), True),
        ({"file_words": ("a",), "text_words": ("b",), "either": True}, Clues("", ""), False),
    ],
)
def test_a_kind_is_carried_by_the_words_it_asks_for(
    words: dict[str, tuple[str, ...]], clues: Clues, carried: bool
) -> None:
    assert clues.carry(kind(**words)) == carried


def test_a_kind_that_says_nothing_claims_nothing() -> None:
    silent = kind()

    assert silent.version(HEADER) is None
    assert not silent.claims({})
    assert list(silent.records({})) == []
    assert silent.remarks({}) == ()
    assert silent.plan(HEADER, NO_MAPPING) == Plan({})
