"""Make a statement's PDF in the worker, rendered apart in a process that has limits."""

import os
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import reverse

from projects.common.apart import Limits, render_apart
from projects.common.outcomes import NotPermitted
from projects.jobs.models import Job
from projects.jobs.services import Progress, job
from projects.people.models import Organisation
from projects.showback.selectors import statement, teams_for
from projects.sources.eyes import eyes_of
from projects.spend.asking import LAYER_NAMES
from projects.spend.rules import is_provisional, last_day_of
from projects.spend.selectors import longest_lag

KIND = "showback_pdf"
LIMITS = Limits(seconds=180, megabytes=1024)


@job(KIND, queue="pdf", under=(("Spend", "projects:spend"), ("Showback", "projects:showback")))
def make_paper(asked: Job, progress: Progress) -> dict[str, Any]:
    """Render the statement that somebody asked for; doing it again writes the same file again. Raise NotPermitted."""
    progress.step("Adding up")
    if asked.requested_by is None or not teams_for(asked.requested_by).filter(pk=asked.arguments["team"]).exists():
        raise NotPermitted("You may no longer read this team's statements. Finance may.")
    team = get_object_or_404(teams_for(asked.requested_by), pk=asked.arguments["team"])
    told = statement(
        team, date.fromisoformat(asked.arguments["month"]), asked.arguments["currency"], eyes_of(asked.requested_by)
    )
    progress.step("Rendering")
    context = {
        "told": told,
        "organisation": Organisation.objects.first(),
        "at": asked.created_at,
        "others": [line for line in told.sums if line.currency != told.currency],
        "layers": [(LAYER_NAMES[layer], amount) for layer, amount in told.layers],
        "is_provisional": is_provisional(last_day_of(told.month), on=asked.created_at.date(), lag_days=longest_lag()),
    }
    html = render_to_string("projects/showback/paper.html", context)
    keep(path_of(asked), render_apart(html, limits=LIMITS, check=progress.check))
    return {"location": reverse("projects:showback-file", args=[asked.pk])}


def path_of(asked: Job) -> Path:
    """Return where a job's PDF lies."""
    return Path(settings.MEDIA_ROOT) / "showback" / f"{asked.pk}.pdf"


def keep(target: Path, content: bytes) -> None:
    """Write a file whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f".{target.name}.{os.getpid()}.part")
    try:
        draft.write_bytes(content)
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)
