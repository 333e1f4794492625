"""A job's progress, its cancel and retry buttons."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from projects.common.clock import machine_now, now
from projects.jobs.models import Job, JobState
from projects.jobs.services import KINDS, cancel_job, retry_job
from projects.people.views import signed_in


@login_required
@require_GET
def job(request: HttpRequest, job_id: int) -> HttpResponse:
    """Show how far a job is: the panel alone to htmx, which asks again every second until it is over."""
    return _panel(request, get_object_or_404(Job, pk=job_id, requested_by=signed_in(request)))


@login_required
@require_POST
def cancel(request: HttpRequest, job_id: int) -> HttpResponse:
    """Ask a job to stop."""
    get_object_or_404(Job, pk=job_id, requested_by=signed_in(request))
    return _answer(request, cancel_job(job_id=job_id, by=signed_in(request), at=now()))


@login_required
@require_POST
def retry(request: HttpRequest, job_id: int) -> HttpResponse:
    """Do a failed job again."""
    get_object_or_404(Job, pk=job_id, requested_by=signed_in(request))
    return _answer(request, retry_job(job_id=job_id, by=signed_in(request), at=now()))


def _answer(request: HttpRequest, asked: Job) -> HttpResponse:
    if request.headers.get("HX-Request"):
        return _panel(request, asked)
    return redirect("projects:job", job_id=asked.pk)


def crumbs_of(asked: Job) -> list[dict[str, str]]:
    """Return the way to where a job belongs; work of a kind no longer known stands alone."""
    under = KINDS[asked.kind].under if asked.kind in KINDS else ()
    return [*({"label": label, "url": reverse(name)} for label, name in under), {"label": "Progress", "url": ""}]


def _about(asked: Job) -> str:
    """Return the address of what the work is done for, where its kind names one."""
    about = KINDS[asked.kind].about if asked.kind in KINDS else None
    return reverse(about[0], args=[asked.arguments[about[1]]]) if about and about[1] in asked.arguments else ""


def _panel(request: HttpRequest, asked: Job) -> HttpResponse:
    name = "projects/jobs/_job.html" if request.headers.get("HX-Request") else "projects/jobs/job.html"
    context = {
        "job": asked,
        "silent": asked.silent_seconds(at=machine_now()),
        "crumbs": crumbs_of(asked),
        "refusal": KINDS[asked.kind].refusal if asked.kind in KINDS and asked.state == JobState.FAILED else "",
        "about_url": _about(asked),
    }
    response = render(request, name, context)
    leads_on = (
        asked.is_over and asked.result.get("location") and not asked.cancel_requested
    )  # a stop that came too late is told first
    if leads_on and request.headers.get("HX-Request"):
        response["HX-Redirect"] = asked.result["location"]
    return response
