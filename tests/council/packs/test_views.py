"""The pack's page: who sees it, who makes it, who downloads which copy."""

import csv
from io import BytesIO, StringIO

import pytest
from openpyxl import load_workbook

from council.packs.models import Pack
from council.packs.storage import keep, keep_snapshot, sha256_of
from projects.jobs.models import Job
from tests.factories.council import AT, HELD_ON

PAGE = f"/meetings/{HELD_ON.isoformat()}/pack/"
PDF = b"%PDF-1.7 the pages"


@pytest.fixture
def kept(meeting, board, store):
    """A stored whole pack of one page."""
    return Pack.objects.create(
        meeting=meeting,
        version=1,
        snapshot_sha256=sha256_of(b"<p>"),
        snapshot_as=keep_snapshot("x.html.gz", "<p>"),
        pdf_sha256=sha256_of(PDF),
        pdf_as=keep("x.pdf", PDF),
        pages=1,
        size=len(PDF),
        policy_version=1,
        figures_at=AT,
        built_by=board.sybil,
        built_at=AT,
    )


def test_anonymous_is_asked_to_sign_in(client, meeting):
    assert client.get(PAGE).status_code == 302


def test_stranger_finds_no_pack(client, people, kept):
    client.force_login(people.max)

    assert client.get(PAGE).status_code == 404
    assert client.get(f"{PAGE}1/").status_code == 404


def test_secretary_asks_for_the_pack_and_watches_it(client, meeting, board):
    client.force_login(board.sybil)
    assert "Make the pack" in client.get(PAGE).content.decode()

    assert client.post(f"{PAGE}make/").status_code == 302
    page = client.get(PAGE).content.decode()

    assert Job.objects.get().arguments["left_out"] == []
    assert "Review pack of 2026-11-19" in page
    assert "Make the pack" not in page


def test_member_reads_and_does_not_make(client, kept, board):
    client.force_login(board.finn)
    page = client.get(PAGE).content.decode()

    assert "Make a new version" not in page
    assert kept.pdf_sha256 in page
    assert client.post(f"{PAGE}make/").status_code == 403


def test_download_is_an_attachment_that_nobody_keeps(client, kept, board):
    client.force_login(board.finn)
    answer = client.get(f"{PAGE}1/")

    assert b"".join(answer.streaming_content) == PDF
    assert answer["Cache-Control"] == "no-store"
    assert answer["Content-Disposition"] == 'attachment; filename="review-pack-2026-11-19-v1.pdf"'
    assert client.get(f"{PAGE}2/").status_code == 404


def test_recused_member_is_offered_a_copy_and_never_the_whole(client, kept, board):
    client.force_login(board.rick)
    page = client.get(PAGE).content.decode()

    assert "Make my copy of version 1" in page
    assert f"{PAGE}1/" not in page
    assert client.get(f"{PAGE}1/").status_code == 404
    assert client.post(f"{PAGE}copy/").status_code == 302
    assert Job.objects.get().arguments["left_out"] != []


@pytest.mark.django_db
def test_meeting_that_is_not_frozen_says_what_is_missing(client, board, envelope, ready_request):
    from tests.factories.council import noticed

    noticed(board)
    client.force_login(board.sybil)

    assert "has frozen" in client.get(PAGE).content.decode()
    assert client.post(f"{PAGE}make/").status_code == 409


def test_agenda_s_figures_are_the_same_in_both_sheets(client, meeting, board):
    client.force_login(board.sybil)
    rows = list(csv.reader(StringIO(client.get(f"{PAGE}asked.csv").content.decode())))
    book = load_workbook(BytesIO(client.get(f"{PAGE}asked.xlsx").content))
    sheet = [["" if cell is None else str(cell) for cell in row] for row in book.active.iter_rows(values_only=True)]

    assert rows == sheet
    assert [row[11] for row in rows] == ["asked", "130000.00", "130000.00"]
    assert client.get(f"{PAGE}asked.exe").status_code == 404
