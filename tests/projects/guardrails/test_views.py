from datetime import date
from decimal import Decimal

import polars as pl
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from projects.guardrails.models import Guardrail
from projects.guardrails.services import prove_guardrails, set_guardrail
from projects.initiatives.models import Initiative
from projects.limits.selectors import policy_on
from projects.sources.evidence import EvidenceWriter
from projects.sources.models import Delivery, DeliveryPart, Source
from projects.usage.models import UsageDay
from tests.factories.gates import AT, ON, cast, concept


@pytest.fixture
def people(db, settings, tmp_path):
    settings.TOLLGATE_NOW = AT.isoformat()
    settings.MEDIA_ROOT = tmp_path
    return cast()


@pytest.fixture
def initiative(people):
    return concept(people, autonomy="autonomous")


def text(answer):
    return " ".join(answer.content.decode().split())


def fill(initiative, by, code, value):
    return set_guardrail(initiative_id=initiative.pk, code=code, value=value, source="Gateway", by=by, at=AT)


def page(initiative, code):
    return reverse("projects:guardrail", args=[initiative.key, code])


def acting(client, initiative, code, act, **fields):
    return client.post(reverse("projects:guardrail-act", args=[initiative.key, code, act]), fields, follow=True)


def delivered(people, initiative, longest, **fields):
    """A delivery of October whose evidence is kept, with the lines of its longest answers."""
    rows = [
        {"row_number": line, "model": "gpt-4o", "completion_tokens": str(tokens), "user": "tom@example.org"}
        for line, tokens in longest
    ]
    with EvidenceWriter() as writer:
        writer.add(pl.DataFrame(rows))
        folder, digest = writer.keep()
    source = Source.objects.create(name="gateway", role="detail", scope="period", created_by=people.fay, created_at=AT)
    delivery = Delivery.objects.create(
        key="DL-9001",
        source=source,
        kind="litellm_spend_logs",
        title="LiteLLM spend log",
        file_name="logs.csv",
        file_sha256="1" * 64,
        file_bytes=1,
        fingerprint="1" * 64,
        rows=len(rows),
        accepted=len(rows),
        evidence=folder,
        evidence_sha256=digest,
        imported_by=people.fay,
        imported_at=AT,
    )
    part = DeliveryPart.objects.create(
        delivery=delivery,
        source=source,
        billing_period_start=date(2026, 10, 1),
        number=1,
        rows=len(rows),
        first_day=date(2026, 10, 5),
        last_day=date(2026, 10, 5),
    )
    return UsageDay.objects.create(
        part=part,
        initiative=initiative,
        provider="OpenAI",
        model="gpt-4o",
        day=date(2026, 10, 5),
        currency="USD",
        stated_cost=Decimal(0),
        unpriced_reason="No price.",
        longest_answers=longest,
        output_tokens_max=longest[0][1],
        **fields,
    )


def test_anonymous_signs_in_a_stranger_finds_nothing_a_reader_changes_nothing(client, people, initiative):
    fill(initiative, people.olga, "timeout", "60")
    url = page(initiative, "timeout")
    assert client.get(url).status_code == 302
    client.force_login(people.max)
    assert client.get(url).status_code == 404
    client.force_login(people.reader)

    assert "Keep the value" not in text(client.get(url))
    assert acting(client, initiative, "timeout", "value", value="70").status_code == 403
    assert acting(client, initiative, "timeout", "evidence", evidence="Log").status_code == 403
    assert client.get(page(initiative, "astrology")).status_code == 404


def test_owner_sets_a_value_and_a_wrong_one_is_refused(client, people, initiative):
    client.force_login(people.olga)

    wrong = acting(client, initiative, "timeout", "value", value="soon", revision="0")
    right = acting(client, initiative, "timeout", "value", value="60", source="Runner", revision="0")
    stale = acting(client, initiative, "timeout", "value", value="90", revision="0")

    assert (wrong.status_code, right.status_code, stale.status_code) == (422, 200, 409)
    assert "give a number of seconds a task above zero" in text(wrong)
    assert Guardrail.objects.get().value == "60"


def test_evidence_is_judged_by_somebody_without_an_interest(client, people, initiative):
    row = fill(initiative, people.olga, "escalation_rule", "Stops above 500 USD and asks the desk.")
    client.force_login(people.tom)
    assert "File evidence" in text(client.get(page(initiative, row.code)))
    acting(client, initiative, row.code, "evidence", evidence="runner.yaml: ask_above: 500")
    assert acting(client, initiative, row.code, "judge", holds="yes", reason="Fine").status_code == 403
    client.force_login(people.rita)
    assert acting(client, initiative, row.code, "judge", holds="yes", reason=" ").status_code == 422

    shown = text(acting(client, initiative, row.code, "judge", holds="yes", reason="Setting seen in the runner."))

    row = Guardrail.objects.get()
    assert "found enforced" in shown
    assert (row.proof_state, row.judged_by, row.evidence_by) == ("proved", people.rita, people.tom)
    assert row.evidence_hash[:12] in row.proof_note


