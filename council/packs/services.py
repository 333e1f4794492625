"""Ask for a pack, make it from the figures of the freeze, and prove it again from its snapshot."""

from datetime import datetime
from io import BytesIO
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from council.meetings.models import Meeting
from council.packs.models import Pack
from council.packs.rules import KIND
from council.packs.selectors import Basis, basis_of, full_pack, left_out_for, open_jobs, pack_context
from council.packs.storage import keep, keep_snapshot, path_of, read_snapshot, sha256_of
from projects.audit.services import record
from projects.common.apart import Limits, limits_for, render_apart
from projects.common.outcomes import Refused, WrongState
from projects.jobs.models import Job
from projects.jobs.services import Progress, job, request_job
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require


class PackRefused(WrongState):
    """The meeting is not in a state from which a pack can be made."""

    code = "pack_state"


class PackDamaged(Refused):
    """A stored file is missing or has changed."""

    status = 500
    code = "pack_damaged"


@transaction.atomic
def request_pack(*, meeting_id: int, by: User, at: datetime) -> Job:
    """Ask for the whole pack of a frozen meeting; answer the job under way where there is one. Raise PackRefused."""
    meeting = Meeting.objects.select_for_update().get(pk=meeting_id)
    require(by, Permission.BUILD_PACK)
    _require_frozen(meeting)
    return _job(meeting, [], by, at)


@transaction.atomic
def request_copy(*, meeting_id: int, by: User, at: datetime) -> Job:
    """Ask for a recused reader's own copy of the newest version, without those items. Raise PackRefused."""
    meeting = Meeting.objects.select_for_update().get(pk=meeting_id)
    require(by, Permission.READ_PACK)
    _require_frozen(meeting)
    if full_pack(meeting) is None:
        raise PackRefused("The pack is not made yet. The secretary or finance makes it.")
    left_out = left_out_for(meeting, by)
    if not left_out:
        raise PackRefused("You are recused from no item, so the whole pack is yours to read.")
    return _job(meeting, left_out, by, at)


def _require_frozen(meeting: Meeting) -> None:
    if meeting.frozen_at is None:
        raise PackRefused(f"The pack of {meeting} is not frozen yet. Freeze the meeting's figures first.")


def _job(meeting: Meeting, left_out: list[int], by: User, at: datetime) -> Job:
    under_way = open_jobs(meeting, left_out).first()
    if under_way is not None:
        return under_way
    return request_job(
        kind=KIND,
        label=f"Review pack of {meeting.held_on.isoformat()}" + (", your copy" if left_out else ""),
        arguments={"meeting": meeting.pk, "left_out": left_out, "at": at.isoformat()},
        by=by,
        at=at,
    )


@job(KIND, queue="pdf", under=(("Meetings", "council:meetings"),))
def build_pack(held: Job, progress: Progress) -> dict[str, Any]:
    """Make the pack that a job asks for: collect figures, render pages apart, store file and row together."""
    assert held.requested_by is not None
    meeting = Meeting.objects.get(pk=held.arguments["meeting"])
    pack = make_pack(
        meeting=meeting,
        left_out=list(held.arguments["left_out"]),
        by=held.requested_by,
        at=datetime.fromisoformat(held.arguments["at"]),
        progress=progress,
    )
    return {
        "pack": pack.pk,
        "version": pack.version,
        "location": reverse("council:pack", kwargs={"held_on": meeting.held_on}),
    }


def make_pack(*, meeting: Meeting, left_out: list[int], by: User, at: datetime, progress: Progress) -> Pack:
    """Answer the pack that has the present snapshot, or make and keep the next version."""
    basis = basis_of(meeting, reader=by, left_out=left_out)
    total = max(1, len(basis.items))
    progress.step("Collecting figures", total=total, unit="items")
    context = pack_context(basis, heard=lambda done: progress.advance(done, total))
    newest = full_pack(meeting)
    version, html = _next_version(newest, context, left_out, meeting)
    known = Pack.objects.filter(meeting=meeting, version=version, left_out=left_out).first()
    if known is not None:
        return known
    progress.step("Rendering pages", total=1, unit="documents")
    pdf = render_apart(html, limits=limits_for(len(basis.items)), check=progress.check)
    progress.step("Storing", done=1, total=1, unit="documents")
    return _keep(basis, version, html, pdf, by=by, at=at)


