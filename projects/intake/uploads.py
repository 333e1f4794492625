"""A portfolio that comes in over the page: receive, map, propose, import, discard. Called by views and the job."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.urls import reverse

from projects.audit.services import record
from projects.common.outcomes import NotPermitted, Refused, WrongState
from projects.intake.import_columns import read_header
from projects.intake.import_mapping import mapping_from
from projects.intake.models import PortfolioFile, PortfolioImport, PortfolioMapping, PortfolioUpload
from projects.intake.selectors import may_countersign
from projects.intake.services import Delivered, Order, SecondSignatureRefused, import_portfolio, keep_file
from projects.intake.spreadsheets.refusals import FileRefused
from projects.jobs.models import Job
from projects.jobs.services import request_job
from projects.people.models import User
from projects.people.permissions import Permission
from projects.people.selectors import require

KIND = "portfolio_import"
SIZE_LIMIT = 30_000_000


class PortfolioRefused(Refused):
    """A file or mapping that is refused as a whole; the sentence holds the remedy."""

    code = "portfolio_refused"


@transaction.atomic
def receive_upload(
    *, file: Delivered, milestones: Delivered | None, mapping: Mapping[str, Any], by: User, at: datetime
) -> PortfolioUpload:
    """Keep an uploaded file to look at, with the mapping saved for its header. Raise PortfolioRefused if too large."""
    require(by, Permission.IMPORT_PORTFOLIO)
    for delivered in (file, milestones):
        if delivered and len(delivered.content) > SIZE_LIMIT:
            raise PortfolioRefused(f"{delivered.name} is larger than {SIZE_LIMIT:,} bytes: split it.")
    upload = PortfolioUpload.objects.create(
        file=keep_file(file, at=at),
        milestones=keep_file(milestones, at=at) if milestones else None,
        mapping=dict(mapping) or saved_mapping(file.content),
        uploaded_by=by,
        uploaded_at=at,
    )
    record(verb="portfolio.uploaded", target=upload, by=by, at=at, data={"sha256": upload.file.sha256})
    return upload


def saved_mapping(content: bytes) -> dict[str, Any]:
    """Return the mapping that was last saved for a file with this header, or an empty one."""
    saved = PortfolioMapping.objects.filter(header_sha256=header_sha256(content)).order_by("-saved_at").first()
    return dict(saved.mapping) if saved and saved.header_sha256 else {}


def header_sha256(content: bytes) -> str:
    """Return the checksum of a file's header, "" where it has none that can be read."""
    try:
        header = read_header(content)
    except FileRefused:
        return ""
    return hashlib.sha256("\x1f".join(header).encode()).hexdigest()


@transaction.atomic
def change_mapping(
    *, upload_id: int, mapping: Mapping[str, Any], save_as: str = "", by: User, at: datetime
) -> PortfolioUpload:
    """Read an uploaded file in another way, and save the mapping under a name if one is given."""
    upload = _open_upload(upload_id, by)
    try:
        mapping_from(mapping)
    except FileRefused as refused:
        raise PortfolioRefused(refused.message) from refused
    upload.mapping, upload.proposed_at = dict(mapping), None
    upload.save()
    if save_as:
        PortfolioMapping.objects.update_or_create(
            name=save_as,
            defaults={
                "mapping": dict(mapping),
                "header_sha256": header_sha256(upload.file.content),
                "saved_by": by,
                "saved_at": at,
            },
        )
    record(verb="portfolio.mapped", target=upload, by=by, at=at, data={"saved_as": save_as})
    return upload


@transaction.atomic
def propose_upload(*, upload_id: int, by: User, at: datetime) -> PortfolioUpload:
    """Sign first and ask for the second signature."""
    upload = _open_upload(upload_id, by)
    upload.proposed_at = at
    upload.save()
    record(verb="portfolio.proposed", target=upload, by=by, at=at)
    return upload


