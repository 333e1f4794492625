"""What a check may look at: plain figures and words, None where nothing is known."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class ShortlistFacts:
    """The models of a shortlist, how many of them have a price, and what the shortlist lacks."""

    models: tuple[str, ...]
    priced: int
    lacks: tuple[str, ...]


@dataclass(frozen=True)
class CardFacts:
    """A KPI card: what it lacks, and its proving values from oldest to newest, with the start of each period."""

    name: str
    measures: str
    gaps: tuple[str, ...]
    periods: tuple[tuple[date, date], ...] = ()
    values: tuple[Decimal, ...] = ()
    target: Decimal | None = None
    target_volume: Decimal | None = None
    floor: Decimal | None = None


@dataclass(frozen=True)
class LimitFacts:
    """A guardrail or agent limit: is it filled, is its proof fresh, did the last proof fail, and what it said."""

    code: str
    title: str
    is_filled: bool
    is_proved: bool
    has_failed: bool = False
    note: str = ""


@dataclass(frozen=True)
class QualityFacts:
    """A quality gate's standing by proven readings: passed, failed, no_reading or unknown."""

    metric: str
    verdict: str
    figure: str = ""


@dataclass(frozen=True)
class ViabilityFacts:
    """Unit cost and unit value in the same money, now and at target volume."""

    cost_now: Decimal
    value: Decimal
    cost_at_target: Decimal | None = None

    @property
    def is_viable(self) -> bool | None:
        """Say whether an outcome costs less than it is worth, now and at target; None while one of them is unknown."""
        if self.cost_now >= self.value:
            return False
        return None if self.cost_at_target is None else self.cost_at_target < self.value


@dataclass(frozen=True)
class Limits:
    """The policy fields that checks hold figures against."""

    coverage_percent: Decimal
    verified_share_percent: Decimal
    stable_percent: Decimal


@dataclass(frozen=True)
class Facts:
    """Everything known about an initiative on a day."""

    limits: Limits
    names: dict[str, str] = field(default_factory=dict)
    shortlist: ShortlistFacts | None = None
    estimate: tuple[Decimal, Decimal, Decimal] | None = None
    baseline_days: int | None = None
    baseline_cost: Decimal | None = None
    cards: tuple[CardFacts, ...] = ()
    guardrails: tuple[LimitFacts, ...] = ()
    agent_limits: tuple[LimitFacts, ...] = ()
    coverage: Decimal | None = None
    coverage_note: str = ""
    verified: Decimal | None = None
    frozen: Decimal | None = None
    post_decision_held_on: date | None = None
    reviews_met: tuple[bool | None, ...] = ()
    quality: tuple[QualityFacts, ...] = ()
    viability: ViabilityFacts | None = None
    sunset_criteria_met: bool | None = None
    sunset_words: str = ""

    def card(self, measures: str) -> CardFacts | None:
        """Return the card that measures one thing, or None."""
        return next((card for card in self.cards if card.measures == measures), None)
