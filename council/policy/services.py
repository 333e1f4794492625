"""Draft, edit, propose, approve and withdraw policy versions."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from projects.audit.services import record
from projects.common.outcomes import Blocker, Conflicted, NotPermitted, Refused, WrongState
from projects.limits.models import PolicyAcknowledgement, PolicyState, PolicyVersion
from projects.limits.rules import value_blockers, with_defaults
from projects.limits.selectors import policy_fields, version_on
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require


class PolicyRefused(Refused):
    """A value, a reason or a date that does not hold."""

    code = "policy_refused"


class PolicyStands(WrongState):
    """The version is not in a state for this act."""

    code = "policy_state"


@transaction.atomic
def draft_policy(*, by: User, at: datetime) -> PolicyVersion:
    """Begin a draft from the version in force. Raise PolicyStands while another one is open."""
    require(by, Permission.DRAFT_POLICY)
    open_one = PolicyVersion.objects.filter(state__in=[PolicyState.DRAFT, PolicyState.PROPOSED]).first()
    if open_one is not None:
        raise PolicyStands(f"{open_one} is {open_one.get_state_display().lower()} already. End it first.")
    current = version_on(at.date())
    last = PolicyVersion.objects.aggregate(last=Max("number"))["last"] or 0
    draft = PolicyVersion.objects.create(
        number=last + 1,
        values=with_defaults(policy_fields(), current.values if current else {}),
        drafted_by=by,
        drafted_at=at,
    )
    record(verb="policy.drafted", target=draft, by=by, at=at)
    return draft


@transaction.atomic
def edit_draft(
    *, version_id: int, changes: Mapping[str, Any], reason: str, revision: int, by: User, at: datetime
) -> PolicyVersion:
    """Change values of a draft. Raise PolicyRefused for values out of range, Conflicted when it moved on meanwhile."""
    draft = _locked(version_id)
    require(by, Permission.DRAFT_POLICY)
    _in_state(draft, PolicyState.DRAFT, "edited")
    if draft.revision != revision:
        raise Conflicted(f"{draft} was changed by somebody else meanwhile. Compare and save again.")
    if blockers := value_blockers(policy_fields(), changes):
        raise PolicyRefused(blockers)
    before = {code: draft.values.get(code) for code in changes}
    draft.values = draft.values | dict(changes)
    draft.reason = reason.strip()
    draft.revision += 1
    draft.save()
    moved = {code: [before[code], value] for code, value in changes.items() if before[code] != value}
    record(verb="policy.edited", target=draft, by=by, at=at, data={"changes": moved})
    return draft


@transaction.atomic
def propose_policy(*, version_id: int, by: User, at: datetime) -> PolicyVersion:
    """Send a draft for approval. Raise PolicyRefused where it changes nothing or says no reason."""
    draft = _locked(version_id)
    require(by, Permission.DRAFT_POLICY)
    _in_state(draft, PolicyState.DRAFT, "proposed")
    blockers = value_blockers(policy_fields(), draft.values)
    current = version_on(at.date())
    if current is not None and with_defaults(policy_fields(), current.values) == draft.values:
        blockers.append(Blocker("nothing_changed", f"{draft} says the same as version {current.number}."))
    if not draft.reason:
        blockers.append(Blocker("reason_missing", "Say why the thresholds change."))
    if blockers:
        raise PolicyRefused(blockers)
    draft.propose(at=at)
    draft.save()
    record(verb="policy.proposed", target=draft, by=by, at=at)
    return draft


@transaction.atomic
def approve_policy(*, version_id: int, effective_on: date, by: User, at: datetime) -> PolicyVersion:
    """Approve as a second person, binding from a day after today. Raise NotPermitted, PolicyStands or PolicyRefused."""
    draft = _locked(version_id)
    require(by, Permission.APPROVE_POLICY)
    if by.pk == draft.drafted_by_id:
        raise NotPermitted(f"You drafted {draft}. Another administrator or the chair approves it.")
    _in_state(draft, PolicyState.PROPOSED, "approved")
    if effective_on <= at.date():
        raise PolicyRefused(f"A policy binds from a day after its approval, not from {effective_on.isoformat()}.")
    draft.approve(by_id=by.pk, at=at, effective_on=effective_on)
    draft.save()
    record(verb="policy.approved", target=draft, by=by, at=at, data={"effective_on": effective_on.isoformat()})
    return draft


@transaction.atomic
def withdraw_policy(*, version_id: int, by: User, at: datetime) -> PolicyVersion:
    """Give up a draft or a proposal."""
    draft = _locked(version_id)
    require(by, Permission.DRAFT_POLICY)
    if draft.state not in {PolicyState.DRAFT, PolicyState.PROPOSED}:
        raise PolicyStands(f"{draft} is {draft.get_state_display().lower()} and stands.")
    draft.withdraw()
    draft.save()
    record(verb="policy.withdrawn", target=draft, by=by, at=at)
    return draft


@transaction.atomic
def acknowledge_policy(*, by: User, at: datetime) -> PolicyVersion | None:
    """Note that a person read the policy in force; None before the first version."""
    version = version_on(at.date())
    if version is not None:
        _, is_new = PolicyAcknowledgement.objects.get_or_create(user=by, version=version, defaults={"at": at})
        if is_new:
            record(verb="policy.acknowledged", target=version, by=by, at=at)
    return version


def _locked(version_id: int) -> PolicyVersion:
    return PolicyVersion.objects.select_for_update().get(pk=version_id)


def _in_state(draft: PolicyVersion, state: str, participle: str) -> None:
    if draft.state != state:
        raise PolicyStands(f"{draft} is {draft.get_state_display().lower()} and cannot be {participle} now.")
