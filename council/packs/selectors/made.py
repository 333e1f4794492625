"""Packs that are made or being made, and the items that a reader does not get."""

from django.db.models import QuerySet

from council.meetings.models import Attendance, Meeting
from council.packs.models import Pack
from council.packs.rules import KIND
from projects.jobs.models import Job, JobState
from projects.people.models import User


def left_out_for(meeting: Meeting, user: User) -> list[int]:
    """Return the numbers of the items from which a reader is recused, sorted."""
    recused = Attendance.objects.filter(item__meeting=meeting, term__user=user, is_recused=True)
    live = recused.exclude(item__state="postponed")
    return sorted(set(live.values_list("item__number", flat=True)))


def full_pack(meeting: Meeting) -> Pack | None:
    """Return the newest whole pack of a meeting, or None."""
    return Pack.objects.filter(meeting=meeting, left_out=[]).order_by("-version").first()


def pack_for(meeting: Meeting, version: int, left_out: list[int]) -> Pack | None:
    """Return one made pack, or None."""
    return Pack.objects.filter(meeting=meeting, version=version, left_out=left_out).first()


def open_jobs(meeting: Meeting, left_out: list[int]) -> "QuerySet[Job]":
    """Return the work under way for a meeting's pack, the newest first."""
    mine = Job.objects.filter(kind=KIND, arguments__meeting=meeting.pk, arguments__left_out=left_out)
    return mine.filter(state__in=[JobState.QUEUED, JobState.RUNNING]).order_by("-pk")


def last_job(meeting: Meeting, user: User) -> Job | None:
    """Return a person's last work on a meeting's pack where it came to nothing and can be tried again."""
    mine = Job.objects.filter(kind=KIND, arguments__meeting=meeting.pk, requested_by=user)
    last = mine.order_by("-pk").first()
    return last if last is not None and last.state in (JobState.FAILED, JobState.CANCELLED) else None
