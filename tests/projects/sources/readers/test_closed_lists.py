import pytest

from projects.sources.readers.closed_lists import CHARGE_CATEGORIES, FOLDED, SERVICE_CATEGORIES
from projects.sources.readers.schema import CANONICAL


def test_focus_knows_nineteen_service_categories_and_five_charge_categories() -> None:
    assert len(SERVICE_CATEGORIES) == len(set(SERVICE_CATEGORIES)) == 19
    assert len(CHARGE_CATEGORIES) == 5


@pytest.mark.parametrize(
    ("column", "written", "spelled"),
    [
        ("charge_frequency", "usage-based", "Usage-Based"),
        ("charge_frequency", "one-time", "One-Time"),
        ("charge_class", "correction", "Correction"),
        ("service_category", "ai and machine learning", "AI and Machine Learning"),
        ("commitment_discount_status", "unused", "Unused"),
        ("charge_category", "tax", "Tax"),
    ],
)
def test_a_word_is_found_by_its_small_letters(column: str, written: str, spelled: str) -> None:
    assert FOLDED[column][written] == spelled
    assert column in CANONICAL
