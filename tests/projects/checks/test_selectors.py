from datetime import date, timedelta
from decimal import Decimal

import pytest

from projects.checks.rules import run
from projects.checks.selectors import facts_of
from projects.estimates.rules import LINES, Line
from projects.estimates.services import save_estimate
from projects.guardrails.rules import CORE, Proof
from projects.guardrails.services import record_guardrail_proof, set_guardrail
from projects.initiatives.services import move_stage
from projects.limits.selectors import policy_on
from projects.quality.models import QualityGate, QualityReading
from projects.value.services import Reading, create_kpi_card, import_kpi_reading
from tests.factories.gates import AT, ON, cast, concept

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return cast()


@pytest.fixture
def pilot(people):
    initiative = concept(people)
    for stage in ("mvp", "pilot"):
        move_stage(
            initiative_id=initiative.pk, to=stage, decision_reference="AIC-1", template_version=1, by=people.fay, at=AT
        )
    return type(initiative).objects.get(pk=initiative.pk)


def look(code, initiative):
    return run(code, facts_of(initiative, on=ON, policy=policy_on(ON)))


def test_nothing_recorded_proves_nothing_but_the_owners(pilot):
    assert look("owners_named", pilot).verdict == "proved"
    for code in ("estimate", "model_shortlist", "kpi_cards", "guardrails_filled", "quality_met", "cost_baseline"):
        assert look(code, pilot).verdict == "unproved"


def test_estimate_is_read_from_its_newest_version(people, pilot):
    lines = [Line(code, layer, Decimal(1), Decimal(2), Decimal(3)) for code, (_, layer) in LINES.items()]
    save_estimate(initiative_id=pilot.pk, lines=lines, price_sheet_version="sheet", by=people.olga, at=AT)

    found = look("estimate", pilot)

    assert (found.verdict, found.figure) == ("proved", "9.00 / 18.00 / 27.00")


def test_guardrails_are_filled_by_the_owner_and_proved_by_rows(people, pilot):
    for code in CORE:
        number = "20" if code in ("token_budget", "output_limit", "anomaly_threshold", "prompt_caching") else "Written."
        row = set_guardrail(initiative_id=pilot.pk, code=code, value=number, source="Gateway", by=people.olga, at=AT)
        assert look("guardrails_proved", pilot).verdict == "unproved"
        record_guardrail_proof(guardrail_id=row.pk, proof=Proof(True, "1", "Held."), by=None, at=AT)

    assert look("guardrails_filled", pilot).verdict == "proved"
    assert look("guardrails_proved", pilot).verdict == "proved"
    record_guardrail_proof(guardrail_id=row.pk, proof=Proof(False, "1", "Broken."), by=None, at=AT)
    assert look("guardrails_proved", pilot).verdict == "failed"


def unit_cost(people, initiative, *values, imported=True):
    card = create_kpi_card(
        initiative_id=initiative.pk,
        name="Cost per answer",
        unit="USD",
        direction="down",
        measures="unit_cost",
        owner=people.olga,
        by=people.olga,
        at=AT,
    )
    months = [date(2026, month, 1) for month in (7, 8, 9, 10, 11)]
    for value, start, end in zip(values, months, months[1:], strict=False):
        import_kpi_reading(card_id=card.pk, reading=Reading(start, end, Decimal(value)), by=None, at=AT)


def test_unit_economics_read_imported_periods(people, pilot):
    unit_cost(people, pilot, "1.00", "1.02", "1.05")

    assert look("unit_economics", pilot).verdict == "proved"
    assert look("unit_cost_stable", pilot).verdict == "proved"


@pytest.mark.parametrize(
    ("imported", "value", "verdict"), [(True, "93", "proved"), (True, "92", "failed"), (False, "99", "unproved")]
)
def test_quality_is_met_by_proven_readings_only(people, pilot, imported, value, verdict):
    gate = QualityGate.objects.create(
        initiative=pilot, metric="Accuracy", threshold=Decimal(93), created_by=people.olga, created_at=AT
    )
    QualityReading.objects.create(
        gate=gate,
        value=Decimal(value),
        read_on=ON - timedelta(days=1),
        source="Test",
        is_imported=imported,
        entered_by=people.olga,
        entered_at=AT,
    )

    assert look("quality_met", pilot).verdict == verdict
    assert look("control_quality_metric", pilot).verdict == "proved"


def test_facts_cost_a_constant_number_of_queries(people, pilot, django_assert_max_num_queries):
    policy = policy_on(ON)
    with django_assert_max_num_queries(20) as few:
        facts_of(pilot, on=ON, policy=policy)
    unit_cost(people, pilot, "1", "1", "1")

    with django_assert_max_num_queries(len(few) + 1):
        facts_of(pilot, on=ON, policy=policy)