def _next_version(
    newest: Pack | None, context: dict[str, Any], left_out: list[int], meeting: Meeting
) -> tuple[int, str]:
    """Return the version that the present figures belong to, with its page; a copy belongs to the newest whole pack."""
    if newest is None:
        return 1, page_of(context, 1)
    if left_out:
        return newest.version, page_of(context, newest.version)
    same = page_of(context, newest.version)
    if sha256_of(same.encode()) == newest.snapshot_sha256:
        return newest.version, same
    return newest.version + 1, page_of(context, newest.version + 1)


def page_of(context: dict[str, Any], version: int) -> str:
    """Return the pack's page under a version number."""
    foot = f"Confidential. Version {version}, {context['foot']}"
    return render_to_string("pack/pack.html", {"pack": {**context, "foot": foot}})


def _keep(basis: Basis, version: int, html: str, pdf: bytes, *, by: User, at: datetime) -> Pack:
    """Store the files, then the row with its event in one transaction; files without a row are found by nobody."""
    pdf_sha256, snapshot_sha256 = sha256_of(pdf), sha256_of(html.encode())
    day = basis.meeting.held_on.isoformat()
    snapshot_as = keep_snapshot(f"{day}/{snapshot_sha256}.html.gz", html)
    pdf_as = keep(f"{day}/{pdf_sha256}.pdf", pdf)
    with transaction.atomic():
        Meeting.objects.select_for_update().get(pk=basis.meeting.pk)
        known = Pack.objects.filter(meeting=basis.meeting, version=version, left_out=list(basis.left_out)).first()
        if known is not None:
            return known
        pack = Pack.objects.create(
            meeting=basis.meeting,
            version=version,
            left_out=list(basis.left_out),
            snapshot_sha256=snapshot_sha256,
            snapshot_as=snapshot_as,
            pdf_sha256=pdf_sha256,
            pdf_as=pdf_as,
            pages=_pages_of(pdf),
            size=len(pdf),
            policy_version=basis.policy.number,
            figures_at=basis.frozen_at,
            heads=basis.heads,
            built_by=by,
            built_at=at,
        )
        record(
            verb="pack.built",
            target=pack,
            by=by,
            at=at,
            data={"version": version, "pdf": pdf_sha256, "snapshot": snapshot_sha256, "left_out": pack.left_out},
        )
    return pack


def _pages_of(pdf: bytes) -> int:
    import pikepdf

    with pikepdf.open(BytesIO(pdf)) as opened:
        return len(opened.pages)


def rebuild_pdf(pack: Pack, *, limits: Limits | None = None) -> bytes:
    """Render a pack again from its snapshot alone; the bytes equal those that were handed out."""
    return render_apart(read_snapshot(pack.snapshot_as), limits=limits or limits_for(20))


def is_intact(pack: Pack) -> bool:
    """Say whether the stored files still have the hashes of the row."""
    try:
        snapshot = read_snapshot(pack.snapshot_as).encode()
        pdf = path_of(pack.pdf_as).read_bytes()
    except (OSError, EOFError, ValueError):
        return False
    return sha256_of(snapshot) == pack.snapshot_sha256 and sha256_of(pdf) == pack.pdf_sha256


def read_pdf(pack: Pack) -> BytesIO:
    """Return a pack's PDF. Raise PackDamaged when the stored file is not the one that was made."""
    try:
        pdf = path_of(pack.pdf_as).read_bytes()
    except OSError as error:
        raise PackDamaged(f"{pack} is not where it was stored. Make it again from its snapshot.") from error
    if sha256_of(pdf) != pack.pdf_sha256:
        raise PackDamaged(f"{pack} is not the file that was made: its hash differs. Tell the auditor.")
    return BytesIO(pdf)
