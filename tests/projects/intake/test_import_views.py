import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from projects.initiatives.models import Initiative
from projects.intake.models import PortfolioFile, PortfolioImport, PortfolioMapping, PortfolioUpload
from projects.intake.services import Delivered
from projects.intake.tasks import import_upload
from projects.intake.uploads import receive_upload
from projects.jobs.models import Job

pytestmark = pytest.mark.django_db
START = "/portfolio/import/"
ROWS = b"id,org,name,stage,start date\nP1,DOE,Grid,Pilot,2024-01-31\nP2,DOE,Chat,Odd,\nP3,DOE,Talk,Idea,3/4/2024\n"


class SilentProgress:
    """Progress that nobody watches."""

    def step(self, name, **more):
        pass


@pytest.fixture
def signed(organisation):
    """Sign somebody in."""

    def sign(user):
        client = Client()
        client.force_login(user)
        return client

    return sign


@pytest.fixture
def upload(fiona, organisation, at):
    """Fiona's upload of three rows, one of which can be read without an answer."""
    return receive_upload(file=Delivered("portfolio.csv", ROWS), milestones=None, mapping={}, by=fiona, at=at)


def page(upload):
    return f"{START}uploads/{upload.pk}/"


def posted(client, upload, **changes):
    """Post the mapping form as a browser would, with some changes."""
    form = client.get(page(upload)).context["form"]
    data = {bound.html_name: bound.value() if bound.value() is not None else "" for bound in form}
    return client.post(page(upload), {**data, **changes})


def do_the_job():
    return import_upload(Job.objects.get(), SilentProgress())["location"]


@pytest.mark.parametrize("path", [START, f"{START}uploads/1/", f"{START}PI-001/"])
def test_nobody_sees_an_import_unless_signed_in(client, path):
    answer = client.get(path)

    assert answer.status_code == 302
    assert "login" in answer["Location"]


def test_who_may_neither_import_nor_sign_is_told_who_can(signed, olga):
    answer = signed(olga).get(START)

    assert answer.status_code == 403
    assert "finance" in answer.content.decode()


def test_the_start_page_says_what_will_stand_there(signed, fiona):
    text = signed(fiona).get(START).content.decode()

    assert "Nothing waits" in text
    assert "Nothing imported yet" in text
    assert "<h1>Import a portfolio</h1>" in text


def test_an_upload_leads_to_its_preview_and_keeps_nothing_else(signed, fiona):
    client = signed(fiona)

    answer = client.post(START, {"file": SimpleUploadedFile("p.csv", ROWS)}, follow=True)

    text = answer.content.decode()
    assert answer.redirect_chain[0][0] == page(PortfolioUpload.objects.get())
    assert "<h1>p.csv</h1>" in text
    assert "is no stage we know" in text
    assert Initiative.objects.count() == 0


def test_a_form_without_a_file_is_refused_in_place(signed, fiona):
    answer = signed(fiona).post(START, {})

    assert answer.status_code == 422
    assert "There is a problem" in answer.content.decode()


def test_a_mapping_that_means_nothing_is_refused_in_place(signed, fiona):
    files = {"file": SimpleUploadedFile("p.csv", ROWS), "mapping": SimpleUploadedFile("m.toml", b"[columns")}

    answer = signed(fiona).post(START, files)

    assert answer.status_code == 422
    assert "not TOML" in answer.content.decode()
    assert not PortfolioUpload.objects.exists()


def test_an_uploaded_mapping_is_taken(signed, fiona):
    files = {
        "file": SimpleUploadedFile("p.csv", ROWS),
        "mapping": SimpleUploadedFile("m.toml", b'[stages]\n"Odd" = "MVP"'),
    }

    signed(fiona).post(START, files)

    assert PortfolioUpload.objects.get().mapping == {"stages": {"Odd": "MVP"}}


def test_who_may_only_sign_may_not_upload(signed, person):
    chair = person("Carol", "administrator")

    assert signed(chair).post(START, {"file": SimpleUploadedFile("p.csv", ROWS)}).status_code == 403


def test_a_transposed_file_says_so_and_is_turned_by_its_form(signed, fiona, organisation, at):
    content = b"Project name,Alpha,Beta\nDepartment,X,Y\nBudget,1,2\n"
    found = receive_upload(file=Delivered("t.csv", content), milestones=None, mapping={}, by=fiona, at=at)
    client = signed(fiona)

    before = client.get(page(found)).content.decode()
    answer = posted(client, found, transposed="true")

    assert "The table is transposed" in before
    assert answer.status_code == 302
    assert PortfolioUpload.objects.get().mapping["options"] == {"transposed": True}
    assert "Alpha" in client.get(page(found)).content.decode()


