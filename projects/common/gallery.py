"""Made-up figures for the component gallery: the hard cases of each component side by side."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from projects.common.marks.bullets import Budget
from projects.common.marks.columns import Part, Stack, mix_bar, monthly_columns
from projects.common.marks.ladder import Ask, Ladder, Rung, funding_ladder
from projects.common.marks.lines import Course, Reading, UnitCost, spend_against_value, unit_cost_lines
from projects.common.marks.rows import Milestone, Pair, milestone_rows, raised_strip, spend_and_value_rows

LIMIT = Decimal("1.15")
MONTHS = [date(2026, month, 1) for month in range(1, 12)]


def _budget(name: str, spent: int, approved: int, forecast: int | None, seen_to: date | None = None) -> Budget:
    return Budget(
        name,
        Decimal(approved),
        Decimal(spent),
        LIMIT,
        None if forecast is None else Decimal(forecast),
        seen_to,
    )


BUDGETS = {
    "Under approval": _budget("Claims triage assistant", 1_286_400, 1_420_000, 1_398_000),
    "Over, within limit": _budget("Invoice matching and exceptions", 352_900, 315_000, 371_000),
    "Over the limit": _budget("Fraud network detection", 636_480, 520_000, 694_000),
    "Far beyond the scale": _budget("Marketing content studio", 998_500, 240_000, 1_200_000),
    "No data": _budget("Branch cash demand forecasting", 71_200, 150_000, None, date(2026, 11, 2)),
    "No budget yet": _budget("Contract clause redlining", 0, 0, None),
    "Approved, unspent": _budget("Voice-of-customer theme mining", 0, 25_000, 25_000),
}
LONG_NAME = (
    "Underwriting document extraction for commercial property and specialty lines (EMEA and APAC shared service)"
)


def _course() -> Course:
    spent = (120, 340, 630, 1010, 1450, 1940, 2505, 3130, 3820, 4550, 5025)
    value = (45, 120, 225, 410, 770, 1330, 2100, 3060, 4210, 5550, 6631)
    approved = (460, 740, 1180, 1860, 2270, 2730, 3550, 4250, 5590, 5610, 5610)
    ends = [*(month - timedelta(days=1) for month in MONTHS[1:]), date(2026, 11, 16)]
    thousand = Decimal(1000)
    readings = [
        Reading(on, spend * thousand, worth * thousand) for on, spend, worth in zip(ends, spent, value, strict=True)
    ]
    return Course(
        first=date(2026, 1, 1),
        months=12,
        readings=readings,
        approvals=[(month, amount * thousand) for month, amount in zip(MONTHS, approved, strict=True)],
        forecast=(date(2026, 12, 31), Decimal(5_595_000)),
        envelope=("FY26 envelope", Decimal(6_800_000)),
    )


def _ladder() -> Ladder:
    monthly = (18, 40, 82, 134, 193, 267, 356, 459, 571, 636)
    ends = [*(date(2026, month, 28) for month in range(2, 11)), date(2026, 11, 16)]
    return Ladder(
        name="Fraud network detection",
        first=date(2026, 1, 1),
        months=13,
        rungs=[
            Rung("T1", date(2026, 2, 1), Decimal(40_000), Decimal(40_000)),
            Rung("T2", date(2026, 4, 1), Decimal(130_000), Decimal(170_000)),
            Rung("T3", date(2026, 7, 1), Decimal(200_000), Decimal(370_000)),
            Rung("T4", date(2026, 9, 1), Decimal(150_000), Decimal(520_000)),
        ],
        readings=[(on, Decimal(amount * 1000)) for on, amount in zip(ends, monthly, strict=True)],
        limit=Decimal(598_000),
        ask=Ask("T5", date(2026, 11, 20), date(2026, 12, 18), Decimal(148_000)),
    )


def _stack() -> Stack:
    def part(kind: str, name: str, short: str, *thousands: int) -> Part:
        return Part(kind, name, short, [Decimal(amount * 1000) for amount in thousands])

    return Stack(
        first=date(2026, 1, 1),
        until=date(2026, 11, 16),
        parts=[
            part("l1", "Model API", "Model API", 34, 74, 97, 135, 162, 183, 212, 237, 264, 281, 185),
            part("l2", "Platform and orchestration", "Platform", 19, 41, 53, 74, 88, 99, 118, 132, 148, 158, 98),
            part("l3", "Infrastructure", "Infrastructure", 14, 32, 41, 56, 67, 79, 93, 106, 118, 126, 73),
            part("l4", "Embedded AI in software", "Embedded AI", 56, 73, 96, 113, 122, 129, 141, 148, 159, 167, 118),
            part("ln", "Unclaimed", "Unclaimed", 18, 21, 25, 28, 32, 36, 41, 46, 52, 58, 33),
        ],
    )


def _unit() -> UnitCost:
    costs = [Decimal(829), Decimal(588), Decimal(431), None, Decimal(268)]
    months = [date(2026, month, 1) for month in range(7, 12)]
    return UnitCost("confirmed fraud case", list(zip(months, costs, strict=True)), Decimal(392))


def _pairs() -> list[Pair]:
    rows = [
        ("Claims triage assistant", 1286, 2940),
        ("Contact-centre agent assist", 742, 910),
        ("Fraud network", 636, 415),
    ]
    return [Pair(name, Decimal(spent * 1000), Decimal(value * 1000)) for name, spent, value in rows]


def _milestones() -> list[Milestone]:
    return [
        Milestone("Concept proof on 2025 cases", date(2026, 3, 17), date(2026, 3, 15)),
        Milestone("MVP recall at or above 70%", date(2026, 6, 12), date(2026, 6, 17)),
        Milestone("Precision at or above 92%", date(2026, 12, 4), expected_on=date(2026, 12, 4)),
    ]


def charts() -> dict[str, Any]:
    """Make the charts of the gallery."""
    shares = [("l1", Decimal(37)), ("l2", Decimal(21)), ("l3", Decimal(16)), ("l4", Decimal(18)), ("ln", Decimal(8))]
    return {
        "course": spend_against_value(_course()),
        "ladder": funding_ladder(_ladder()),
        "columns": monthly_columns(_stack()),
        "unit": unit_cost_lines(_unit()),
        "mix": mix_bar(shares, "Model API 37%, platform 21%, infrastructure 16%, embedded AI 18%, unclaimed 8%"),
        "pairs": spend_and_value_rows(_pairs()),
        "milestones": milestone_rows(_milestones(), date(2026, 1, 1), 13, date(2026, 11, 16)),
        "raised": raised_strip(
            MONTHS[0], [("Version 7", "k1", [0] * 10 + [3]), ("Draft 8", "k2", [0] * 5 + [1, 0, 0, 0, 1, 3])]
        ),
        "rising": [Decimal(amount) for amount in (7, 29, 39, 53, 66, 74, 81, 90, 97, 102)],
        "falling": [Decimal(amount) for amount in (100, 101, 98, 90, 79, 62, 49, 39, 29, 20)],
    }
