from datetime import UTC, date, datetime

import pytest

from projects.people.roles import Role
from tests.browser.looking import THEMES, WIDTHS, look_at
from tests.factories.initiatives import initiative
from tests.factories.money import envelope, tranche
from tests.factories.people import person
from tests.projects.spend.samples import FOCUS, take_in, write_focus
from tests.projects.trail.conftest import row


@pytest.fixture
def fiona(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    finance = person("fiona", Role.FINANCE)
    claims = initiative(person("olga", Role.REGISTRANT), "mvp", name="Claims triage")
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
    look_at(page, "charges")
    page.get_by_role("link", name="DL-0001 line 55").click()
    page.get_by_text("AIC-2026-014").wait_for()
    look_at(page, "charge")
    page.get_by_role("link", name="T1, $100,000.00").click()
    page.get_by_role("link", name="45 charges").wait_for()
    look_at(page, "tranche")
