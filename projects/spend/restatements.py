"""What a delivery brought and left out, and what it moved: initiatives, months, and whatever was decided on old figures."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from projects.sources.models import Delivery


@dataclass(frozen=True)
class Moved:
    """One initiative and month whose cost a delivery changed; `initiative` is None for what nobody owns."""

    initiative: str | None
    month: str
    currency: str
    before: Decimal
    after: Decimal

    @property
    def difference(self) -> Decimal:
        """Return after less before."""
        return self.after - self.before


@dataclass(frozen=True)
class Frozen:
    """Something that was decided or raised on figures that would differ now; it does not change by itself."""

    kind: str
    key: str
    url: str
    what: str
    then: Decimal
    now: Decimal
    currency: str


@dataclass(frozen=True)
class Restatement:
    """What a replacing delivery moved, and what stands on figures of before."""

    moved: Sequence[Moved]
    frozen: Sequence[Frozen]


_sources: list[Callable[[Delivery, Sequence[str]], list[Frozen]]] = []


def add_frozen_source(source: Callable[[Delivery, Sequence[str]], list[Frozen]]) -> None:
    """Let a higher package name what it froze for some initiatives, by their keys, before a delivery came."""
    if source not in _sources:
        _sources.append(source)


def restatement(delivery: Delivery) -> Restatement:
    """Return what a delivery moved, and what was frozen on other figures than would stand now."""
    moved = [
        Moved(line["initiative"], line["month"], line["currency"], Decimal(line["before"]), Decimal(line["after"]))
        for line in delivery.moved
    ]
    keys = sorted({line.initiative for line in moved if line.initiative})
    return Restatement(moved, [found for source in _sources for found in source(delivery, keys)])


def delivered_sides(delivery: Delivery) -> list[tuple[str, int, list[tuple[str, dict[str, Any]]]]]:
    """Return accepted and refused rows with their money by currency; together they are all of the file."""
    return [
        ("Loaded", delivery.accepted, list(delivery.totals.items())),
        ("Left out", delivery.refused, list(delivery.refused_totals.items())),
    ]
