from decimal import Decimal

import pytest
from django.urls import reverse

from council.home.route import route_of
from council.home.route_rules import review_step, sandbox_step, tier_step
from projects.initiatives.models import Initiative
from projects.initiatives.tiers import is_dearer, proposed_tier, tier_blockers
from projects.limits.selectors import policy_on
from projects.reviews.rules import topics_for
from tests.factories.gates import AT, ON, cast, concept

ROUTE = {
    "workload_class": "extraction",
    "model_tier": "small",
    "model_tier_reason": "",
    "risk": "low",
    "data_sensitivity": "medium",
    "criticality": "low",
    "data_classification": "internal",
}


@pytest.mark.parametrize(
    ("work", "tier"),
    [("extraction", "small"), ("drafting", "mid"), ("synthesis", "frontier"), ("deliberation", "reasoning"), ("", "")],
)
def test_the_kind_of_work_proposes_the_tier(work, tier):
    assert proposed_tier(work) == tier


@pytest.mark.parametrize(
    ("tier", "work", "dearer"),
    [
        ("small", "drafting", False),
        ("mid", "drafting", False),
        ("frontier", "drafting", True),
        ("reasoning", "synthesis", True),
        ("", "drafting", False),
        ("reasoning", "", False),
    ],
)
def test_only_a_tier_above_the_proposed_one_needs_a_reason(tier, work, dearer):
    assert is_dearer(tier, work) is dearer
    assert bool(tier_blockers(tier=tier, workload_class=work, reason=" ")) is dearer
    assert tier_blockers(tier=tier, workload_class=work, reason="Clauses nest.") == []


def test_a_step_says_what_is_chosen_why_and_what_is_still_to_be_told():
    told = {"work": "Drafting, moderate analysis", "workload_class": "drafting"}

    assert tier_step(tier="", reason="", **told).says == "Mid, proposed"
    assert not tier_step(tier="mid", reason="", **told).asks
    assert tier_step(tier="frontier", reason="", **told).asks
    assert "Clauses nest." in tier_step(tier="frontier", reason="Clauses nest.", **told).why
    assert tier_step(tier="", workload_class="", work="", reason="").asks
    assert review_step(["FinOps"], risk_tier="low", levels=[("risk", "")]).asks
    assert sandbox_step([]).says == "Allowed"
    assert sandbox_step(["High risk is never decided in the sandbox."]).says == "Not allowed"


def test_a_dearer_tier_is_looked_at_by_architects():
    plain = topics_for(risk_tier="low", criteria_topics=(), changed=())
    dearer = topics_for(risk_tier="low", criteria_topics=(), changed=(), has_dearer_tier=True)

    assert [row.topic for row in plain] == ["finops"]
    assert [(row.topic, row.why) for row in dearer][1] == (
        "architecture",
        "a dearer model tier than the work needs is chosen",
    )


@pytest.fixture
def people(db, settings):
    settings.TOLLGATE_NOW = AT.isoformat()
    return cast()


def said(initiative):
    return {step.name: step for step in route_of(initiative, on=ON, policy=policy_on(ON))}


@pytest.mark.parametrize(("cost", "says"), [("25000", "Not asked by its expected cost"), ("25000.01", "Asked by its")])
def test_a_month_above_the_policy_s_amount_needs_council_review(people, cost, says):
    initiative = concept(people, expected_monthly_cost=Decimal(cost), risk="low")

    assert said(initiative)["Council review"].says.startswith(says)


def test_high_risk_halves_the_amount_moves_the_authority_and_shuts_the_sandbox(people):
    initiative = concept(people, expected_monthly_cost=Decimal(9000), data_sensitivity="high", risk="low")

    steps = said(initiative)

    assert "12,500" in steps["Council review"].why
    assert "one row up for high risk" in steps["Decides a month's cost"].why
    assert steps["Sandbox"].says == "Not allowed"
    assert steps["Reviewed by"].says == "FinOps, Architecture, Security, Data"
    assert steps["Reviewed by"].why == "Risk tier high, the highest of risk low, data sensitivity high."


def test_the_owner_sets_the_route_and_a_dearer_tier_is_asked_why(client, people):
    initiative = concept(people)
    url = reverse("council:initiative-route", args=[initiative.key])
    client.force_login(people.olga)
    form = ROUTE | {"revision": str(initiative.revision)}
    assert "Not proposed yet" in client.get(url).content.decode()

    refused = client.post(url, form | {"model_tier": "frontier"})
    kept = client.post(url, form | {"model_tier": "frontier", "model_tier_reason": "Clauses nest."}, follow=True)

    assert refused.status_code == 422
    assert "A small model is enough for this work." in refused.content.decode()
    assert "Frontier, judged by reviewers" in kept.content.decode()
    assert Initiative.objects.get().workload_class == "extraction"
    assert client.post(url, form).status_code == 409


def test_strangers_find_no_route_and_readers_set_none(client, people, django_assert_max_num_queries):
    initiative = concept(people)
    url = reverse("council:initiative-route", args=[initiative.key])
    assert client.get(url).status_code == 302
    client.force_login(people.max)
    assert client.get(url).status_code == 404
    client.force_login(people.reader)
    with django_assert_max_num_queries(20):
        page = client.get(url).content.decode()
    assert "Set the route" not in page
    assert client.post(url, ROUTE | {"revision": "1"}).status_code == 403
