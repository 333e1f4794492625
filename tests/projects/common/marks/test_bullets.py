from datetime import date
from decimal import Decimal

import pytest

from projects.common.marks.bullets import Budget, bullet, bullet_large, finding, progress, way_to_target
from projects.common.marks.shapes import Line, Rect, Text


def budget(spent, approved=100, forecast=None, seen_to=None, limit="1.15"):
    amounts = [None if amount is None else Decimal(amount) for amount in (approved, spent, forecast)]
    return Budget("Fraud", amounts[0], amounts[1], Decimal(limit), amounts[2], seen_to)


def bars(drawing):
    return {shape.kind: shape for shape in drawing.shapes if isinstance(shape, Rect)}


def words(drawing):
    return [shape.words for shape in drawing.shapes if isinstance(shape, Text)]


def test_ticks_of_every_row_line_up_at_the_same_share():
    small, large = bars(bullet(budget(10))), bars(bullet(budget(900_000, 1_000_000)))

    assert small["tick"].x == large["tick"].x == Decimal("71.43")
    assert small["lim"].x == large["lim"].x == Decimal("82.14")


@pytest.mark.parametrize(("spent", "over"), [("99.99", None), ("100", None), ("101", Decimal("0.71"))])
def test_red_begins_above_approval(spent, over):
    drawn = bars(bullet(budget(spent)))

    assert (drawn["over"].width if "over" in drawn else None) == over


@pytest.mark.parametrize("spent", ["140", "141", "500"])
def test_bars_end_with_the_scale(spent):
    drawn = bars(bullet(budget(spent)))

    assert drawn["over"].x + drawn["over"].width == 100


def test_limit_beyond_the_scale_still_fits():
    drawn = bars(bullet(budget(10, limit="1.60")))

    assert drawn["lim"].x < 100


def test_forecast_reaches_from_spend_to_its_cap():
    drawn = bars(bullet(budget(50, forecast=80)))

    assert drawn["fc"].x == drawn["spend"].width
    assert drawn["fcap"].x == drawn["fc"].x + drawn["fc"].width


@pytest.mark.parametrize("forecast", [None, 50, 40])
def test_forecast_that_adds_nothing_is_left_out(forecast):
    assert "fc" not in bars(bullet(budget(50, forecast=forecast)))


def test_missing_data_are_hatched_and_hide_the_forecast():
    drawn = bars(bullet(budget(50, forecast=80, seen_to=date(2026, 11, 2))))

    assert drawn["gap"].hatched
    assert "fc" not in drawn


def test_no_budget_is_a_dotted_line():
    drawn = bullet(budget(0, approved=0))

    assert [type(shape) for shape in drawn.shapes] == [Line]


def test_taller_row_keeps_its_bars_in_the_middle():
    drawn = bars(bullet(budget(50), height=22))

    assert drawn["track"].y == 6
    assert drawn["tick"].y == 3


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        (budget(50), "Fraud: spent $50 of $100 approved"),
        (budget(50, forecast=80), "Fraud: spent $50 of $100 approved, forecast $80"),
        (budget(50, seen_to=date(2026, 11, 2)), "Fraud: spent $50 of $100 approved, no cost data since 2 Nov"),
        (budget(0, approved=0), "Fraud: no approved budget yet, nothing spent"),
        (budget(7, approved=0), "Fraud: no approved budget yet, $7 spent"),
    ],
)
def test_finding_is_stated_in_words(case, sentence):
    assert finding(case) == sentence


def test_labelled_bullet_names_every_part():
    drawn = bullet_large(budget(636_480, 520_000, 694_000)).wide

    assert words(drawn) == ["Approved $520k", "Limit +15% $598k", "Spent $636k, +22.4%", "Forecast $694k"]


def test_labelled_bullet_says_share_while_under_approval():
    drawn = bullet_large(budget(742_300, 860_000, 831_000)).wide

    assert "Spent $742k, 86.3% of approved" in words(drawn)


def test_labelled_bullet_says_what_is_seen_when_data_are_missing():
    drawn = bullet_large(budget(71_200, 150_000, None, date(2026, 11, 2))).wide

    assert "Seen to 2 Nov $71k" in words(drawn)


@pytest.mark.parametrize(("spent", "kind"), [("114.99", "t-b"), ("115", "t-b"), ("115.01", "t-over")])
def test_label_turns_red_strictly_above_the_limit(spent, kind):
    labels = [shape for shape in bullet_large(budget(spent)).wide.shapes if isinstance(shape, Text)]

    assert next(label.kind for label in labels if label.words.startswith("Spent")) == kind


@pytest.mark.parametrize("spent", ["0", "3", "40", "99", "120", "300"])
@pytest.mark.parametrize("forecast", ["101", "130", "310"])
def test_labels_stay_on_the_sheet_and_apart(spent, forecast):
    for drawn in (
        bullet_large(budget(spent, forecast=forecast)).wide,
        bullet_large(budget(spent, forecast=forecast)).narrow,
    ):
        spans = []
        for label in (shape for shape in drawn.shapes if isinstance(shape, Text)):
            width = Decimal("6.2") * len(label.words)
            start = label.x - width if label.anchor == "end" else label.x
            spans.append((label.y, start, start + width))
            assert start >= 0, label
            assert start + width <= drawn.width, label
        for index, (y, start, end) in enumerate(spans):
            for other_y, other_start, other_end in spans[index + 1 :]:
                assert y != other_y or end <= other_start or other_end <= start


def test_labelled_bullet_needs_an_approval():
    with pytest.raises(ValueError, match="approved"):
        bullet_large(budget(1, approved=0))


def test_compact_bullet_is_lower():
    assert bullet_large(budget(50), compact=True).wide.height < bullet_large(budget(50)).wide.height


def test_progress_never_passes_the_whole():
    drawn = progress([("ok", Decimal(80)), ("fg", Decimal(40))], Decimal(100), "120 of 100")

    assert [shape.width for shape in drawn.shapes] == [100, 80, 20]


def test_progress_of_nothing_is_empty():
    drawn = progress([("fg", Decimal(1))], Decimal(0), "nothing to do")

    assert drawn.shapes[1].width == 0


@pytest.mark.parametrize(("share", "width"), [("-0.2", 0), ("0.75", 75), ("1.3", 100)])
def test_way_to_target_stays_between_baseline_and_target(share, width):
    assert bars(way_to_target(Decimal(share), "75%"))["vfill"].width == width
