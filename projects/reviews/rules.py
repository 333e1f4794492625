"""Who is asked to review, and what verdicts together mean."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from projects.gates.template_rules import TOPIC_NAMES

REVIEW_MOVES = (
    ("open", "submitted"),
    ("open", "declined"),
    ("open", "superseded"),
    ("submitted", "superseded"),
)
TOPICS = tuple(TOPIC_NAMES)
BY_TIER = {
    "low": ("finops",),
    "medium": ("finops", "architecture"),
    "high": ("finops", "architecture", "security", "data"),
}


@dataclass(frozen=True)
class Routed:
    """A topic to be reviewed, and why."""

    topic: str
    why: str


def topics_for(
    *,
    risk_tier: str,
    criteria_topics: Collection[str],
    changed: Collection[str],
    sheets: Mapping[str, str] | None = None,
    has_dearer_tier: bool = False,
) -> list[Routed]:
    """Return the topics to review: by risk tier, by what gate and decision sheets ask, and by what changed."""
    reasons: dict[str, str] = {}
    for topic in BY_TIER[risk_tier]:
        reasons.setdefault(topic, f"risk tier {risk_tier}")
    if has_dearer_tier:
        reasons.setdefault("architecture", "a dearer model tier than the work needs is chosen")
    for topic, name in (sheets or {}).items():
        reasons.setdefault(topic, f"the decision sheet on {name.lower()} asks for it")
    for topic in criteria_topics:
        if topic:
            reasons.setdefault(topic, "the gate asks for it")
    if {"primary_provider", "fallback_provider", "purchase_mode"} & set(changed):
        reasons.setdefault("procurement", "the provider or the way of buying changed")
    if {"data_classification", "data_sensitivity"} & set(changed):
        reasons.setdefault("data", "the data classification changed")
    return [Routed(topic, reasons[topic]) for topic in TOPICS if topic in reasons]


def pick_reviewer(candidates: Iterable[tuple[int, int]], taken: Collection[int]) -> int | None:
    """Choose among (person, open reviews): who reviews nothing else here, then the fewest open, then the first."""
    ranked = sorted((person in taken, load, person) for person, load in candidates)
    return ranked[0][2] if ranked else None


@dataclass(frozen=True)
class Finding:
    """What the verdicts on one item mean together."""

    item: str
    answer: str
    reasons: tuple[str, ...]


def finding(item: str, verdicts: Iterable[tuple[str, str]]) -> Finding | None:
    """Sum up verdicts (answer, reason) on one item: a reject rejects, else an ask asks; None when nobody answered."""
    given = list(verdicts)
    if not given:
        return None
    answers = {answer for answer, _ in given}
    summed = "reject" if "reject" in answers else "ask" if "ask" in answers else "accept"
    return Finding(item, summed, tuple(reason for answer, reason in given if answer == summed and reason))


def spread(answers: Iterable[str]) -> dict[str, int]:
    """Count accept, ask and reject."""
    given = list(answers)
    return {answer: given.count(answer) for answer in ("accept", "ask", "reject")}


def must_return(musts: Mapping[str, Finding | None], recommendations: Collection[str]) -> list[str]:
    """Say why a request goes back: a must asked about or rejected, or a reviewer who says not ready."""
    reasons = [
        f"{item}: {' '.join(found.reasons)}"
        for item, found in musts.items()
        if found is not None and found.answer != "accept"
    ]
    if "not_ready" in recommendations:
        reasons.append("A reviewer finds the request not ready.")
    return reasons
