"""When a milestone is missed, and how many misses stand in a row."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import takewhile

MOVES = (
    ("planned", "delivered"),
    ("delivered", "planned"),
    ("delivered", "accepted"),
    ("planned", "cancelled"),
    ("delivered", "cancelled"),
)
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Baseline:
    """A due date and the day on which a decision set it."""

    due_on: date
    set_on: date


@dataclass(frozen=True)
class MilestoneFacts:
    """What the rule needs of a milestone; every date in the initiative's time zone, baselines oldest first."""

    sequence: int
    name: str
    baselines: tuple[Baseline, ...]
    delivered_on: date | None = None
    accepted_on: date | None = None
    is_reworked: bool = False
    cancelled_on: date | None = None


@dataclass(frozen=True)
class Hold:
    """A spell on hold: from the first day on, up to but not including the last; open while ``until`` is None."""

    since: date
    until: date | None = None


@dataclass(frozen=True)
class Miss:
    """One promise not kept: the date it was held against, and the last day that would have kept it."""

    sequence: int
    name: str
    due_on: date
    deadline_on: date

    @property
    def missed_on(self) -> date:
        """Return the first day on which it counted as missed."""
        return self.deadline_on + ONE_DAY


@dataclass(frozen=True)
class MissedRun:
    """The misses that stand in a row on a day, oldest first."""

    misses: tuple[Miss, ...]

    @property
    def length(self) -> int:
        """Return how many misses there are in a row."""
        return len(self.misses)

    @property
    def milestones(self) -> tuple[str, ...]:
        """Return the names of the milestones in the run, each once, in order."""
        return tuple(dict.fromkeys(miss.name for miss in self.misses))

    @property
    def last_missed_on(self) -> date | None:
        """Return the day of the newest miss, or None when nothing is missed."""
        return max((miss.missed_on for miss in self.misses), default=None)


def missed_run(
    milestones: Iterable[MilestoneFacts], *, on: date, grace_days: int, next_miss_days: int, holds: Sequence[Hold] = ()
) -> MissedRun:
    """Return the misses in a row at the end of a day, ordered by baselined due date, then sequence.

    A date kept breaks the run; a milestone that is undue or cancelled does neither. Missing a re-baselined date, or
    staying unaccepted for ``next_miss_days`` more, is the next miss. Days on hold do not count.
    """
    outcomes = [
        outcome
        for milestone in milestones
        if milestone.cancelled_on is None or milestone.cancelled_on > on
        for outcome in _outcomes(milestone, on, grace_days, next_miss_days, holds)
    ]
    outcomes.sort(key=lambda outcome: (outcome[0], outcome[1]))
    row = takewhile(lambda outcome: outcome[2] is not None, reversed(outcomes))
    return MissedRun(tuple(reversed([miss for _, _, miss in row if miss is not None])))


def _outcomes(
    milestone: MilestoneFacts, on: date, grace_days: int, next_miss_days: int, holds: Sequence[Hold]
) -> Iterator[tuple[date, int, Miss | None]]:
    """Yield each promise that fell due by a day: its date, its sequence, and the miss or None where it was kept."""
    done_on = kept_on(milestone, on)
    for position, baseline in enumerate(milestone.baselines):
        if baseline.set_on > on:
            return
        later = milestone.baselines[position + 1 : position + 2]
        moved_on = later[0].set_on if later and later[0].set_on <= on else None
        due_on = baseline.due_on
        while due_on <= on:
            deadline = deadline_on(due_on, baseline.set_on, grace_days, holds, on)
            if done_on is not None and done_on <= deadline:
                if due_on == baseline.due_on and moved_on is None:
                    yield due_on, milestone.sequence, None
                break
            if deadline >= on or (moved_on is not None and moved_on <= deadline):
                break
            yield due_on, milestone.sequence, Miss(milestone.sequence, milestone.name, due_on, deadline)
            due_on += timedelta(days=next_miss_days)


def kept_on(milestone: MilestoneFacts, on: date) -> date | None:
    """Return the day that counts for a milestone accepted by a day: its delivery, or after rework its acceptance."""
    if milestone.accepted_on is None or milestone.accepted_on > on:
        return None
    return milestone.accepted_on if milestone.is_reworked else milestone.delivered_on or milestone.accepted_on


def deadline_on(due_on: date, set_on: date, grace_days: int, holds: Sequence[Hold], on: date) -> date:
    """Return the last day that keeps a due date: the date, its grace, and every day on hold since it was set."""
    deadline = due_on + timedelta(days=grace_days)
    for hold in sorted(holds, key=lambda spell: spell.since):
        since, until = max(hold.since, set_on), min(hold.until or on + ONE_DAY, on + ONE_DAY)
        if since <= deadline and since < until:
            deadline += until - since
    return deadline