def test_labels_and_dates_are_answered_on_the_page(signed, fiona, upload):
    client = signed(fiona)
    form = client.get(page(upload)).context["form"]
    assert [(told.label, told.stage) for told in form.labels] == [("Odd", ""), ("Idea", "Concept"), ("Pilot", "Pilot")]

    posted(client, upload, stage_0="MVP", order="dmy")

    report = client.get(page(upload)).context["report"]
    assert (report["accepted"], report["refused"]) == (3, 0)
    assert report["by_stage"] == {"Concept": 1, "MVP": 1, "Pilot": 1}


def test_a_usual_label_may_be_asked_about_after_all(signed, fiona, upload):
    client = signed(fiona)

    posted(client, upload, stage_1="")

    assert PortfolioUpload.objects.get().mapping["stages"]["Idea"] == "ask"
    assert client.get(page(upload)).context["report"]["refused"] == 2


def test_a_column_may_be_left_out_or_changed(signed, fiona, upload):
    client = signed(fiona)

    posted(client, upload, column_start="", column_name="id")

    columns = PortfolioUpload.objects.get().mapping["columns"]
    assert (columns["start"], columns["name"]) == (False, "id")
    assert client.get(page(upload)).context["report"]["refused"] == 1


def test_posting_the_form_unchanged_reads_the_file_as_before(signed, fiona, upload):
    client = signed(fiona)
    before = client.get(page(upload)).context["report"]

    posted(client, upload)

    after = client.get(page(upload)).context["report"]
    assert {**after, "notes": []} == {**before, "notes": []}


def test_a_wrong_currency_is_refused_in_place(signed, fiona, upload):
    answer = posted(signed(fiona), upload, currency="pounds")

    assert answer.status_code == 422
    assert "Write a code such as USD." in answer.content.decode()
    assert PortfolioUpload.objects.get().mapping == {}


def test_a_saved_mapping_is_proposed_for_the_next_file_with_this_header(signed, fiona, upload, at):
    posted(signed(fiona), upload, stage_0="MVP", save_as="Ours")

    following = receive_upload(
        file=Delivered("next.csv", ROWS.replace(b"Grid", b"Grids")), milestones=None, mapping={}, by=fiona, at=at
    )
    other = receive_upload(file=Delivered("o.csv", b"name\nA\n"), milestones=None, mapping={}, by=fiona, at=at)

    assert PortfolioMapping.objects.get().name == "Ours"
    assert following.mapping["stages"]["Odd"] == "MVP"
    assert other.mapping == {}


def test_only_who_uploaded_changes_the_mapping(signed, frank, upload):
    assert posted_as_other(signed(frank), upload).status_code == 403


def posted_as_other(client, upload):
    return client.post(page(upload), {"transposed": "", "separator": ";", "column_name": "name", "column_id": "id"})


def test_two_people_sign_and_the_job_imports(signed, fiona, frank, upload):
    first, second = signed(fiona), signed(frank)
    assert "has to sign first" in second.get(page(upload)).content.decode()

    first.post(f"{page(upload)}propose/")
    assert "You signed first" in first.get(page(upload)).content.decode()
    assert "Sign as the second and import" in second.get(page(upload)).content.decode()
    answer = second.post(f"{page(upload)}start/")

    assert answer["Location"] == f"/jobs/{Job.objects.get().pk}/"
    assert do_the_job() == page(upload)
    grid = Initiative.objects.get()
    assert (grid.stage, grid.opening.first_signed_by, grid.opening.second_signed_by) == ("pilot", fiona, frank)
    assert "signed by Fiona and Frank" in first.get(page(upload)).content.decode()


def test_stages_of_a_finished_import_stand_in_their_order(signed, fiona, organisation, at):
    content = b"name,stage\nA,Sunset\nB,MVP\nC,Concept\nD,Launch\n"
    found = receive_upload(file=Delivered("x.csv", content), milestones=None, mapping={}, by=fiona, at=at)
    client = signed(fiona)
    client.post(f"{page(found)}start/")
    do_the_job()

    assert [stage for stage, _ in client.get(page(found)).context["stages"]] == ["Concept", "MVP", "Launch", "Sunset"]


def test_an_unsigned_import_begins_in_concept(signed, fiona, upload):
    signed(fiona).post(f"{page(upload)}start/")
    do_the_job()

    assert Initiative.objects.get().stage == "concept"
    assert "begins in Concept without an opening decision" in signed(fiona).get(page(upload)).content.decode()


