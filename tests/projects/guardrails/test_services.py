from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from projects.audit.models import AuditEvent
from projects.common.outcomes import Conflicted, NotPermitted, WrongState
from projects.guardrails.models import Guardrail
from projects.guardrails.rules import Proof
from projects.guardrails.selectors import checklist, output_limits
from projects.guardrails.services import (
    GuardrailRefused,
    prove_guardrails,
    record_guardrail_proof,
    set_guardrail,
    usage_proof,
)
from projects.initiatives.services import close_initiative, move_stage
from projects.limits.selectors import policy_on
from projects.usage.rules import Computed, Counts
from projects.usage.selectors import ModelUsage, UsageTotals
from tests.factories.gates import AT, ON, cast, concept

pytestmark = pytest.mark.django_db
HELD = Proof(True, "38m", "Inside the budget.")


@pytest.fixture
def people():
    return cast()


@pytest.fixture
def initiative(people):
    found = concept(people)
    return move_stage(
        initiative_id=found.pk, to="mvp", decision_reference="AIC-1", template_version=1, by=people.fay, at=AT
    )


def fill(initiative, by, code="token_budget", value="38000000", **changes):
    return set_guardrail(initiative_id=initiative.pk, code=code, value=value, source="Gateway", by=by, at=AT, **changes)


def test_filled_guardrail_stands_on_the_checklist(people, initiative):
    fill(initiative, people.olga)

    lines = checklist(initiative, at=AT, fresh_days=90)
    assert [line.is_filled for line in lines] == [True, False, False, False, False, False]
    assert AuditEvent.objects.filter(verb="guardrail.set").count() == 1


@pytest.mark.parametrize("name", ["max", "reader", "rita", "fay"])
def test_only_the_team_fills_guardrails(people, initiative, name):
    with pytest.raises(NotPermitted):
        fill(initiative, getattr(people, name))


def test_value_that_is_no_number_is_refused(people, initiative):
    with pytest.raises(GuardrailRefused):
        fill(initiative, people.olga, value="plenty")


def test_second_writer_is_told(people, initiative):
    fill(initiative, people.olga)

    with pytest.raises(Conflicted):
        fill(initiative, people.tom, value="1", revision=0)


def test_closed_initiative_changes_no_guardrail(people, initiative):
    close_initiative(initiative_id=initiative.pk, closed_as="killed", decision_reference="AIC-2", by=people.fay, at=AT)

    with pytest.raises(WrongState):
        fill(initiative, people.olga)


@pytest.mark.parametrize(("days", "proved"), [(90, True), (91, False)])
def test_proof_counts_while_it_is_fresh(people, initiative, days, proved):
    record_guardrail_proof(guardrail_id=fill(initiative, people.olga).pk, proof=HELD, by=None, at=AT)

    line = checklist(initiative, at=AT + timedelta(days=days), fresh_days=90)[0]

    assert line.is_proved is proved


def test_changed_value_loses_its_proof_and_a_changed_source_does_not(people, initiative):
    row = fill(initiative, people.olga)
    record_guardrail_proof(guardrail_id=row.pk, proof=HELD, by=None, at=AT)
    set_guardrail(
        initiative_id=initiative.pk, code="token_budget", value="38000000", source="Code", by=people.olga, at=AT
    )
    assert Guardrail.objects.get(pk=row.pk).proof_state == "proved"

    fill(initiative, people.olga, value="99")

    assert Guardrail.objects.get(pk=row.pk).proof_state == "unproved"


def test_what_does_not_apply_needs_no_proof(people, initiative):
    row = fill(initiative, people.olga, code="prompt_caching", value="", not_applicable="No prompt repeats.")

    assert {line.definition.code: line.is_proved for line in checklist(initiative, at=AT, fresh_days=90)}[
        "prompt_caching"
    ]
    with pytest.raises(WrongState):
        record_guardrail_proof(guardrail_id=row.pk, proof=HELD, by=None, at=AT)


def test_database_refuses_a_value_beside_a_reason(people, initiative):
    row = fill(initiative, people.olga)

    with pytest.raises(IntegrityError), transaction.atomic():
        Guardrail.objects.filter(pk=row.pk).update(not_applicable="Both.")


def test_output_limits_are_handed_to_usage(people, initiative):
    fill(initiative, people.olga, code="output_limit", value="350")

    assert output_limits() == {initiative.pk: 350}


def test_without_usage_nothing_is_proved(people, initiative):
    fill(initiative, people.olga)

    assert prove_guardrails(initiative_id=initiative.pk, policy=policy_on(ON), at=AT) == []
    assert Guardrail.objects.get().proof_state == "unproved"


def usage(**changes):
    counts = Counts(**{"input_tokens": 80, "output_tokens": 20, **changes})
    model = ModelUsage("a", "b", "small", counts, {}, Computed(None, "USD"), 350, 0, None, None)
    return UsageTotals([model], counts, date(2026, 10, 1), date(2026, 10, 31))


@pytest.mark.parametrize(("budget", "holds"), [("99", False), ("100", True)])
def test_budget_is_held_against_the_tokens_of_the_month(budget, holds):
    row = Guardrail(code="token_budget", value=budget)

    assert usage_proof(row, usage(), policy_on(ON), "").holds is holds


@pytest.mark.parametrize(("limit", "holds"), [("349", False), ("350", True)])
def test_output_limit_is_held_against_the_longest_answer(limit, holds):
    row = Guardrail(code="output_limit", value=limit)

    assert usage_proof(row, usage(), policy_on(ON), "").holds is holds


def test_routing_is_held_against_the_policy_of_the_workload():
    row = Guardrail(code="routing_policy", value="Small first.")

    assert usage_proof(row, usage(), policy_on(ON), "extraction").holds
    assert usage_proof(row, usage(), policy_on(ON), "") is None


@pytest.mark.parametrize("code", ["anomaly_threshold", "tagging_schema", "iterations"])
def test_usage_says_nothing_about_the_rest(code):
    assert usage_proof(Guardrail(code=code, value="5"), usage(), policy_on(ON), "extraction") is None
