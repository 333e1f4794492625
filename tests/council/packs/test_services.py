"""A pack is made whole from the freeze, proved from its snapshot, and refused to those who may not."""

from io import BytesIO

import pikepdf
import pytest
from django.db.utils import DatabaseError

from council.meetings.services import freeze_meeting
from council.packs import services
from council.packs.models import Pack
from council.packs.storage import path_of
from projects.audit.models import AuditEvent
from projects.audit.selectors import first_break
from projects.common.outcomes import NotPermitted
from projects.initiatives.models import Initiative
from projects.jobs.models import Job
from projects.jobs.services import Cancelled, Progress, cancel_job, take_job
from tests.council.packs.conftest import run
from tests.factories.council import AT, noticed
from tests.templates.test_pack import tagged

AROUND = ["cover", "contents", "portfolio", "spend list", "appendix"]


def opened(pack):
    return pikepdf.open(BytesIO(services.read_pdf(pack).read()))


def words_of(pack):
    return services.read_snapshot(pack.snapshot_as)


def test_pack_is_one_tagged_pdf_of_the_freeze_that_its_snapshot_gives_again_to_the_byte(made, meeting):
    pdf = opened(made)
    figures = tagged(pdf, "/Figure")
    fonts = [font for page in pdf.pages for font in (page.Resources.get("/Font") or {}).values()]
    words = words_of(made)
    event = AuditEvent.objects.get(verb="pack.built")

    assert len(pdf.pages) == made.pages == len(AROUND) + 2 * 2
    assert pdf.Root.MarkInfo.Marked
    assert figures
    assert [figure for figure in figures if not str(figure.get("/Alt", "")).strip()] == []
    assert all("/FontFile2" in d or "/FontFile3" in d for d in (f.DescendantFonts[0].FontDescriptor for f in fonts))
    assert words.count("$130,000") >= 4
    assert "$260,000" in words
    assert "Error below 9% in 12 branches" in words
    assert f"Policy version {meeting.policy_version}" in words
    assert made.heads[0]["hash"] in words
    assert made.figures_at == meeting.frozen_at
    assert (event.data["pdf"], event.stream) == (made.pdf_sha256, meeting.audit_stream)
    assert first_break(meeting.audit_stream) is None
    assert services.sha256_of(services.rebuild_pdf(made)) == made.pdf_sha256
    with pytest.raises(DatabaseError):
        Pack.objects.filter(pk=made.pk).update(pages=1)


def test_same_figures_give_the_same_pack_and_a_changed_one_the_next_version(made, meeting, board):
    again = run(services.request_pack(meeting_id=meeting.pk, by=board.sybil, at=AT))
    Initiative.objects.filter(name="Claims letters").update(cost_centre="CC-9")
    later = run(services.request_pack(meeting_id=meeting.pk, by=board.sybil, at=AT))

    assert again == made
    assert later.version == 2
    assert later.snapshot_sha256 != made.snapshot_sha256
    assert "CC-9" in words_of(later)


def test_recused_reader_s_copy_lacks_the_item_and_a_changed_file_is_not_handed_out(made, meeting, board):
    own = run(services.request_copy(meeting_id=meeting.pk, by=board.rick, at=AT))
    number = meeting.items.get(initiative__name="Claims letters").number

    assert own.left_out == [number]
    assert own.version == made.version
    assert own.pages == made.pages - 2
    assert "Claims letters" not in words_of(own)
    assert "Policy wording answers" in words_of(own)
    assert f"leaves out item {number}" in words_of(own)
    with pytest.raises(services.PackRefused, match="recused from no item"):
        services.request_copy(meeting_id=meeting.pk, by=board.finn, at=AT)

    assert services.is_intact(made)
    content = bytearray(path_of(made.pdf_as).read_bytes())
    content[1000] ^= 1
    path_of(made.pdf_as).write_bytes(content)
    assert not services.is_intact(made)
    with pytest.raises(services.PackDamaged, match="hash differs"):
        services.read_pdf(made)
    path_of(made.pdf_as).unlink()
    assert not services.is_intact(made)
    with pytest.raises(services.PackDamaged, match="not where"):
        services.read_pdf(made)


@pytest.mark.django_db(transaction=True)
def test_cancelled_work_leaves_no_pack_and_no_file(store, meeting, board):
    job = services.request_pack(meeting_id=meeting.pk, by=board.sybil, at=AT)
    held = take_job(job_id=job.pk, worker="here")
    cancel_job(job_id=job.pk, by=board.sybil, at=AT)

    with pytest.raises(Cancelled), Progress(held) as progress:
        services.build_pack(held, progress)

    assert not Pack.objects.exists()
    assert not list(store.rglob("*.*"))


def test_second_request_answers_the_work_under_way(meeting, board, people):
    first = services.request_pack(meeting_id=meeting.pk, by=board.sybil, at=AT)

    assert services.request_pack(meeting_id=meeting.pk, by=people.fay, at=AT) == first
    assert Job.objects.count() == 1


@pytest.mark.parametrize("name", ["carol", "finn", "rick"])
def test_members_do_not_make_the_pack(meeting, board, name):
    with pytest.raises(NotPermitted):
        services.request_pack(meeting_id=meeting.pk, by=board.people[name], at=AT)

    assert not Job.objects.exists()


def test_unfrozen_meeting_has_no_pack_until_it_is_frozen(board, envelope, ready_request):
    meeting = noticed(board)
    with pytest.raises(services.PackRefused, match="not frozen yet"):
        services.request_pack(meeting_id=meeting.pk, by=board.sybil, at=AT)

    freeze_meeting(meeting_id=meeting.pk, by=board.sybil, at=AT)

    assert services.request_pack(meeting_id=meeting.pk, by=board.sybil, at=AT).kind == "build_pack"


def test_copy_waits_for_the_whole_pack(meeting, board):
    with pytest.raises(services.PackRefused, match="not made yet"):
        services.request_copy(meeting_id=meeting.pk, by=board.rick, at=AT)


def test_stranger_gets_no_copy(meeting, people):
    with pytest.raises(NotPermitted):
        services.request_copy(meeting_id=meeting.pk, by=people.max, at=AT)
