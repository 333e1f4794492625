"""Try changes of rules out and keep them in the worker, with progress; either may be done again without harm."""

from typing import Any

from django.urls import reverse

from projects.common.clock import now
from projects.common.outcomes import Refused
from projects.jobs.models import Job
from projects.jobs.services import Progress, job
from projects.people.models import User
from projects.rulebook.services import keep_change, try_change
from projects.spend.addresses import UNDER_RULES


@job("rule_dry_run", queue="imports", under=UNDER_RULES, about=("projects:rule-change", "change"))
def try_out(asked: Job, progress: Progress) -> dict[str, Any]:
    """Say what a change of rules would move; the page that shows it is the result."""
    change = try_change(change_id=asked.arguments["change"], by=_asker(asked), at=now(), listener=progress)
    return {"rows": change.figures["rows"], "location": reverse("projects:rule-change", args=[change.pk])}


@job("keep_rule_change", queue="imports", under=UNDER_RULES, about=("projects:rule-change", "change"))
def keep(asked: Job, progress: Progress) -> dict[str, Any]:
    """Keep a change; the job that gives charges out is the result."""
    following = keep_change(change_id=asked.arguments["change"], by=_asker(asked), at=now(), listener=progress)
    return {"location": reverse("projects:job", args=[following.pk])}


def _asker(asked: Job) -> User:
    if asked.requested_by is None:
        raise Refused("Somebody must ask for this.")
    return asked.requested_by
