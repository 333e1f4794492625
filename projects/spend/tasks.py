"""Import in the worker, with progress; may be taken up again after a crash."""

from typing import Any

import structlog
from celery import shared_task
from django.urls import reverse

from projects.common.clock import now
from projects.common.outcomes import Refused
from projects.jobs.models import Job
from projects.jobs.services import Progress, job
from projects.people.models import User
from projects.people.services import import_service
from projects.sources.holding import held_file
from projects.spend.addresses import UNDER_RULES
from projects.spend.filling import fill_kept_figures
from projects.spend.reattribution import reattribute, tell_purposes
from projects.spend.services import CostFile, import_costs
from projects.spend.verification import rollup_differences

log = structlog.get_logger(__name__)


class FileGone(Refused):
    """The uploaded file was removed before the import began."""

    code = "file_gone"


@job(
    "import_costs",
    queue="imports",
    under=(("Spend", "projects:spend"), ("Import", "projects:import-costs")),
    refusal="projects/spend/_closed.html",
)
def import_held_file(asked: Job, progress: Progress) -> dict[str, Any]:
    """Import a held file; doing it again after it was committed finds it unchanged."""
    held = held_file(asked.arguments["token"], asked.requested_by_id)
    if held is None:
        raise FileGone("The uploaded file is no longer there. Upload it again.")
    file = CostFile(
        held.path,
        held.name,
        held.source,
        held.mapping,
        same_content_confirmed=asked.arguments["same_content"],
        good_rows_only=asked.arguments.get("good_rows", False),
    )
    imported = import_costs(file=file, by=_asker(asked), at=now(), listener=progress)
    key = imported.delivery.key
    return {"delivery": key, "location": reverse("projects:delivery", args=[key]), "unchanged": imported.unchanged}


@job("reattribute", queue="imports", under=UNDER_RULES)
def give_out_again(asked: Job, progress: Progress) -> dict[str, Any]:
    """Attribute history again by the rules in force; the change that asked for it, if one did, shows what moved."""
    agreed = [int(pk) for pk in asked.arguments.get("agreed", [])]
    moved = reattribute(by=_asker(asked), at=now(), agreed=agreed, listener=progress)
    change = asked.arguments.get("change")
    location = reverse("projects:rule-change", args=[change]) if change else reverse("projects:rules")
    return {"rows": moved.rows, "location": location}


@shared_task(name="projects.spend.verify_rollups")
def verify_rollups() -> int:
    """Hold rollups against their facts and log what differs; return how many rows do."""
    differences = rollup_differences()
    if differences:
        log.error("rollups_differ", rows=len(differences), first=str(differences[0]), remedy="rebuild_rollups")
    return len(differences)


@shared_task(name="projects.spend.fill_kept_figures")
def fill_figures() -> None:
    """Work out what all pages of spend show, where something was delivered or given out since."""
    fill_kept_figures(on=now().date())


@shared_task(name="projects.spend.tell_purposes")
def tell_purposes_again() -> int:
    """Say anew what charges are for where rules are newer than that; return of how many purposes and months."""
    moved = tell_purposes(by=import_service(), at=now())
    return len(moved.purposes) if moved else 0


def _asker(asked: Job) -> User:
    if asked.requested_by is None:
        raise Refused("Somebody must ask for this.")
    return asked.requested_by
