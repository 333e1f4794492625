import pytest
from babel.core import get_global

from projects.sources.readers.currencies import CODES


def test_every_code_is_three_capital_letters() -> None:
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in CODES)
    assert 160 < len(CODES) < 190


def test_the_tender_of_every_country_today_is_known() -> None:
    today = {
        code
        for history in get_global("territory_currencies").values()
        for code, _, end, tender in history
        if end is None and tender
    }

    assert today - CODES <= {"CUC", "ZWL", "ANG", "HRK", "BGN", "SLL", "ZWG", "CNH"}


@pytest.mark.parametrize("code", ["XXX", "XTS", "XAU", "BTC", "DEM", "Token", "usd", ""])
def test_what_is_no_money_today_is_unknown(code: str) -> None:
    assert code not in CODES
