"""Ask for a change of the rules and see what it moves, keep it, or withdraw it.

A dry run reads every charge, so jobs do it: `ask_change` and `ask_to_keep` only write down what is wanted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from projects.attribution.drafts import RuleDraft
from projects.attribution.models import AttributionRule
from projects.attribution.services import (
    change_rule,
    end_rule,
    lock_rules,
    make_rule,
    make_rules,
    move_rule,
    retire_rule,
)
from projects.audit.services import record
from projects.common import formats
from projects.common.outcomes import NotPermitted, WrongState
from projects.initiatives.selectors import interested_keys
from projects.jobs.models import Job
from projects.jobs.services import request_job
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.rulebook.drafts import read_draft, read_drafts, write_draft
from projects.rulebook.models import Act, ChangeState, RuleChange
from projects.rulebook.selectors import change_seen
from projects.rulebook.words import change_words
from projects.sources.eyes import NOBODY_SEEN
from projects.spend.listening import Listener
from projects.spend.moves import Moved
from projects.spend.reattribution import preview_reattribution


class SecondNeeded(NotPermitted):
    """Money of a closed month would move: a second person keeps the change."""

    code = "second_person_needed"


@dataclass(frozen=True)
class Asked:
    """What is asked of the rules: the act, the rule, the draft, the first day, and the rule to go before."""

    act: str
    rule_id: int | None = None
    draft: RuleDraft | None = None
    from_on: date | None = None
    before_id: int | None = None
    claims: tuple[RuleDraft, ...] = ()


@transaction.atomic
def ask_change(*, asked: Asked, by: User, at: datetime) -> tuple[RuleChange, Job]:
    """Write down a change that a job then tries out. Raise NotPermitted, RuleRefused or WrongState."""
    change = _asked(asked, by, at)
    job = request_job(
        kind="rule_dry_run", label=_label("Try out", change), arguments={"change": change.pk}, by=by, at=at
    )
    return change, job


@transaction.atomic
def try_change(*, change_id: int, by: User, at: datetime, listener: Listener | None = None) -> RuleChange:
    """Make a change, see what it would move, undo it, and keep that. Raise NotPermitted, RuleRefused or WrongState."""
    require(by, Permission.KEEP_ATTRIBUTION)
    change = RuleChange.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=change_id)
    if change.state != ChangeState.TRYING:
        raise WrongState(f"This change was {change.get_state_display().lower()} already.")
    moved, numbers = _try_out(_read(change), change.asked_by, at, listener)
    _require_no_interest(moved, change.asked_by)
    change.propose(figures=_figures(moved, numbers), needs_second=moved.closed_moving > 0)
    change.save()
    record(verb="rule_change.proposed", target=change, by=by, at=at)
    return change


@transaction.atomic
def propose_change(*, asked: Asked, by: User, at: datetime) -> RuleChange:
    """Ask for a change and try it out at once. Raise NotPermitted, RuleRefused or WrongState."""
    return try_change(change_id=_asked(asked, by, at).pk, by=by, at=at)


@transaction.atomic
def ask_to_keep(*, change_id: int, by: User, at: datetime) -> Job:
    """Ask for the job that keeps a change. Raise NotPermitted, SecondNeeded or WrongState as far as is known now."""
    require(by, Permission.KEEP_ATTRIBUTION)
    require(by, Permission.APPROVE_ATTRIBUTION)
    change = _proposed(change_id)
    _require_second(change, int(change.figures.get("closed_moving", 0)), by)
    return request_job(
        kind="keep_rule_change", label=_label("Keep", change), arguments={"change": change.pk}, by=by, at=at
    )


@transaction.atomic
def keep_change(*, change_id: int, by: User, at: datetime, listener: Listener | None = None) -> Job:
    """Let a change count, and ask for the job that gives charges out again.

    What it moves is worked out once more, because charges and closed months may differ since. Raise SecondNeeded where
    money of a closed month moves and the same person asked; NotPermitted, also for the interested; WrongState.
    """
    require(by, Permission.KEEP_ATTRIBUTION)
    require(by, Permission.APPROVE_ATTRIBUTION)
    lock_rules()
    change = _proposed(change_id)
    asked = _read(change)
    moved, numbers = _try_out(asked, change.asked_by, at, listener)
    _require_no_interest(moved, by)
    change.figures, change.needs_second = _figures(moved, numbers), moved.closed_moving > 0
    _require_second(change, moved.closed_moving, by)
    rules = _apply(asked, change.asked_by, at)
    change.made_rule = rules[0]
    change.keep(by_id=by.pk, at=at)
    change.save()
    record(verb="rule_change.kept", target=change, by=by, at=at, data={"rules": [rule.pk for rule in rules]})
    agreed = _versions(rules) if change.needs_second else []
    return request_job(
        kind="reattribute",
        label=_label("Give out charges", change),
        arguments={"agreed": agreed, "change": change.pk},
        by=by,
        at=at,
    )


@transaction.atomic
def withdraw_change(*, change_id: int, by: User, at: datetime) -> RuleChange:
    """Give a change up before it counts. Raise NotPermitted or WrongState."""
    require(by, Permission.KEEP_ATTRIBUTION)
    change = RuleChange.objects.select_for_update().get(pk=change_id)
    if change.state not in {ChangeState.TRYING, ChangeState.PROPOSED}:
        raise WrongState(f"This change was {change.get_state_display().lower()} already.")
    change.withdraw()
    change.save()
    record(verb="rule_change.withdrawn", target=change, by=by, at=at)
    return change


def _asked(asked: Asked, by: User, at: datetime) -> RuleChange:
    """Write a change down once it is known that it can be made."""
    require(by, Permission.KEEP_ATTRIBUTION)
    before = transaction.savepoint()
    _apply(asked, by, at)
    transaction.savepoint_rollback(before)
    return RuleChange.objects.create(
        act=asked.act,
        rule_id=asked.rule_id,
        asked=_written(asked),
        words=change_words(asked.act, _rule(asked.rule_id), asked.draft, asked.from_on, asked.claims)[:700],
        asked_by=by,
        asked_at=at,
    )


def _label(act: str, change: RuleChange) -> str:
    """Name a job that is kept and recorded: who is named in a change is masked in it."""
    return f"{act}: {change_seen(change, NOBODY_SEEN)}"


def _require_second(change: RuleChange, closed_moving: int, by: User) -> None:
    if closed_moving and by.pk == change.asked_by_id:
        raise SecondNeeded(
            f"{formats.counted(closed_moving, 'charge')} of closed months would move. You asked for this change; another person who "
            "keeps attribution rules keeps it."
        )


def _proposed(change_id: int) -> RuleChange:
    change = RuleChange.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=change_id)
    if change.state != ChangeState.PROPOSED:
        if change.state == ChangeState.TRYING:
            raise WrongState("This change is still being tried out. Keep it once it is known what it moves.")
        raise WrongState(f"This change was {change.get_state_display().lower()} already.")
    return change


def _try_out(asked: Asked, by: User, at: datetime, listener: Listener | None = None) -> tuple[Moved, set[int]]:
    """Make the change, see what would move, and undo it; return that and the numbers of the rules it is about."""
    before = transaction.savepoint()
    rules = _apply(asked, by, at)
    moved = preview_reattribution(by=by, agreed=_versions(rules), listener=listener)
    if listener is not None:
        listener.step("Writing down what moves")  # the last moment at which it may be stopped
    transaction.savepoint_rollback(before)
    return moved, {rule.number for rule in rules}


def _apply(asked: Asked, by: User, at: datetime) -> list[AttributionRule]:
    if asked.act == Act.CLAIM and asked.claims:
        return make_rules(drafts=asked.claims, by=by, at=at)
    return [_apply_one(asked, by, at)]


def _apply_one(asked: Asked, by: User, at: datetime) -> AttributionRule:
    if asked.act == Act.MAKE and asked.draft:
        return make_rule(draft=asked.draft, by=by, at=at)
    if asked.rule_id is None:
        raise WrongState("Name the rule that is to change.")
    if asked.act == Act.CHANGE and asked.draft:
        return change_rule(rule_id=asked.rule_id, draft=asked.draft, from_on=asked.from_on, by=by, at=at)
    if asked.act == Act.END and asked.from_on:
        return end_rule(rule_id=asked.rule_id, ends_on=asked.from_on, by=by, at=at)
    if asked.act == Act.MOVE:
        return move_rule(rule_id=asked.rule_id, before_id=asked.before_id, by=by, at=at)
    if asked.act == Act.RETIRE:
        return retire_rule(rule_id=asked.rule_id, by=by, at=at)
    raise WrongState(f"A rule cannot be changed by {asked.act} without saying how.")


def _versions(rules: Sequence[AttributionRule]) -> list[int]:
    numbers = [rule.number for rule in rules]
    return list(AttributionRule.objects.filter(number__in=numbers).order_by("pk").values_list("pk", flat=True))


def _rule(rule_id: int | None) -> AttributionRule | None:
    return None if rule_id is None else AttributionRule.objects.select_related("initiative").get(pk=rule_id)


def _require_no_interest(moved: Moved, by: User) -> None:
    keys = {row["initiative"] for row in moved.initiatives if row["initiative"]}
    if interested := interested_keys(by, keys):
        raise NotPermitted(
            f"You may not approve attribution: this moves money of {', '.join(interested)}, in which you have an "
            "interest. Somebody else in finance can."
        )


def _figures(moved: Moved, numbers: set[int]) -> dict[str, object]:
    return {
        "rows": moved.rows,
        "moves": moved.moves,
        "initiatives": moved.initiatives,
        "closed_rows": moved.closed_rows,
        "closed_moving": moved.closed_moving,
        "purposes": moved.purposes,
        "taken_before": [
            {**row, "is_this": row["rule"] in numbers}
            for row in moved.taken_before
            if row["rule"] in numbers or row["earlier"] in numbers
        ],
        "unmatched": [row for row in moved.unmatched if row["rule"] in numbers],
    }


def _written(asked: Asked) -> dict[str, object]:
    return {
        "draft": write_draft(asked.draft) if asked.draft else None,
        "from_on": asked.from_on.isoformat() if asked.from_on else None,
        "before_id": asked.before_id,
        "claims": [write_draft(draft) for draft in asked.claims],
    }


def _read(change: RuleChange) -> Asked:
    kept = change.asked
    return Asked(
        act=change.act,
        rule_id=change.rule_id,
        draft=read_draft(kept["draft"]) if kept["draft"] else None,
        from_on=date.fromisoformat(kept["from_on"]) if kept["from_on"] else None,
        before_id=kept["before_id"],
        claims=tuple(read_drafts(kept.get("claims", []))),
    )
