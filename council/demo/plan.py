"""The sample portfolio and its days, moved to the seed's clock."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from django.conf import settings

SAMPLE_TODAY = date(2026, 11, 19)
LAG_DAYS = 3
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov")
STAGES = ("concept", "mvp", "pilot", "launch", "scale", "sunset")


@dataclass(frozen=True)
class Plan:
    """Today's date, and the sample as the file has it. The sample's November is the month of the newest cost data."""

    today: date

    @cached_property
    def sample(self) -> dict[str, Any]:
        """Return fixtures/demo/portfolio.json."""
        path = settings.BASE_DIR / "fixtures" / "demo" / "portfolio.json"
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return loaded

    @cached_property
    def initiatives(self) -> list[dict[str, Any]]:
        """Return the twelve initiatives in the order of their keys."""
        return sorted(self.sample["initiatives"], key=lambda row: str(row["code"]))

    @property
    def data_to(self) -> date:
        """Return the newest day with cost data."""
        return self.today - timedelta(days=LAG_DAYS)

    @cached_property
    def months(self) -> list[date]:
        """Return the first days of the sample's eleven months."""
        firsts, day = [], self.data_to.replace(day=1)
        for _ in MONTHS:
            firsts.append(day)
            day = (day - timedelta(days=1)).replace(day=1)
        return firsts[::-1]

    def month(self, name: str) -> date:
        """Return the first day of a month that the sample names."""
        return self.months[MONTHS.index(name)]

    def month_end(self, first: date) -> date:
        """Return the last day with data in a month."""
        following = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
        return min(following - timedelta(days=1), self.data_to)

    def moved(self, text: str) -> date:
        """Return a day of the sample such as "4 Dec 2026", as far from today as it was from the sample's meeting."""
        return self.today + (datetime.strptime(text, "%d %b %Y").date() - SAMPLE_TODAY)

    def days_ago(self, days: int, hour: int = 9) -> datetime:
        """Return an hour of a day before today, in UTC."""
        return moment(self.today - timedelta(days=days), hour)


def moment(day: date, hour: int = 9) -> datetime:
    """Return an hour of a day in UTC."""
    return datetime.combine(day, time(hour), UTC)


def stage_of(milestone: str, otherwise: str) -> str:
    """Return the stage that a tranche's milestone names, the latest where it names two."""
    words = milestone.lower()
    named = [stage for stage in STAGES if stage in words]
    return named[-1] if named else otherwise


def media_folder() -> Any:
    """Return where the demo's own bills are written before they are imported."""
    folder = settings.TOLLGATE_HOME / "demo-bills"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
