"""When a review of what was decided is due, and whether targets were met."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

REVIEWS = ("post_decision", "reassessment")
TOPICS = {
    "model_pricing": "Model pricing",
    "provider_performance": "Provider performance",
    "tier_policy": "Model-tier policy",
    "routing_logic": "Routing logic",
    "caching": "Caching performance",
    "retrieval_quality": "Retrieval quality",
    "prompt_growth": "Prompt growth",
    "context_size": "Context size",
    "utilisation": "Utilisation",
    "business_value": "Business value",
    "posture": "Security and compliance posture",
    "contracts": "Contract decisions ahead",
}


@dataclass(frozen=True)
class Timing:
    """The policy fields that say when reviews are due, in days."""

    post_decision: int
    reassessment: int
    draft_ahead: int


@dataclass(frozen=True)
class Course:
    """What an initiative went through: its stage, since when, whether a Go led there, and its reviews so far."""

    stage: str
    stage_since: date
    came_by_go: bool
    post_decision_begun: bool = False
    last_reassessment_on: date | None = None


def reviews_due(course: Course, timing: Timing, *, on: date) -> dict[str, date]:
    """Return the kinds of review whose draft is due on a day, each with the day on which it enters the agenda.

    A draft that comes late still leaves its owner the days that policy gives for it.
    """
    due: dict[str, date] = {}
    if course.stage in ("launch", "scale") and course.came_by_go and not course.post_decision_begun:
        due["post_decision"] = course.stage_since + timedelta(days=timing.post_decision)
    if course.stage == "scale":
        since = max(course.last_reassessment_on or course.stage_since, course.stage_since)
        due["reassessment"] = since + timedelta(days=timing.reassessment)
    ahead = timedelta(days=timing.draft_ahead)
    return {kind: max(day, on + ahead) for kind, day in due.items() if day - ahead <= on}


@dataclass(frozen=True)
class Target:
    """A KPI with its target and its latest proven reading, None where there is none."""

    name: str
    direction: str
    target: Decimal | None
    proven: Decimal | None

    @property
    def is_met(self) -> bool | None:
        """Say whether the target is reached, exactly at it included; None while either figure is missing."""
        if self.target is None or self.proven is None:
            return None
        return self.proven >= self.target if self.direction == "up" else self.proven <= self.target


def targets_met(targets: Iterable[Target]) -> bool | None:
    """Say whether every target is met: one miss is a miss, and what is not known is never taken for met."""
    found = [target.is_met for target in targets]
    if False in found:
        return False
    return True if found and None not in found else None


def missed_twice(found: Iterable[bool | None]) -> bool:
    """Say whether the last two reviews, from oldest to newest, both missed their targets; unknown breaks the run."""
    last = list(found)[-2:]
    return last == [False, False]
