"""What the spend explorer is asked: grouped by what, of which days, in which currency, narrowed by what the words say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from projects.attribution.layers import UNCLASSIFIED
from projects.spend.narrowing import UNCLAIMED, Narrowing

_MONTHS = "projects_spendmonth"
_DAYS = "(SELECT *, date_trunc('month', charge_on)::date AS month FROM projects_spendday)"
BY = {
    "layer": "Layer",
    "initiative": "Initiative",
    "team": "Team",
    "model": "Model",
    "unit": "Business unit",
    "service": "Technology",
    "provider": "Provider",
    "source": "Source",
    "environment": "Environment",
    "purpose": "Purpose",
    "month": "Month",
    "day": "Day",
}
IN_TIME = ("month", "day")
LAYER_NAMES = {
    "api_model": "Model API",
    "platform": "Platform and orchestration",
    "infrastructure": "Infrastructure",
    "embedded_saas": "Embedded AI in software",
    "harness": "Harness",
    UNCLASSIFIED: "Unclassified",
    UNCLAIMED: "Unclaimed",
}


@dataclass(frozen=True)
class Question:
    """What the page shows: grouped by what, of which days, in one currency, narrowed by what the words say."""

    by: str
    since: date
    on: date
    currency: str
    words: Mapping[str, str] = field(default_factory=dict)
    is_converted: bool = False

    @property
    def narrowing(self) -> Narrowing:
        """Return which charges the whole answer adds up."""
        return Narrowing(self.since, self.on, "" if self.is_converted else self.currency, self.words)

    @property
    def is_daily(self) -> bool:
        """Say whether days are told apart: inside one month."""
        return self.by == "day" or (self.since.year, self.since.month) == (self.on.year, self.on.month)

    @property
    def is_stacked_by_layer(self) -> bool:
        """Say whether the chart tells layers apart: where rows are the initiatives of layers, or times themselves."""
        return self.by in {"layer", *IN_TIME}

    @property
    def rollup(self) -> tuple[str, str]:
        """Return the rollup that answers and its column of time."""
        return (_DAYS, "m.charge_on") if self.is_daily else (_MONTHS, "m.month")
