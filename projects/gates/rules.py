"""What a gate request needs: lawful moves, applicable criteria, readiness, and an ask that holds together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from projects.common.money import is_decided_amount
from projects.common.outcomes import Blocker

HARNESS = "harness"  # the part of an ask that pays for people, evaluation and review
OPEN = (
    "draft",
    "submitted",
    "readiness_check",
    "expert_review",
    "returned",
    "ready",
    "on_agenda",
    "stale",
    "with_board",
)
REQUEST_MOVES = (
    ("draft", "submitted"),
    ("submitted", "readiness_check"),
    ("readiness_check", "expert_review"),
    ("readiness_check", "decided"),
    ("expert_review", "returned"),
    ("returned", "submitted"),
    ("expert_review", "ready"),
    ("ready", "on_agenda"),
    ("on_agenda", "ready"),
    ("ready", "stale"),
    ("on_agenda", "stale"),
    ("stale", "readiness_check"),
    ("on_agenda", "with_board"),
    ("with_board", "decided"),
    ("on_agenda", "decided"),
    *((state, "withdrawn") for state in OPEN),
)
SATISFIED = frozenset({"proved", "waived"})
BEFORE_SUBMISSION = frozenset({"c", "e"})


def gate_of(kind: str, stage: str) -> str:
    """Return which part of the template a request answers to."""
    if kind == "advance":
        return stage
    if kind == "stay":
        return "scale" if stage == "scale" else "stay"
    return {"sunset": "sunset", "reassessment": "reassessment", "post_decision": "post_decision"}[kind]


def exempt_by(condition: Mapping[str, Sequence[str]], subject: Mapping[str, str]) -> str:
    """Name the rule by which a criterion does not apply, such as "autonomy is assistive"; empty where it applies."""
    for field, values in condition.items():
        if subject.get(field, "") not in values:
            return f"{field.replace('_', ' ')} is {subject.get(field) or 'not set'}, it applies to {', '.join(values)}"
    return ""


def proof_today(state: str, *, proved_on: date | None, fresh_days: int, waived_until: date | None, on: date) -> str:
    """Return a proof's state on a day: proved becomes stale after ``fresh_days``, a waiver ends after its last day."""
    if state == "proved" and proved_on is not None and on > proved_on + timedelta(days=fresh_days):
        return "stale"
    if state == "waived" and waived_until is not None and on > waived_until:
        return "unproved"
    return state


@dataclass(frozen=True)
class Line:
    """One criterion of a request on a day."""

    code: str
    text: str
    must: bool
    proof: str
    state: str
    owed_by: str
    figure: str = ""
    note: str = ""
    gate: str = ""

    @property
    def counts(self) -> bool:
        """Say whether it is an applicable must."""
        return self.must and self.state != "does_not_apply"

    @property
    def is_missing(self) -> bool:
        """Say whether it is a must that is neither proved nor waived."""
        return self.counts and self.state not in SATISFIED


@dataclass(frozen=True)
class Readiness:
    """All criteria of a request on a day."""

    lines: tuple[Line, ...]

    @property
    def musts(self) -> int:
        """Count the applicable musts."""
        return sum(line.counts for line in self.lines)

    @property
    def waived(self) -> int:
        """Count the waived musts, which are shown apart."""
        return sum(line.counts and line.state == "waived" for line in self.lines)

    @property
    def satisfied(self) -> int:
        """Count the musts proved or waived."""
        return sum(line.counts and line.state in SATISFIED for line in self.lines)

    @property
    def ratio(self) -> Decimal | None:
        """Return (proved + waived) ÷ applicable musts, or None where there are no musts."""
        return Decimal(self.satisfied) / self.musts if self.musts else None

    @property
    def missing(self) -> tuple[Line, ...]:
        """Return the musts still missing."""
        return tuple(line for line in self.lines if line.is_missing)

    def blockers(self, kinds: Iterable[str] = ("c", "e", "j")) -> list[Blocker]:
        """Say which musts of the given kinds are missing, why, and who owes each."""
        wanted = frozenset(kinds)
        return [
            Blocker(f"criterion_{line.state}", _says(line), line.owed_by)
            for line in self.missing
            if line.proof in wanted
        ]


def _says(line: Line) -> str:
    why = line.note or {"stale": "The proof expired.", "failed": "The check failed."}.get(line.state, "Not proved yet.")
    return f"{line.text}: {why}"


@dataclass(frozen=True)
class Ask:
    """Money for exactly one next milestone."""

    minimum: Decimal | None
    ask: Decimal | None
    maximum: Decimal | None
    currency: str
    milestone: str
    test: str
    due_on: date | None
    ends_on: date | None
    layers: Mapping[str, Decimal]
    needs_money: bool = True


def ask_blockers(ask: Ask, *, on: date) -> list[Blocker]:
    """Say what keeps an ask from being whole: amounts in order, one dated milestone with its test, layers that add up."""
    blockers = _amount_blockers(ask) if ask.needs_money else []
    if not ask.milestone.strip():
        blockers.append(Blocker("milestone_missing", "Name the one milestone that this money reaches."))
    if not ask.test.strip():
        blockers.append(Blocker("test_missing", "Say how somebody else can tell that the milestone is reached."))
    if ask.due_on is None:
        blockers.append(Blocker("due_missing", "Give the date on which the milestone is due."))
    elif ask.due_on <= on:
        blockers.append(Blocker("due_past", f"The milestone is due on {ask.due_on}; that must be after {on}."))
    if not ask.needs_money:
        return blockers
    if ask.ends_on is None:
        blockers.append(Blocker("end_missing", "Give the last day on which this money may be spent."))
    elif ask.due_on is not None and ask.ends_on < ask.due_on:
        blockers.append(Blocker("ends_before_due", "The money must last at least until the milestone is due."))
    return blockers


def funds_harness(layers: Mapping[str, Decimal]) -> bool:
    """Say whether an ask sets money aside for harness lines: only then do they count against its tranche."""
    return layers.get(HARNESS, Decimal(0)) > 0


def _amount_blockers(ask: Ask) -> list[Blocker]:
    if ask.minimum is None or ask.ask is None or ask.maximum is None:
        return [Blocker("amount_missing", "Give the minimum, the amount asked and the maximum.")]
    amounts = (ask.minimum, ask.ask, ask.maximum)
    if not all(is_decided_amount(amount, ask.currency) for amount in amounts):
        return [Blocker("amount_wrong", f"Amounts must be whole units of {ask.currency}'s smallest coin.")]
    if not 0 < ask.minimum <= ask.ask <= ask.maximum:
        return [
            Blocker(
                "amount_order", "The minimum must be above zero, the amount at least that, the maximum at least that."
            )
        ]
    total = sum(ask.layers.values(), Decimal(0))
    if any(amount < 0 for amount in ask.layers.values()) or (ask.layers and total != ask.ask):
        return [Blocker("layers_do_not_add", f"The cost layers add up to {total:,}. They must add up to {ask.ask:,}.")]
    return []


def days_held(moves: Sequence[tuple[str, date]], *, until: date) -> dict[str, int]:
    """Sum the days that each side held a request: owner (draft, returned), council side (the rest until it ended)."""
    held = {"owner": 0, "council": 0}
    for index, (state, since) in enumerate(moves):
        if state in ("decided", "withdrawn"):
            break
        end = moves[index + 1][1] if index + 1 < len(moves) else until
        held["owner" if state in ("draft", "returned") else "council"] += (end - since).days
    return held