@transaction.atomic
def request_import(*, upload_id: int, by: User, at: datetime) -> Job:
    """Queue the import: unsigned by who uploaded it, or signed as the second by somebody else who may.

    Raise NotPermitted, SecondSignatureRefused or WrongState.
    """
    upload = PortfolioUpload.objects.select_for_update(of=("self",)).select_related("uploaded_by").get(pk=upload_id)
    _must_wait(upload)
    if by.pk != upload.uploaded_by_id:
        if upload.proposed_at is None:
            raise NotPermitted(f"{upload} was not put up for a second signature. {upload.uploaded_by} can do that.")
        if not may_countersign(by):
            raise NotPermitted(f"{by} may not sign as the second. Who can: the chair, the deputy chair, finance.")
    elif upload.proposed_at is not None:
        raise SecondSignatureRefused("You signed first; somebody else signs as the second.")
    require(upload.uploaded_by, Permission.IMPORT_PORTFOLIO)
    arguments = {"upload": upload.pk, "second": by.pk if by.pk != upload.uploaded_by_id else None}
    upload.job = request_job(kind=KIND, label=f"Import {upload}", arguments=arguments, by=by, at=at)
    upload.save()
    return upload.job


@transaction.atomic
def finish_upload(*, upload_id: int, second_id: int | None, at: datetime) -> PortfolioUpload:
    """Import an upload as it was asked for; done before, it stays done. Raise PortfolioRefused or what importing does."""
    upload = PortfolioUpload.objects.select_for_update(of=("self",)).select_related("uploaded_by").get(pk=upload_id)
    if upload.done_at is not None:
        return upload
    second = User.objects.get(pk=second_id) if second_id else None
    try:
        report = import_portfolio(order=order_of(upload), by=upload.uploaded_by, second=second, at=at)
    except FileRefused as refused:
        raise PortfolioRefused(refused.message) from refused
    upload.report = json.loads(json.dumps(report.as_dict(), cls=DjangoJSONEncoder))
    upload.done_at = at
    upload.save()
    return upload


@transaction.atomic
def discard_upload(*, upload_id: int, by: User, at: datetime) -> None:
    """Forget an upload that was not imported, and its file unless an import keeps it."""
    upload = _open_upload(upload_id, by)
    record(verb="portfolio.discarded", target=upload, by=by, at=at)
    files = {pk for pk in (upload.file_id, upload.milestones_id) if pk is not None}
    upload.delete()
    PortfolioFile.objects.filter(pk__in=files).exclude(pk__in=_files_kept()).delete()


def _files_kept() -> set[int]:
    users = (PortfolioUpload, PortfolioImport)
    rows = [row for user in users for row in user.objects.values_list("file_id", "milestones_id")]
    return {pk for row in rows for pk in row if pk is not None}


def order_of(upload: PortfolioUpload) -> Order:
    """Return what an upload asks to import."""
    milestones = upload.milestones
    return Order(
        file=Delivered(upload.file.name, upload.file.content),
        mapping=upload.mapping,
        milestones=Delivered(milestones.name, milestones.content) if milestones else None,
    )


def page_of(upload: PortfolioUpload) -> str:
    """Return the address of an upload's page."""
    return reverse("projects:portfolio-upload", args=[upload.pk])


def _open_upload(upload_id: int, by: User) -> PortfolioUpload:
    upload = PortfolioUpload.objects.select_for_update(of=("self",)).select_related("uploaded_by").get(pk=upload_id)
    require(by, Permission.IMPORT_PORTFOLIO)
    if by.pk != upload.uploaded_by_id:
        raise NotPermitted(f"{upload} was uploaded by {upload.uploaded_by}, who can change it.")
    _must_wait(upload)
    return upload


def _must_wait(upload: PortfolioUpload) -> None:
    if upload.done_at is not None:
        raise WrongState(f"{upload} was imported already.")
    if upload.job is not None and not upload.job.is_over:
        raise WrongState(f"{upload} is being imported.")
