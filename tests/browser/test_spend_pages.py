from datetime import UTC, date, datetime, timedelta

import pytest

from projects.common.clock import machine_now
from projects.jobs.models import Job
from projects.jobs.services import end_job, request_job, take_job
from projects.people.models import Team
from projects.people.roles import Role
from tests.browser.looking import THEMES, WIDTHS, look_at
from tests.factories.initiatives import initiative
from tests.factories.money import envelope, tranche
from tests.factories.people import person
from tests.projects.spend.samples import FOCUS, take_in, write_focus
from tests.projects.trail.conftest import row


def team(name):
    return Team.objects.create(name=name)


@pytest.fixture
def fiona(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    finance = person("fiona", Role.FINANCE)
    claims = initiative(person("olga", Role.REGISTRANT), "mvp", name="Claims triage", team=team("Claims"))
    owned = {"Tags": f'{{"initiative": "{claims.key}", "env": "Prod", "user_email": "ann@example.com"}}'}
    cells = [row(date(2026, 5, day), 40 + day, **owned) for day in range(1, 28)]
    cells += [row(date(2026, 6, day), 300 + day, ServiceName="Vertex AI", **owned) for day in range(1, 28)]
    cells += [row(date(2026, 6, 3), "30.123456", SubAccountId="nobody's sandbox")]
    take_in(write_focus(tmp_path / "bill.csv", *cells), "cloud")
    take_in(FOCUS / "litellm_focus_servegen_m_small.csv", "gateway")
    at = datetime(2026, 5, 10, 9, tzinfo=UTC)
    tranche(claims, envelope(finance, at), finance, at, ends_on=date(2026, 7, 1), decision_reference="AIC-2026-014")
    return finance


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", THEMES)
def test_the_way_from_a_figure_to_its_decision_reads_well(open_browser, fiona, width, dark):
    page = open_browser(fiona, width=width, dark=dark)

    page.goto("/spend/?by=day")
    look_at(page, "spend-by-day")
    page.goto("/spend/?by=team")
    page.get_by_role("link", name="$10k").click()
    page.get_by_role("link", name="DL-0001 line 55").wait_for()
    look_at(page, "charges")
    page.get_by_role("link", name="DL-0001 line 55").click()
    page.get_by_text("AIC-2026-014").wait_for()
    look_at(page, "charge")
    page.get_by_role("link", name="T1, $100,000.00").click()
    page.get_by_role("link", name="45 charges").wait_for()
    look_at(page, "tranche")


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_statements_months_and_deliveries_read_well(open_browser, fiona, tmp_path, width, dark):
    claims = Team.objects.get()
    bad = write_focus(tmp_path / "bad.csv", row(date(2026, 5, 1), 12), row(date(2026, 5, 2), "twelve"))
    take_in(bad, "cloud", "--good-rows")
    page = open_browser(fiona, width=width, dark=dark)

    page.goto("/spend/showback/")
    look_at(page, "showback")
    page.goto(f"/spend/showback/{claims.pk}/2026-06/")
    look_at(page, "statement")
    page.goto("/spend/periods/")
    page.get_by_role("button", name="Close Jun 2026").click()
    page.get_by_text("Ask for it to be opened again").click()
    look_at(page, "periods")
    page.goto("/spend/deliveries/DL-0003/")
    page.get_by_role("heading", name="1 row left out").wait_for()
    look_at(page, "delivery")
    page.goto("/spend/import/")
    page.get_by_role("combobox", name="Source").fill("another")
    page.locator("input[type=file]").set_input_files(bad)
    page.get_by_role("button", name="Look into the file").click()
    page.get_by_role("button", name="Load 1 good row").wait_for()
    look_at(page, "preview-bad")
    own = tmp_path / "own.csv"
    own.write_text("Tag;Dienst;Betrag\n01.10.2026;Sitze;10,50\n", encoding="cp1252")
    page.goto("/spend/import/")
    page.get_by_role("combobox", name="Source").fill("own")
    page.locator("input[type=file]").set_input_files(own)
    page.get_by_role("button", name="Look into the file").click()
    page.get_by_role("button", name="Read it this way").click()
    page.get_by_role("link", name="A mapping needs the column of the amount.").wait_for()
    look_at(page, "columns-named")
    job = request_job(kind="import_costs", label="Import own.csv", arguments={}, by=fiona, at=machine_now())
    take_job(job_id=job.pk, worker="gone")
    Job.objects.filter(pk=job.pk).update(heartbeat_at=machine_now() - timedelta(seconds=40))
    page.goto(f"/jobs/{job.pk}/")
    page.get_by_text("Nothing heard from the worker for").wait_for()
    look_at(page, "job-silent")
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Cancelling: it stops at its next step, or is done before that.").wait_for()
    end_job(job_id=job.pk, act="cancel", at=machine_now())
    page.get_by_role("heading", name="Cancelled").wait_for()
    look_at(page, "job-cancelled")
