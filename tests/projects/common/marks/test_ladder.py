from datetime import date
from decimal import Decimal

import pytest

from projects.common.marks.ladder import Ask, Ladder, Rung, funding_ladder, ladder_finding
from projects.common.marks.shapes import Rect, Text

RUNGS = [
    Rung("T1", date(2026, 2, 1), Decimal(40), Decimal(40)),
    Rung("T2", date(2026, 4, 1), Decimal(130), Decimal(170)),
]
ASK = Ask("T3", date(2026, 8, 1), date(2026, 9, 30), Decimal(100))


def ladder(spent=150, ask=None, rungs=RUNGS, limit=195):
    readings = [(date(2026, 3, 31), Decimal(30)), (date(2026, 6, 30), Decimal(spent))]
    return Ladder("Fraud", date(2026, 1, 1), 12, rungs, readings, Decimal(limit), ask)


def drawn(**more):
    return funding_ladder(ladder(**more)).wide


def texts(drawing):
    return [shape.words for shape in drawing.shapes if isinstance(shape, Text)]


def test_each_step_begins_on_its_start_date_and_ends_at_the_next():
    first, second = (shape for shape in drawn().shapes if shape.kind == "rung")

    assert first.x == 124
    assert first.x + first.width == second.x == 292
    assert second.x + second.width == 1048


def test_last_step_ends_where_the_ask_begins():
    last = [shape for shape in drawn(ask=ASK).shapes if shape.kind == "rung"][-1]
    ask = next(shape for shape in drawn(ask=ASK).shapes if shape.kind == "ask")

    assert last.x + last.width == ask.x


def test_ask_ends_at_its_milestone():
    ask = next(shape for shape in drawn(ask=ASK).shapes if shape.kind == "ask")

    assert ask.x + ask.width == 40 + 84 * 9


def test_ladder_without_an_ask_promises_nothing():
    assert not [word for word in texts(drawn()) if word.startswith("If approved")]


@pytest.mark.parametrize(("spent", "kind"), [(195, "sdot"), (Decimal("195.01"), "odot")])
def test_end_of_spend_turns_red_strictly_above_the_limit(spent, kind):
    assert kind in [shape.kind for shape in drawn(spent=spent).shapes]


def test_narrow_steps_are_labelled_by_their_key():
    words = texts(funding_ladder(ladder()).narrow)

    assert "T1" in words
    assert "T1 $40" not in words


def test_ladder_before_the_first_tranche_shows_no_step():
    shapes = funding_ladder(ladder(rungs=[], ask=ASK)).wide.shapes

    assert not [shape for shape in shapes if isinstance(shape, Rect) and shape.kind == "rung"]
    assert "approved" not in [shape.kind for shape in shapes]


def test_finding_names_tranches_spend_and_ask():
    assert ladder_finding(ladder(ask=ASK)) == "Fraud: approved $170 in 2 tranches, spent $150; T3 of $100 asked"