def test_evidence_found_wanting_fails_the_guardrail(client, people, initiative):
    row = fill(initiative, people.olga, "hand_off", "Every refusal of a claim.")
    client.force_login(people.olga)
    acting(client, initiative, row.code, "evidence", evidence="A plan.")
    client.force_login(people.rita)
    acting(client, initiative, row.code, "judge", holds="no", reason="A plan is no setting.")

    assert Guardrail.objects.get().proof_state == "failed"


def test_new_value_or_new_evidence_takes_the_judgement_away(client, people, initiative):
    row = fill(initiative, people.olga, "retries", "3")
    client.force_login(people.olga)
    acting(client, initiative, row.code, "evidence", evidence="retries: 3")
    client.force_login(people.rita)
    acting(client, initiative, row.code, "judge", holds="yes", reason="Seen.")
    client.force_login(people.olga)

    acting(client, initiative, row.code, "evidence", evidence="retries: 3, newer log")
    assert Guardrail.objects.get().proof_state == "unproved"
    fill(initiative, people.olga, "retries", "5")
    assert Guardrail.objects.get().evidence == ""


@pytest.mark.parametrize("code", ["token_budget", "output_limit", "prompt_caching", "tagging_schema"])
def test_what_rows_prove_takes_no_text(client, people, initiative, code):
    fill(initiative, people.olga, code, "20")
    client.force_login(people.olga)

    assert "File evidence" not in text(client.get(page(initiative, code)))
    refused = acting(client, initiative, code, "evidence", evidence="Trust me.")
    assert refused.status_code == 422
    assert "rows of imported spend and usage prove it" in text(refused)


@pytest.mark.parametrize(
    ("code", "field"),
    [
        ("iterations", "iterations_max"),
        ("tool_calls", "task_tool_calls_max"),
        ("tokens_per_task", "task_tokens_max"),
        ("timeout", "task_seconds_max"),
    ],
)
@pytest.mark.parametrize(("largest", "state"), [(19, "proved"), (20, "proved"), (21, "failed")])
def test_agent_limits_are_proved_by_the_largest_task_where_it_is_measured(
    people, initiative, code, field, largest, state
):
    row = fill(initiative, people.olga, code, "20")
    delivered(people, initiative, [[1, 5]], **{field: largest})

    prove_guardrails(initiative_id=initiative.pk, policy=policy_on(ON), at=AT)

    row = Guardrail.objects.get()
    assert (row.proof_state, row.judged_by) == (state, None)
    assert f"Largest task {largest}" in row.proof_note


def test_measured_agent_limit_takes_no_text(client, people, initiative):
    row = fill(initiative, people.olga, "iterations", "20")
    delivered(people, initiative, [[1, 5]], iterations_max=3)
    client.force_login(people.olga)

    refused = acting(client, initiative, row.code, "evidence", evidence="Trust me.")

    assert refused.status_code == 422
    assert "imported usage measures it" in text(refused)


def test_offending_rows_are_read_from_the_delivery_without_people(client, people, initiative):
    fill(initiative, people.olga, "output_limit", "350")
    delivered(people, initiative, [[7, 900], [3, 351], [5, 350]])
    client.force_login(people.reader)

    shown = text(client.get(page(initiative, "output_limit")))

    assert "2 calls" in shown
    assert "Line 7 of DL-9001" in shown
    assert "Line 3 of DL-9001" in shown
    assert "Line 5 of DL-9001" not in shown
    assert "completion_tokens</dt><dd>900" in shown
    assert "tom@example.org" not in shown


def test_limit_set_after_the_import_still_finds_and_counts_its_rows(people, initiative):
    delivered(people, initiative, [[7, 900], [3, 351], [5, 350]], output_limit=1000, calls_over_limit=0)
    fill(initiative, people.olga, "output_limit", "350")

    prove_guardrails(initiative_id=initiative.pk, policy=policy_on(ON), at=AT)

    row = Guardrail.objects.get()
    assert row.proof_state == "failed"
    assert "2 calls above 350" in row.proof_note


def test_limit_raised_after_the_import_forgets_calls_over_the_old_one(people, initiative):
    delivered(people, initiative, [[7, 900]], output_limit=350, calls_over_limit=4)
    fill(initiative, people.olga, "output_limit", "900")

    prove_guardrails(initiative_id=initiative.pk, policy=policy_on(ON), at=AT)

    assert Guardrail.objects.get().proof_state == "proved"


def test_database_lets_nobody_judge_their_own_evidence(client, people, initiative):
    row = fill(initiative, people.olga, "retries", "3")
    client.force_login(people.olga)
    acting(client, initiative, row.code, "evidence", evidence="retries: 3")

    with pytest.raises(IntegrityError), transaction.atomic():
        Guardrail.objects.filter(pk=row.pk).update(judged_by=people.olga)


def test_closed_initiative_keeps_its_guardrails(client, people, initiative):
    fill(initiative, people.olga, "retries", "3")
    closed = Initiative.objects.get(pk=initiative.pk)
    closed.close(closed_as="learned", at=AT)
    closed.save()
    client.force_login(people.olga)

    assert "Keep the value" not in text(client.get(page(initiative, "retries")))
