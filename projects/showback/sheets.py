"""A statement as rows of a sheet: every figure of its page, exact."""

from collections.abc import Iterator

from projects.common.cells import safe_cell
from projects.showback.selectors import Statement
from projects.spend.asking import LAYER_NAMES
from projects.spend.rules import exact_text

COLUMNS = ("team", "month", "part", "key", "name", "application", "currency", "effective_cost", "token_share")


def statement_rows(told: Statement) -> Iterator[list[str]]:
    """Yield the rows: cost by what it was for, the months before, unit figures, shares of tokens, and the total last."""
    start = [safe_cell(told.team.name), f"{told.month:%Y-%m}"]
    for part, answer in (
        ("initiative", told.by_initiative),
        ("model", told.by_model),
        ("environment", told.by_environment),
    ):
        for row in answer.all_rows:
            more = told.applications.get(row.key or "", "") if part == "initiative" else ""
            cells = [part, row.name if row.is_masked else row.key or "", row.name, more]
            yield [*start, *map(safe_cell, cells), told.currency, exact_text(row.total), ""]
    for layer, amount in told.layers:
        yield [*start, "layer", layer, LAYER_NAMES[layer], "", told.currency, exact_text(amount), ""]
    for month, amount in told.trend:
        yield [start[0], f"{month:%Y-%m}", "trend", "", "", "", told.currency, exact_text(amount), ""]
    for unit in told.units:
        figure = exact_text(unit.amount) if unit.amount is not None else f"n/a, because {unit.reason}"
        figure += f" to {exact_text(unit.most)}" if unit.most is not None else ""
        yield [*start, "unit", "", safe_cell(unit.label), "", told.currency, safe_cell(figure), ""]
    for tier, name, share in told.tier_lines:
        yield [*start, "tier", tier, name, "", "", "", exact_text(share)]
    if not told.tiers:
        yield [*start, "tier", "", "", "", "", "", f"n/a, because {told.NO_TOKENS}"]
    yield [*start, "total", "", "", "", told.currency, exact_text(told.total), ""]
