"""Ask for a change of the rules and see what it moves, keep it, or withdraw it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from projects.attribution.models import AttributionRule
from projects.attribution.services import (
    RuleDraft,
    change_rule,
    end_rule,
    lock_rules,
    make_rule,
    move_rule,
    retire_rule,
)
from projects.audit.services import record
from projects.common.outcomes import NotPermitted, WrongState
from projects.initiatives.selectors import interested_keys
from projects.jobs.models import Job
from projects.jobs.services import request_job
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require
from projects.rulebook.drafts import read_draft, write_draft
from projects.rulebook.models import Act, ChangeState, RuleChange
from projects.rulebook.words import change_words
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


@transaction.atomic
def propose_change(*, asked: Asked, by: User, at: datetime) -> RuleChange:
    """Try a change out, undo it, and keep what it would move. Raise NotPermitted, RuleRefused or WrongState."""
    require(by, Permission.KEEP_ATTRIBUTION)
    moved = _try_out(asked, by, at)
    _require_no_interest(moved, by)
    change = RuleChange.objects.create(
        act=asked.act,
        rule_id=asked.rule_id,
        asked=_written(asked),
        words=change_words(asked.act, _rule(asked.rule_id), asked.draft, asked.from_on)[:700],
        figures=_figures(moved),
        needs_second=moved.closed_moving > 0,
        asked_by=by,
        asked_at=at,
    )
    record(verb="rule_change.proposed", target=change, by=by, at=at)
    return change


@transaction.atomic
def keep_change(*, change_id: int, by: User, at: datetime) -> Job:
    """Let a change count, and ask for the job that gives charges out again.

    What it moves is worked out once more, because charges and closed months may differ since. Raise SecondNeeded where
    money of a closed month moves and the same person asked; NotPermitted, also for the interested; WrongState.
    """
    require(by, Permission.KEEP_ATTRIBUTION)
    require(by, Permission.APPROVE_ATTRIBUTION)
    lock_rules()
    change = _proposed(change_id)
    asked = _read(change)
    moved = _try_out(asked, change.asked_by, at)
    _require_no_interest(moved, by)
    change.figures, change.needs_second = _figures(moved), moved.closed_moving > 0
    if change.needs_second and by.pk == change.asked_by_id:
        raise SecondNeeded(
            f"{moved.closed_moving} charges of closed months would move. You asked for this change; another person who "
            "keeps attribution rules keeps it."
        )
    rule = _apply(asked, change.asked_by, at)
    change.made_rule = rule
    change.keep(by_id=by.pk, at=at)
    change.save()
    record(verb="rule_change.kept", target=change, by=by, at=at, data={"rule": rule.pk})
    agreed = _versions(rule) if change.needs_second else []
    return request_job(
        kind="reattribute", label=f"Give out charges: {change.words}"[:300], arguments={"agreed": agreed}, by=by, at=at
    )


@transaction.atomic
def withdraw_change(*, change_id: int, by: User, at: datetime) -> RuleChange:
    """Give a change up before it counts. Raise NotPermitted or WrongState."""
    require(by, Permission.KEEP_ATTRIBUTION)
    change = _proposed(change_id)
    change.withdraw()
    change.save()
    record(verb="rule_change.withdrawn", target=change, by=by, at=at)
    return change


def _proposed(change_id: int) -> RuleChange:
    change = RuleChange.objects.select_for_update(of=("self",)).select_related("asked_by").get(pk=change_id)
    if change.state != ChangeState.PROPOSED:
        raise WrongState(f"This change was {change.get_state_display().lower()} already.")
    return change


def _try_out(asked: Asked, by: User, at: datetime) -> Moved:
    """Make the change, see what would move, and undo it."""
    before = transaction.savepoint()
    rule = _apply(asked, by, at)
    moved = preview_reattribution(by=by, agreed=_versions(rule))
    transaction.savepoint_rollback(before)
    return moved


def _apply(asked: Asked, by: User, at: datetime) -> AttributionRule:
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


def _versions(rule: AttributionRule) -> list[int]:
    return list(AttributionRule.objects.filter(number=rule.number).order_by("pk").values_list("pk", flat=True))


def _rule(rule_id: int | None) -> AttributionRule | None:
    return None if rule_id is None else AttributionRule.objects.select_related("initiative").get(pk=rule_id)


def _require_no_interest(moved: Moved, by: User) -> None:
    keys = {row["initiative"] for row in moved.initiatives if row["initiative"]}
    if interested := interested_keys(by, keys):
        raise NotPermitted(
            f"You may not approve attribution: this moves money of {', '.join(interested)}, in which you have an "
            "interest. Somebody else in finance can."
        )


def _figures(moved: Moved) -> dict[str, object]:
    return {
        "rows": moved.rows,
        "moves": moved.moves,
        "initiatives": moved.initiatives,
        "closed_rows": moved.closed_rows,
        "closed_moving": moved.closed_moving,
    }


def _written(asked: Asked) -> dict[str, object]:
    return {
        "draft": write_draft(asked.draft) if asked.draft else None,
        "from_on": asked.from_on.isoformat() if asked.from_on else None,
        "before_id": asked.before_id,
    }


def _read(change: RuleChange) -> Asked:
    kept = change.asked
    return Asked(
        act=change.act,
        rule_id=change.rule_id,
        draft=read_draft(kept["draft"]) if kept["draft"] else None,
        from_on=date.fromisoformat(kept["from_on"]) if kept["from_on"] else None,
        before_id=kept["before_id"],
    )
