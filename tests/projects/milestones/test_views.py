from datetime import date, timedelta

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from projects.limits.selectors import policy_on
from projects.milestones.models import Milestone
from projects.milestones.selectors import milestone_panel
from projects.milestones.services import accept_milestone, baseline_milestone, deliver_milestone, plan_milestone

HTMX = {"HX-Request": "true"}
PLAN = {"name": "Shadow mode", "acceptance_test": "All alerts scored for five days", "forecast_due_on": "2026-12-04"}


@pytest.fixture(autouse=True)
def _clock(settings, now):
    settings.TOLLGATE_NOW = now.isoformat()


@pytest.fixture
def milestone(fraud, olga, now):
    return plan_milestone(
        initiative_id=fraud.pk,
        name="Precision on holdout",
        acceptance_test="At or above 92%",
        forecast_due_on=date(2026, 12, 4),
        by=olga,
        at=now,
    )


def at(milestone, *act):
    return reverse(
        "projects:milestone-act" if act else "projects:milestone",
        args=[milestone.initiative.key, milestone.sequence, *act],
    )


def text(answer):
    return " ".join(answer.content.decode().split())


def test_owner_plans_on_the_page(client, fraud, olga):
    client.force_login(olga)
    url = reverse("projects:milestone-plan", args=[fraud.key])
    assert client.post(url, PLAN | {"acceptance_test": ""}).status_code == 422

    shown = text(client.post(url, PLAN, follow=True))

    assert "Shadow mode planned. A decision sets its due date." in shown
    assert Milestone.objects.get().forecast_due_on == date(2026, 12, 4)


def test_reader_plans_nothing_and_a_stranger_finds_nothing(client, fraud, vera, max_the_stranger):
    url = reverse("projects:milestone-plan", args=[fraud.key])
    client.force_login(vera)
    assert client.get(url).status_code == 403
    client.force_login(max_the_stranger)
    assert client.get(url).status_code == 404


def test_anonymous_signs_in_first(client, milestone):
    assert client.get(at(milestone)).status_code == 302


def test_owner_delivers_and_reviewer_accepts(client, milestone, olga, vera):
    client.force_login(olga)
    assert client.post(at(milestone, "deliver"), {"evidence": " "}).status_code == 422
    assert "Somebody without an interest accepts it." in text(
        client.post(at(milestone, "deliver"), {"evidence": "Run 512"}, follow=True)
    )
    assert "Accept the milestone" not in text(client.get(at(milestone)))
    assert client.post(at(milestone, "accept")).status_code == 403
    client.force_login(vera)
    assert "Accept the milestone" in text(client.get(at(milestone)))

    answer = client.post(at(milestone, "accept"), headers=HTMX)

    assert answer["HX-Trigger"] == "milestones-changed"
    assert "<html" not in text(answer)
    assert Milestone.objects.get().state == "accepted"


def test_delivery_is_sent_back_with_its_reason(client, milestone, olga, vera, now):
    deliver_milestone(milestone_id=milestone.pk, evidence="Run 512", by=olga, at=now)
    client.force_login(vera)

    shown = text(client.post(at(milestone, "send-back"), {"reason": "Sample too small"}, follow=True))

    assert "Sample too small" in shown
    assert client.post(at(milestone, "accept")).status_code == 409


def test_forecast_is_the_owners(client, milestone, olga):
    client.force_login(olga)

    client.post(at(milestone, "forecast"), {"due_on": "2027-01-15"})

    assert Milestone.objects.get().forecast_due_on == date(2027, 1, 15)


def test_unknown_act_is_not_found(client, milestone, olga):
    client.force_login(olga)

    assert client.post(at(milestone, "erase")).status_code == 404
    assert client.get(at(milestone, "deliver")).status_code == 405


@pytest.mark.parametrize(
    ("days", "word"),
    [(-15, "In progress"), (0, "In progress"), (1, "Missed")],
)
def test_panel_says_how_a_milestone_stands(fraud, milestone, carol, now, days, word):
    due_on = date(2026, 12, 4)
    baseline_milestone(milestone_id=milestone.pk, due_on=due_on, decision_reference="AIC-1", by=carol, at=now)
    on = due_on + timedelta(days=days)

    panel = milestone_panel(fraud, on=on, policy=policy_on(on))
    shown = " ".join(render_to_string("projects/milestones/_panel.html", {"panel": panel}).split())

    assert [row.word for row in panel.rows] == [word]
    assert f"Missed in a row: {int(word == 'Missed')}. 2 in a row escalate." in shown
    assert panel.chart is not None


@pytest.mark.parametrize(
    ("due_on", "word", "late"), [(date(2026, 11, 19), "Met", 0), (date(2026, 11, 18), "Met, late", 1)]
)
def test_panel_counts_days_late(fraud, milestone, olga, vera, carol, now, due_on, word, late):
    baseline_milestone(milestone_id=milestone.pk, due_on=due_on, decision_reference="AIC-1", by=carol, at=now)
    deliver_milestone(milestone_id=milestone.pk, evidence="Run 512", by=olga, at=now)
    accept_milestone(milestone_id=milestone.pk, by=vera, at=now + timedelta(days=9))

    row = milestone_panel(fraud, on=date(2026, 12, 1), policy=policy_on(now.date())).rows[0]

    assert (row.word, row.days_late, row.met_or_expected_on) == (word, late, now.date())


def test_panel_without_milestones_says_what_will_come(fraud, now):
    panel = milestone_panel(fraud, on=now.date(), policy=policy_on(now.date()))

    assert "No milestone planned" in render_to_string("projects/milestones/_panel.html", {"panel": panel})
