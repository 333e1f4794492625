"""What was raised or decided on figures that a newer delivery changed is listed, and does not change by itself."""
# ruff: noqa: F811

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from council.decisions.restated import frozen_figures, restated_escalations
from council.decisions.services import record_restated
from council.escalations.models import Escalation
from projects.audit.models import AuditEvent
from projects.gates.models import FrozenInputs, GateRequest
from projects.gates.template_services import template_in_force
from projects.sources.models import Delivery
from tests.factories.initiatives import initiative
from tests.projects.conftest import fiona, fraud, olga, sam  # noqa: F401
from tests.projects.spend.samples import take_in, write_focus
from tests.projects.trail.conftest import bill, funded, row  # noqa: F401

pytestmark = pytest.mark.django_db
AT = datetime(2026, 5, 31, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def raised(initiative, spent, at, rule="over_budget", **more):
    """An escalation that was raised on a figure of what was spent."""
    named = {"tranche_overspent": "cost", "unfunded_spend": "unfunded"}.get(rule, "spent")
    return Escalation.objects.create(
        key=more.pop("key", "ES-0001"),
        initiative=initiative,
        rule=rule,
        figures={named: spent, "approved": "40", "currency": "USD", **more},
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
def test_an_escalation_is_listed_when_its_figure_would_differ_now(cost, is_listed, client, fiona, funded, tmp_path):
    escalation = raised(funded.initiative, "40", funded.released_at.replace(month=5, day=31))

    delivery = replaced(funded.initiative, tmp_path, cost)

    client.force_login(fiona)
    page = client.get(f"/spend/deliveries/{delivery.key}/").content.decode()
    assert "What it moved" in page
    assert (f"/escalations/{escalation.key}/" in page) is is_listed
    assert ("No decision or escalation stands on figures" in page) is not is_listed
    again = Escalation.objects.get()
    assert (again.figures, again.state) == (escalation.figures, "raised")


def test_an_escalation_stays_listed_with_its_old_figure_when_it_is_told_with_new_ones(
    client, fiona, funded, olga, tmp_path
):
    raised(funded.initiative, "40", AT)
    raised(initiative(olga, "mvp"), "7", AT, key="ES-0002")  # another's, which nothing moved

    delivery = replaced(funded.initiative, tmp_path, "44")
    event = AuditEvent.objects.get(verb="escalation.restated")
    Escalation.objects.filter(key="ES-0001").update(figures={"spent": "44", "approved": "40", "currency": "USD"})
    found = frozen_figures(delivery, [funded.initiative.key])
    client.force_login(fiona)
    page = client.get(f"/spend/deliveries/{delivery.key}/").content.decode()

    assert (event.target_label.partition(" ")[0], event.data) == (
        "ES-0001",
        {"before": {"figure": "40", "currency": "USD"}, "after": {"restated by": delivery.key}},
    )
    assert [(line.key, line.then, line.now) for line in found] == [("ES-0001", Decimal(40), Decimal(44))]
    assert "raised, told with new figures since" in page
    Escalation.objects.filter(key="ES-0001").update(figures={"spent": "40", "approved": "40", "currency": "USD"})
    assert [line.what for line in frozen_figures(delivery, [funded.initiative.key])] == [
        f"Over approved budget, {funded.initiative.name}, raised"
    ]


def test_a_delivery_that_replaces_nothing_restates_nothing(funded):
    raised(funded.initiative, "41", AT)

    assert record_restated(delivery=Delivery.objects.latest("pk"), at=AT) == []
    assert not AuditEvent.objects.filter(verb="escalation.restated").exists()


@pytest.mark.parametrize(
    ("rule", "then", "more"),
    [("tranche_overspent", "40", {"tranche": "T1"}), ("unfunded_spend", "250.25", {})],
)
@pytest.mark.parametrize("changes", [False, True])
def test_each_rule_about_money_is_held_against_the_days_that_it_counts(
    rule, then, more, changes, fiona, funded, tmp_path
):
    raised(funded.initiative, then, datetime(2026, 5, 31, 12, tzinfo=UTC), rule, **more)
    delivery = Delivery.objects.latest("pk")
    if changes:
        delivery = replaced(funded.initiative, tmp_path, "40.01")

    frozen = frozen_figures(delivery, [funded.initiative.key])

    assert [(line.key, line.then) for line in frozen] == ([("ES-0001", Decimal(then))] if changes else [])


def test_a_request_stands_on_the_figure_that_it_was_sent_with(fiona, funded, tmp_path):
    gate = GateRequest.objects.create(
        key="GR-0001",
        initiative=funded.initiative,
        kind="stay",
        from_stage="mvp",
        template=template_in_force(at=AT),
        drafted_by=fiona,
        drafted_at=AT,
    )
    FrozenInputs.objects.create(
        request=gate,
        round=1,
        inputs={"spend": {"spent": "40", "currency": "USD"}},
        changes={},
        triggers={},
        ask={},
        computed_at=AT,
        policy_version=0,
        sha256="0" * 64,
    )

    delivery = replaced(funded.initiative, tmp_path, "44")

    assert [
        (line.kind, line.key, line.then, line.now) for line in frozen_figures(delivery, [funded.initiative.key])
    ] == [("Request", "GR-0001", Decimal(40), Decimal(44))]


def test_however_many_figures_stand_they_are_all_held_in_the_same_queries(olga, bill):
    delivery = Delivery.objects.latest("pk")
    keys, counts = [], []
    for number in (1, 40):
        while len(keys) < number:
            one = initiative(olga, "mvp", name=f"Number {len(keys)}")
            raised(one, "7", AT - timedelta(days=len(keys)), key=f"ES-{len(keys) + 1:04}")
            keys.append(one.key)
        with CaptureQueriesContext(connection) as asked:
            found = frozen_figures(delivery, keys)
        counts.append((len(asked), len(found)))

    assert counts[1][1] == 40, "each on another day"
    assert counts[1][0] <= counts[0][0] + 1


def test_the_import_asks_about_open_escalations_alone_however_many_there_are(olga, fiona, bill):
    delivery = Delivery.objects.latest("pk")
    counts = []
    for number in (0, 1, 40):
        while Escalation.objects.count() < number:
            one = initiative(olga, "mvp", name=f"Number {Escalation.objects.count()}")
            raised(one, "7", AT, key=f"ES-{Escalation.objects.count() + 1:04}")
        keys = [one.initiative.key for one in Escalation.objects.select_related("initiative")] or ["AI-999"]
        delivery.moved = [{"initiative": key, "month": "2026-05", "currency": "USD"} for key in keys]
        with CaptureQueriesContext(connection) as asked:
            found = restated_escalations(delivery)
        counts.append((len(asked), len(found)))

    assert counts == [(1, 0), (4, 1), (4, 40)]
    tables = " ".join(query["sql"] for query in asked)
    assert "council_decision" not in tables
    assert "projects_frozeninputs" not in tables


def test_a_closed_escalation_is_listed_and_not_told_again(funded, tmp_path):
    one = raised(funded.initiative, "40", AT)
    Escalation.objects.filter(pk=one.pk).update(state="closed", closed_at=AT, closed_by=funded.initiative.registered_by)

    delivery = replaced(funded.initiative, tmp_path, "44")

    assert [line.key for line in frozen_figures(delivery, [funded.initiative.key])] == ["ES-0001"]
    assert restated_escalations(delivery) == []
    assert not AuditEvent.objects.filter(verb="escalation.restated").exists()
