"""What was raised or decided on figures that a newer delivery changed is listed, and does not change by itself."""

from datetime import date

import pytest

from council.escalations.models import Escalation
from projects.sources.models import Delivery
from tests.projects.conftest import fiona, fraud, olga, sam  # noqa: F401
from tests.projects.spend.samples import take_in, write_focus
from tests.projects.trail.conftest import bill, funded, row  # noqa: F401

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def raised(initiative, spent, at):
    """An escalation that was decided on a figure of what was spent."""
    return Escalation.objects.create(
        key="ES-0001",
        initiative=initiative,
        rule="over_budget",
        figures={"spent": spent, "approved": "40", "currency": "USD"},
        policy_version=1,
        tripped_on=at.date(),
        raised_at=at,
        evaluated_at=at,
        answer_due_on=at.date(),
    )


def replaced(initiative, tmp_path, cost):
    owned = {"Tags": f'{{"initiative": "{initiative.key}"}}'}
    take_in(write_focus(tmp_path / "may.csv", row(date(2026, 5, 20), cost, **owned)), "cloud")
    return Delivery.objects.latest("pk")


@pytest.mark.parametrize(("cost", "is_listed"), [(40, False), (41, True)])
def test_an_escalation_is_listed_when_its_figure_would_differ_now(cost, is_listed, client, fiona, funded, tmp_path):  # noqa: F811
    escalation = raised(funded.initiative, "40", funded.released_at.replace(month=5, day=31))

    delivery = replaced(funded.initiative, tmp_path, cost)

    client.force_login(fiona)
    page = client.get(f"/spend/deliveries/{delivery.key}/").content.decode()
    assert "What it moved" in page
    assert (f"/escalations/{escalation.key}/" in page) is is_listed
    assert ("No decision or escalation stands on figures" in page) is not is_listed
    again = Escalation.objects.get()
    assert (again.figures, again.state) == (escalation.figures, "raised")
