from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.gates.models import GateRequest
from projects.gates.services import decide_gate_request
from projects.gates.sweeps import sweep_proofs
from projects.initiatives.services import move_stage
from projects.value.models import ValueClaim
from projects.value.services import declare_claim
from tests.factories.gates import AT, cast, concept, on_agenda, ready

pytestmark = pytest.mark.django_db


@pytest.fixture
def people():
    return cast()


def test_sweep_takes_readiness_once_and_leaves_the_rest(people):
    gate = ready(people)
    later = AT + timedelta(days=46)

    assert sweep_proofs(at=AT) == []
    assert sweep_proofs(at=later) == [gate.key]
    assert sweep_proofs(at=later) == []
    assert GateRequest.objects.get(pk=gate.pk).state == "stale"


def test_sweep_asks_as_much_for_many_requests_as_for_one(people, django_assert_num_queries):
    ready(people)
    with CaptureQueriesContext(connection) as one:
        sweep_proofs(at=AT)
    for name in ("Second", "Third"):
        ready(people, concept(people, name))

    with django_assert_num_queries(len(one)):
        sweep_proofs(at=AT)


@pytest.mark.parametrize(("outcome", "frozen"), [("go", 1000), ("go_with_conditions", 1000), ("hold", None)])
def test_launch_freezes_what_was_declared(people, outcome, frozen):
    initiative = concept(people)
    for stage in ("mvp", "pilot"):
        move_stage(
            initiative_id=initiative.pk, to=stage, decision_reference="AIC-1", template_version=1, by=people.fay, at=AT
        )
    declare_claim(
        initiative_id=initiative.pk,
        benefit="Faster claims",
        amount=Decimal(1000),
        period_start=date(2026, 10, 1),
        period_end=date(2026, 11, 1),
        by=people.olga,
        at=AT,
    )
    gate = on_agenda(people, type(initiative).objects.get(pk=initiative.pk))

    decide_gate_request(gate_request_id=gate.pk, outcome=outcome, decision_reference="AIC-2", by=people.fay, at=AT)

    assert ValueClaim.objects.get().frozen_amount == frozen