def test_the_job_may_run_twice(signed, fiona, upload):
    signed(fiona).post(f"{page(upload)}start/")
    do_the_job()
    do_the_job()

    assert (Initiative.objects.count(), PortfolioImport.objects.count()) == (1, 1)


def test_the_first_does_not_sign_as_the_second(signed, fiona, upload):
    client = signed(fiona)
    client.post(f"{page(upload)}propose/")

    assert client.post(f"{page(upload)}start/").status_code == 422
    assert not Job.objects.exists()


def test_nobody_signs_what_was_not_put_up(signed, frank, upload):
    assert signed(frank).post(f"{page(upload)}start/").status_code == 403


def test_who_may_not_sign_does_not(signed, fiona, olga, upload):
    signed(fiona).post(f"{page(upload)}propose/")

    assert signed(olga).post(f"{page(upload)}start/").status_code == 403


def test_a_changed_mapping_takes_the_first_signature_back(signed, fiona, upload):
    client = signed(fiona)
    client.post(f"{page(upload)}propose/")

    posted(client, upload, order="dmy")

    assert PortfolioUpload.objects.get().proposed_at is None


def test_what_is_being_imported_or_done_is_not_started_again(signed, fiona, upload):
    client = signed(fiona)
    client.post(f"{page(upload)}start/")

    assert client.post(f"{page(upload)}start/").status_code == 409
    do_the_job()
    assert client.post(f"{page(upload)}start/").status_code == 409
    assert client.post(f"{page(upload)}discard/").status_code == 409


def test_an_upload_is_discarded_by_who_made_it(signed, fiona, frank, upload):
    assert signed(frank).post(f"{page(upload)}discard/").status_code == 403
    assert signed(fiona).post(f"{page(upload)}discard/")["Location"] == START
    assert not PortfolioUpload.objects.exists()
    assert not PortfolioFile.objects.exists()


@pytest.mark.parametrize("act", ["propose", "start", "discard"])
def test_acts_are_posts(signed, fiona, upload, act):
    assert signed(fiona).get(f"{page(upload)}{act}/").status_code == 405


def test_what_does_not_exist_is_not_found(signed, fiona):
    client = signed(fiona)

    assert client.get(f"{START}uploads/999/").status_code == 404
    assert client.post(f"{START}uploads/999/start/").status_code == 404
    assert client.get(f"{START}PI-999/").status_code == 404


def test_refusals_come_as_csv_before_and_after_and_carry_no_formula(signed, fiona, organisation, at):
    content = b"name,stage\nA,=HYPERLINK(1)\nB,Pilot\n"
    found = receive_upload(file=Delivered("x.csv", content), milestones=None, mapping={}, by=fiona, at=at)
    client = signed(fiona)

    before = client.get(f"{page(found)}refusals.csv")
    client.post(f"{page(found)}start/")
    do_the_job()
    after = client.get(f"{START}{PortfolioImport.objects.get().key}/refusals.csv")

    assert before["Content-Type"] == "text/csv; charset=utf-8"
    assert before.content == after.content == client.get(f"{page(found)}refusals.csv").content
    lines = before.content.decode().splitlines()
    assert lines[0] == "file,line,column,value,reason"
    assert lines[1].startswith("portfolio,2,stage,'=HYPERLINK(1),")


def test_markup_in_a_file_is_shown_and_not_obeyed(signed, fiona, organisation, at):
    content = b"name,stage\n<script>alert(1)</script>,Pilot\nB,<b>x</b>\n"
    found = receive_upload(file=Delivered("<i>.csv", content), milestones=None, mapping={}, by=fiona, at=at)

    text = signed(fiona).get(page(found)).content.decode()

    assert "<script>alert(1)" not in text
    assert "&lt;script&gt;" in text
    assert "<b>x</b>" not in text


def test_an_import_of_the_command_line_has_its_page(signed, fiona, organisation, at):
    from projects.intake.services import Order, import_portfolio

    import_portfolio(order=Order(Delivered("cli.csv", b"name\nA\n")), by=fiona, at=at)
    client = signed(fiona)

    assert "PI-001" in client.get(START).content.decode()
    assert "1 initiative has no owner yet" in client.get(f"{START}PI-001/").content.decode()


def test_the_start_page_asks_no_more_for_more_rows(signed, fiona, organisation, at, django_assert_num_queries):
    def make(count):
        for number in range(count):
            content = f"name\nA{number}-{count}\n".encode()
            receive_upload(file=Delivered("x.csv", content), milestones=None, mapping={}, by=fiona, at=at)

    client = signed(fiona)
    make(2)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        client.get(START)
    make(10)
    with django_assert_num_queries(len(few)):
        client.get(START)
