"""What moves in projects is swept by the council."""

from datetime import UTC, date, datetime

import pytest

from council.celery import app
from council.escalations.models import Escalation
from projects import signals
from projects.intake.models import PortfolioImport
from tests.factories.council import AT
from tests.factories.initiatives import initiative
from tests.factories.money import tranche
from tests.factories.rates import rate
from tests.factories.spend import spent


@pytest.fixture
def _work_at_once(settings):
    settings.TOLLGATE_NOW = AT.isoformat()
    app.conf.task_always_eager = True
    yield
    app.conf.task_always_eager = False


@pytest.fixture
def overspent(people, envelope):
    made = initiative(people.olga, "pilot")
    tranche(made, envelope, people.fay, datetime(2026, 11, 1, 9, tzinfo=UTC))
    spent(made, date(2026, 11, 10), "200000", by=people.fay, at=AT)
    return made


@pytest.mark.usefixtures("_work_at_once")
def test_initiatives_of_an_imported_portfolio_are_swept(people, overspent, django_capture_on_commit_callbacks):
    assert not Escalation.objects.exists()

    with django_capture_on_commit_callbacks(execute=True):
        signals.portfolio_imported.send(
            sender=PortfolioImport, portfolio_import=None, initiative_ids=[overspent.pk], by=people.fay, at=AT
        )

    assert Escalation.objects.filter(initiative=overspent, rule="over_budget").exists()


def test_an_import_without_new_initiatives_asks_for_no_sweep(people, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as queued:
        signals.portfolio_imported.send(
            sender=PortfolioImport, portfolio_import=None, initiative_ids=[], by=people.fay, at=AT
        )

    assert queued == []


@pytest.mark.usefixtures("_work_at_once")
def test_a_rate_that_comes_is_applied_to_the_spend_that_waited_for_it(
    people, envelope, django_capture_on_commit_callbacks
):
    made = initiative(people.olga, "pilot")
    tranche(made, envelope, people.fay, datetime(2026, 11, 1, 9, tzinfo=UTC))
    spent(made, date(2026, 11, 10), "200000", by=people.fay, at=AT, currency="EUR")

    with django_capture_on_commit_callbacks(execute=True):
        rate(date(2026, 11, 1), "EUR", "1.2", by=people.fay, at=AT)

    found = Escalation.objects.get(initiative=made, rule="over_budget")
    assert found.figures["spent"] == "240000"
