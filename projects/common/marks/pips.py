"""A stage as six pips, for paper."""

from decimal import Decimal

from projects.common.marks.shapes import Drawing, Rect, Shape, Text

STAGES = ("Concept", "MVP", "Pilot", "Launch", "Scale", "Sunset")


def stage_index(stage: str) -> int:
    """Give the place of a stage, by its word or its code; raise ValueError for anything else."""
    return [name.lower() for name in STAGES].index(stage.lower())


def stage_on_paper(stage: str) -> Drawing:
    """Draw the stages behind, the stage now, and the stages ahead, with the word."""
    now = stage_index(stage)
    shapes: list[Shape] = []
    for index in range(len(STAGES)):
        kind = "pip" if index < now else "pip-now" if index == now else "pip-later"
        tall = index == now
        shapes.append(Rect(kind, Decimal(index * 9), Decimal(2 if tall else 4), Decimal(7), Decimal(10 if tall else 6)))
    shapes.append(Text("t-b", Decimal(60), Decimal("11.5"), STAGES[now]))
    label = f"Stage {STAGES[now]}, {now + 1} of {len(STAGES)}"
    return Drawing(Decimal(106), Decimal(14), label, tuple(shapes), css="pip")
