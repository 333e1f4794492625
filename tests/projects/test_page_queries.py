"""Every page of initiatives and gates asks the database as often for many rows as for few."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from council.portfolio.services import save_view
from projects.gates.models import CriterionProof, GateTemplate
from projects.gates.proofs import attach_evidence
from projects.gates.section_services import save_section
from projects.gates.services import draft_gate_request
from projects.gates.template_rules import Wording
from projects.gates.template_services import draft_template, save_criterion
from projects.guardrails.rules import CORE
from projects.guardrails.services import file_guardrail_evidence, set_guardrail
from projects.initiatives.services import invite_contributor
from projects.milestones.services import deliver_milestone, plan_decided_milestone
from projects.people.models import Team, User
from projects.people.roles import Role
from projects.quality.services import record_quality_reading, set_quality_gate
from projects.value.services import Reading, create_kpi_card, declare_claim, measure_claim, record_kpi_reading
from tests.factories.council import council
from tests.factories.gates import AT, cast, concept, drafted, in_review, on_agenda, ready
from tests.factories.initiatives import initiative
from tests.factories.people import person
from tests.factories.spend import spent

pytestmark = pytest.mark.django_db
PEOPLE = ("olga", "fay", "rita", "sue", "ada")


@pytest.fixture(autouse=True)
def clock(settings, tmp_path):
    settings.TOLLGATE_NOW, settings.MEDIA_ROOT = AT.isoformat(), tmp_path


class World:
    """An initiative in Scale with a reassessment, a Concept with a request, and whatever `grow` adds to them."""

    def __init__(self):
        self.people, self.times = cast(), 0
        self.people.ada = person("ada", Role.ADMINISTRATOR)
        council()
        self.team = Team.objects.create(name="Claims")
        owners = {"technical_owner": self.people.tom, "budget_owner": self.people.olga, "sponsor": self.people.sam}
        self.scaled = initiative(self.people.olga, "scale", team=self.team, **owners)
        self.topics = draft_gate_request(initiative_id=self.scaled.pk, kind="reassessment", by=self.people.olga, at=AT)
        self.draft = drafted(self.people, concept(self.people, "Policy wording answers", team=self.team))
        self.judged = in_review(self.people, concept(self.people, "Judged", team=self.team))
        self.alone = concept(self.people, "Alone", team=self.team)
        self.template = draft_template(reason="Because.", by=self.people.ada, at=AT)
        self.grow()

    def grow(self):
        """Add one more of everything that a page lists."""
        self.times += 1
        people, made, last = self.people, self.scaled, self.times
        joined = person(f"colin{last}")
        invite_contributor(initiative_id=made.pk, user=joined, by=people.olga, at=AT)
        self._value(people, made, last)
        self._quality(people, made, last)
        self._guardrails(people, made, last)
        milestone = plan_decided_milestone(
            initiative_id=made.pk, name=f"Step {last}", acceptance_test="It runs.", due_on=date(2026, 12, last),
            decision_reference=f"AIC-2026-{last:03}", by=people.fay, at=AT,
        )  # fmt: skip
        deliver_milestone(milestone_id=milestone.pk, evidence="The report.", by=people.olga, at=AT)
        spent(made, AT.date() - timedelta(days=last), "10", by=people.fay, at=AT)
        self._requests(people, last)
        save_view(name=f"View {last}", pairs=[("view", "table")], is_shared=True, by=joined, at=AT)
        row = Wording("concept", f"more_{last}", f"One more, {last}", True, "c", "cost_baseline")
        revision = GateTemplate.objects.get(pk=self.template.pk).revision
        save_criterion(
            template_id=self.template.pk, criterion_id=None, wording=row, revision=revision, by=people.ada, at=AT
        )

    def _value(self, people, made, last):
        card = create_kpi_card(
            initiative_id=made.pk, name=f"Measure {last}", unit="claims", direction="up", owner=people.olga,
            by=people.olga, at=AT, target=Decimal(10), category="productivity",
        )  # fmt: skip
        self.card = getattr(self, "card", card)
        reading = Reading(date(2026, 1, last), date(2026, 1, last + 1), Decimal(last), note="Counted.")
        for one in {card.pk, self.card.pk}:
            record_kpi_reading(card_id=one, reading=reading, by=people.olga, at=AT)
        claim = declare_claim(
            initiative_id=made.pk, benefit=f"Faster {last}", amount=Decimal(100), period_start=date(2026, 9, 1),
            period_end=date(2026, 10, 1), card=card, by=people.olga, at=AT,
        )  # fmt: skip
        measure_claim(claim_id=claim.pk, amount=Decimal(90), measured_from="The ledger.", by=people.tom, at=AT)
        self.claim = getattr(self, "claim", claim)

    def _quality(self, people, made, last):
        watched = {"kind": "quality", "unit": "%", "threshold": Decimal(90), "direction": "at_least"}
        gate = set_quality_gate(
            initiative_id=made.pk, metric=f"F{last}", cadence_days=30, **watched, by=people.olga, at=AT
        )
        self.gate = getattr(self, "gate", gate)
        for one in {gate.pk, self.gate.pk}:
            figures = {"value": Decimal(91), "read_on": AT.date() - timedelta(days=last), "source": "Test set"}
            record_quality_reading(gate_id=one, **figures, evidence="Words.", by=people.olga, at=AT)

    def _guardrails(self, people, made, last):
        code = CORE[(last - 1) % len(CORE)]
        value = "20" if code in ("token_budget", "output_limit", "anomaly_threshold", "prompt_caching") else "Written."
        row = set_guardrail(initiative_id=made.pk, code=code, value=value, source="Gateway", by=people.olga, at=AT)
        if code == "routing_policy":
            file_guardrail_evidence(guardrail_id=row.pk, evidence="The settings.", by=people.olga, at=AT)

    def _requests(self, people, last):
        for name, make in (("Draft", drafted), ("Review", in_review), ("Ready", ready), ("Agenda", on_agenda)):
            make(people, concept(people, f"{name} {last}", team=self.team))
        for gate, about in ((self.draft, "alternatives"), (self.draft, "guardrail:token_budget")):
            content = f"Words {last}.".encode()
            key = {"gate_request_id": gate.pk, "about": about, "name": f"{last}.txt", "content": content}
            attach_evidence(**key, by=people.olga, at=AT)
        for who in (people.olga, people.tom):
            words = {"answers": {"typed": f"{who} {last}"}, "columns": {}, "problems": {}}
            save_section(gate_request_id=self.draft.pk, code="risk", **words, revision=0, finish=False, by=who, at=AT)
        waived = {"waived_by": people.fay, "waived_second_by": people.sue, "waived_until": date(2026, 12, 31)}
        left = self.judged.proofs.exclude(state="waived").order_by("pk").values("pk")[:1]
        CriterionProof.objects.filter(pk__in=left).update(state="waived", waiver_reason="Seen.", **waived)


@pytest.fixture
def world(clock):
    return World()


def test_no_page_of_initiatives_and_gates_asks_more_for_more_rows(client, world):
    pages = addresses(world)
    opened = {page: asked(client, *page)[0] for page in pages}
    assert {page: status for page, status in opened.items() if status != 200} == {}
    few = {page: asked(client, *page) for page in pages}
    world.grow()
    for page in pages:  # figures are added up once for what is delivered
        asked(client, *page)

    many = {page: asked(client, *page) for page in pages}

    grown = {page: (few[page], many[page]) for page in pages if many[page] > few[page]}
    assert not grown


def addresses(world):
    """Name each page with the one who reads it."""
    tab = f"/initiatives/{world.scaled.key}/"
    tabs = ("", "gates/", "funding/", "spend/", "value/", "milestones/", "guardrails/", "history/", "edit/", "people/")
    deep = (
        *("kpis/new/", f"kpis/{world.card.pk}/", f"kpis/{world.card.pk}/edit/", "claims/new/"),
        *(f"claims/{world.claim.pk}/", "guardrails/token_budget/", "guardrails/routing_policy/", "quality/"),
        *("milestones/1/", "milestones/plan/"),
    )
    request, topics, judged = (f"/requests/{gate.key}/" for gate in (world.draft, world.topics, world.judged))
    sections = ("", "check/", "ask/", "risk/", "value/", "proofs/", "ownership/", "estimate/")
    return [
        *(("olga", tab + part) for part in (*tabs, *deep)),
        *(("fay", tab + part) for part in ("", f"claims/{world.claim.pk}/", "value/")),
        *(("rita", tab + part) for part in ("guardrails/routing_policy/", "quality/")),
        *(("olga", request + part) for part in sections),
        *(("olga", topics + part) for part in ("", "topics/", "check/")),
        *(("sue", judged), ("olga", judged), ("rita", f"/reviews/{world.judged.key}/")),
        *(("olga", page) for page in ("/requests/", f"/requests/new/?initiative={world.alone.key}")),
        *(("rita", "/reviews/"), ("olga", "/initiatives/new/"), ("olga", f"/initiatives/{world.alone.key}/close/")),
        *(("sue", page) for page in ("/portfolio/", "/portfolio/?view=table", "/portfolio/?stage=concept&sort=name")),
        *(("olga", "/portfolio/"), ("sue", "/home/"), ("olga", "/home/"), ("sue", "/search/?q=review")),
        *(("ada", page) for page in ("/setup/templates/", "/setup/templates/1/", "/setup/templates/2/")),
        ("sue", f"/initiatives/{world.scaled.key}/people/"),
    ]


def asked(client, who, path):
    """Return a page's status and how often it asks the database."""
    client.force_login(User.objects.get(username=who))
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path)
    return answer.status_code, len(queries)
