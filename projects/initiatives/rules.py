"""Which stage follows which, and what tier of risk three classifications make."""

from collections.abc import Sequence

STAGES = ("concept", "mvp", "pilot", "launch", "scale", "sunset")
LEVELS = ("low", "medium", "high")
STAGE_MOVES = (
    ("concept", "mvp"),
    ("mvp", "pilot"),
    ("pilot", "launch"),
    ("launch", "scale"),
    ("pilot", "sunset"),
    ("launch", "sunset"),
    ("scale", "sunset"),
)
JOIN_MOVES = (("asked", "accepted"), ("asked", "declined"))
CONDITION_MOVES = (("active", "on_hold"), ("on_hold", "active"), ("active", "closed"), ("on_hold", "closed"))


def next_stage(stage: str) -> str | None:
    """Return the stage that follows, or None after Scale, whose way on is Sunset by its own gate, and after Sunset."""
    position = STAGES.index(stage)
    return STAGES[position + 1] if position < STAGES.index("scale") else None


def gate_number(stage: str) -> int:
    """Return the number of the gate that leads out of a stage: G1 out of Concept."""
    return STAGES.index(stage) + 1


def risk_tier(levels: Sequence[str]) -> str:
    """Return the highest of risk, data sensitivity and criticality; unset levels count as low."""
    known = [level for level in levels if level in LEVELS]
    return max(known, key=LEVELS.index, default="low")
