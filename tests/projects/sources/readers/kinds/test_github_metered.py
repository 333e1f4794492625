from pathlib import Path

import pytest

from projects.sources.readers.interface import ColumnMapping
from tests.projects.sources.readers.samples import read

HEAD = (
    "Date,Product,SKU,Quantity,Unit Type,Price Per Unit ($),Multiplier,Owner,Repository Slug,Username,Actions Workflow,"
    "Notes"
)


@pytest.mark.parametrize(
    ("figures", "amount"),
    [("0.5,user-month,19.0,1.0", "9.500"), ("3,minute,0.008,2.0", "0.0480"), ("1,minute,$1e-05,1", "0.00001")],
)
def test_an_amount_is_quantity_times_price_times_multiplier(tmp_path: Path, figures: str, amount: str) -> None:
    path = tmp_path / "usage.csv"
    path.write_text(f"{HEAD}\n2024-01-02,Copilot,Copilot Business,{figures},acme,repo,anna,,\n")

    frame, reader = read(path)

    assert reader.recognised.kind == "github_metered"
    assert frame.select("billed_cost", "effective_cost", "billing_currency", "sub_account_id").row(0) == (
        amount,
        amount,
        "USD",
        "acme",
    )
    assert any("quantity times price" in note for note in reader.notes)


def test_a_factor_that_is_no_figure_is_refused_by_row(tmp_path: Path) -> None:
    path = tmp_path / "usage.csv"
    path.write_text(f"{HEAD}\n2024-01-02,Copilot,Business,many,seats,19,1,acme,,,,\n2024-01-02,A,B,,m,1,1,a,,,,\n")

    _, reader = read(path)

    assert {(problem.line, problem.value) for problem in reader.problems} == {(2, "many"), (3, "")}
    assert (reader.totals.accepted_rows, reader.totals.refused_rows) == (0, 2)


@pytest.mark.parametrize("figures", ["9e999999,m,10,1", "1,m,1e999999999,1", "1e90,m,1e90,1", "1,m,inf,1"])
def test_factors_and_products_beyond_money_are_refused_by_row(tmp_path: Path, figures: str) -> None:
    path = tmp_path / "usage.csv"
    path.write_text(f"{HEAD}\n2024-01-02,Copilot,Business,{figures},acme,,,,\n")

    _, reader = read(path)

    assert (reader.totals.accepted_rows, reader.totals.refused_rows) == (0, 1)


def test_another_currency_may_come_from_the_mapping(tmp_path: Path) -> None:
    path = tmp_path / "usage.csv"
    path.write_text(f"{HEAD}\n2024-01-02,Copilot,Business,1,seats,19,1,acme,,,,\n")

    frame, _ = read(path, ColumnMapping(values={"currency": "EUR"}))

    assert frame["billing_currency"].to_list() == ["EUR"]
