from datetime import date
from decimal import Decimal

import pytest
from django.db import transaction

from council.home.heads import tab_url
from council.home.history_tab import PAGE, entry_of
from council.home.spend_tab import spend_tab
from projects.audit.models import AuditEvent
from projects.audit.services import record
from projects.guardrails.models import Guardrail
from projects.initiatives.services import edit_initiative
from projects.sources.eyes import Eyes
from projects.sources.models import CostGroup
from projects.spend.models import SpendMonth
from projects.value.models import Benefit, KpiCard, KpiReading, ValueClaim
from tests.factories.council import AT
from tests.factories.rates import rate
from tests.factories.spend import spent

DAY = AT.date()


def month(initiative, day, amount, people, currency=""):
    """Add a day's cost and the month's line that an import would leave."""
    row = spent(initiative, day, amount, by=people.fay, at=AT, currency=currency)
    row.group.service_name, row.group.provider_name = "Model calls", "Anthropic"
    row.group.owned_layer = "api_model"
    row.group.save()
    SpendMonth.objects.filter(group=row.group).update(rows=3, billed_cost=Decimal(amount) + 1)


@pytest.fixture
def show(client, people, text):
    def show(initiative, tab, query=""):
        client.force_login(people.olga)
        return text(client.get(tab_url(initiative.key, tab) + query))

    return show


def test_spend_is_told_by_month_layer_and_service_and_leads_to_the_bills(show, people, decided):
    month(decided, date(2026, 10, 5), "1200.40", people)
    month(decided, date(2026, 11, 6), "800", people)

    shown = show(decided, "spend")

    assert "Oct 2026" in shown
    assert "1,200" in shown
    assert "2,002" in shown  # billed, beside effective 2,000
    assert "Model calls" in shown
    assert "Anthropic · Model API" in shown
    assert "bill-fact" in shown
    assert "/spend/?by=service&amp;period=all&amp;currency=USD&amp;initiative=" in shown
    assert "/spend/rows/?" in shown


def test_spend_is_told_by_purpose_with_the_way_to_its_charges(show, people, decided):
    from council.home.heads import head_of
    from projects.limits.selectors import policy_on

    for amount, purpose in (("100", "inference"), ("7", "training"), ("-2", "inference"), ("3", "unclassified")):
        month(decided, date(2026, 11, 5), amount, people)
        CostGroup.objects.filter(pk=SpendMonth.objects.latest("pk").group_id).update(purpose=purpose)
    month(decided, date(2026, 11, 6), "70", people, currency="EUR")

    shown = show(decided, "spend")
    found = spend_tab(head_of(decided, people.olga, at=AT, policy=policy_on(DAY)), Eyes(sees_people=True))

    assert [(row["name"], row["cost"]) for row in found["purposes"]] == [
        ("Training", 7),
        ("Inference", 98),
        ("Unclassified", 3),
    ]
    assert "70.00 EUR without a rate" in found["purposes"][2]["plus"]
    assert f"/spend/rows/?initiative={decided.key}&amp;purpose=training" in shown


def test_foreign_spend_is_named_and_never_added(show, people, decided):
    month(decided, date(2026, 11, 5), "500", people)
    month(decided, date(2026, 11, 6), "70", people, currency="EUR")

    shown = show(decided, "spend")

    assert "No rate of EUR: not in the sums" in shown
    assert "€70.00" in shown
    assert "501" in shown
    assert "570" not in shown


def test_a_refund_larger_than_its_month_does_not_break_the_chart(show, people, decided):
    month(decided, date(2026, 10, 5), "100", people)
    month(decided, date(2026, 11, 5), "-250", people)

    shown = show(decided, "spend")

    assert "−250" in shown
    assert "−150" in shown


def test_without_a_charge_spend_is_unknown(show, bare):
    assert "it is unknown, not zero" in show(bare, "spend")


def test_the_chart_shows_twelve_months_at_most(people, decided):
    from council.home.heads import head_of
    from projects.limits.selectors import policy_on

    month(decided, date(2025, 1, 5), "100", people)
    month(decided, date(2026, 11, 5), "100", people)
    head = head_of(decided, people.olga, at=AT, policy=policy_on(DAY))

    found = spend_tab(head, Eyes(sees_people=True))

    assert [row.month for row in found["months"]] == [date(2026, 11, 1), date(2025, 1, 1)]
    assert "Jan 2025" not in found["chart"].wide.label


def card(initiative, people, **fields):
    values = {
        "name": "Minutes per contract",
        "unit": "minutes",
        "direction": "down",
        "baseline": Decimal(30),
        "target": Decimal(10),
        "owner": people.olga,
        "created_by": people.olga,
        "created_at": AT,
    }
    return KpiCard.objects.create(initiative=initiative, **values | fields)


def read(measure, people, value, source):
    return KpiReading.objects.create(
        card=measure,
        period_start=date(2026, 10, 1),
        period_end=date(2026, 11, 1),
        value=Decimal(value),
        source=source,
        recorded_by=people.olga,
        recorded_at=AT,
    )


def test_a_measure_shows_its_way_and_who_says_so(show, people, bare):
    read(card(bare, people), people, "25", "typed")
    card(bare, people, name="Errors", baseline=None)

    shown = show(bare, "value")

    assert "Minutes per contract: 25 of 10, 25% of the way" in shown
    assert "Typed by the team" in shown
    assert "No reading yet" in shown
    assert "Not measurable yet" in shown


def test_a_measure_past_its_target_is_all_the_way_and_one_behind_its_baseline_none(show, people, bare):
    read(card(bare, people), people, "5", "imported")
    read(card(bare, people, name="Errors"), people, "40", "imported")

    shown = show(bare, "value")

    assert "5 of 10, 100% of the way" in shown
    assert "40 of 10, 0% of the way" in shown


def test_a_claim_counts_only_when_finance_verified_it(show, people, bare):
    claim = {
        "initiative": bare,
        "benefit": Benefit.objects.create(name="Lawyers' hours"),
        "period_start": date(2026, 9, 1),
        "period_end": date(2026, 10, 1),
        "currency": "USD",
        "declared_amount": Decimal(9000),
        "declared_by": people.olga,
        "declared_at": AT,
    }
    ValueClaim.objects.create(**claim)

    shown = show(bare, "value")

    assert "Nothing verified yet" in shown
    assert "9,000" in shown
    assert "1 Sep 2026 to 30 Sep 2026" in shown
    assert "Declared" in shown


def test_guardrails_show_value_source_and_verdict(show, people, decided):
    common = {"initiative": decided, "set_by": people.olga, "set_at": AT}
    Guardrail.objects.create(
        code="token_budget",
        value="1000000",
        source="gateway",
        proof_state="failed",
        proof_figure="1,200,000",
        proof_note="Above the budget.",
        last_proof_at=AT,
        **common,
    )
    Guardrail.objects.create(code="prompt_caching", not_applicable="Nothing repeats.", **common)

    shown = show(decided, "guardrails")

    assert "1,000,000 tokens a month. Set in gateway." in shown
    assert "1,200,000 Above the budget." in shown
    assert "Not met" in shown
    assert "Does not apply: Nothing repeats." in shown
    assert "1 of 6 proved" in shown


def test_a_concept_is_asked_for_no_guardrail(show, bare):
    assert "No guardrails asked yet" in show(bare, "guardrails")


def test_history_speaks_in_the_words_of_its_verbs(show, people, bare):
    edit_initiative(
        initiative_id=bare.pk, changes={"name": "Clause redlining"}, revision=bare.revision, by=people.olga, at=AT
    )

    shown = show(bare, "history")

    assert "edited the initiative" in shown
    assert "name Contract clause redlining" in shown
    assert "name Clause redlining" in shown
    assert "registered the initiative" in shown


def test_history_keeps_the_decision_and_what_it_moved(show, decided):
    shown = show(decided, "history")

    assert "recorded a decision: AIC-2026-001" in shown
    assert "moved the initiative to another stage" in shown
    assert "set a condition by decision" in shown


def test_older_entries_are_a_page_away(show, people, bare):
    with transaction.atomic():
        for _ in range(PAGE):
            record(verb="initiative.edited", target=bare, by=people.olga, at=AT)
    first = AuditEvent.objects.filter(stream=bare.audit_stream).order_by("sequence").first()

    shown = show(bare, "history")
    older = show(bare, "history", f"?after={first.sequence + 1}")

    assert "Show older" in shown
    assert "registered the initiative" not in shown
    assert "registered the initiative" in older
    assert "Show older" not in older


@pytest.mark.parametrize("after", ["x", "-1", "9" * 40, "²"])
def test_an_odd_page_shows_the_newest(show, bare, after):
    assert "registered the initiative" in show(bare, "history", f"?after={after}")


def test_an_act_without_before_says_what_it_gave():
    event = AuditEvent(
        verb="condition.set",
        target_type="projects.condition",
        target_label="Condition 1",
        data={"decision": "A-1", "rows": [1]},
    )

    entry = entry_of(event, Eyes(sees_people=False))

    assert (entry.sentence, entry.before, entry.after) == (
        "set a condition by decision: Condition 1",
        "",
        "decision A-1",
    )


@pytest.mark.parametrize(("sees_people", "person"), [(True, "ann.lee"), (False, "masked")])
def test_an_entry_names_a_person_of_a_cost_row_to_who_needs_to_know(sees_people, person):
    event = AuditEvent(
        verb="switch_off.marked",
        target_type="projects.switchoff",
        target_label="Switch off Keys in ann.lee@example.com",
        data={"before": "ann.lee@example.com", "after": {"reason": "Asked by ann.lee@example.com"}},
    )

    entry = entry_of(event, Eyes(sees_people))

    assert entry.sentence.endswith(f"Switch off Keys in {person}@example.com")
    assert (entry.before, entry.after) == (f"{person}@example.com", f"reason Asked by {person}@example.com")


def test_foreign_spend_counts_at_the_rate_of_its_month_with_the_original_beside_it(show, people, decided):
    month(decided, date(2026, 10, 5), "1200", people)
    month(decided, date(2026, 11, 6), "70", people, currency="EUR")
    rate(date(2026, 11, 1), "EUR", "1.2", by=people.fay, at=AT)

    shown = show(decided, "spend")

    assert "1,284" in shown
    assert "€70.00" in shown
    assert "$84.00 at the month’s rate" in shown
    assert "Also" not in shown


def test_an_initiative_that_is_billed_abroad_alone_is_not_said_to_have_no_charge(show, people, decided):
    month(decided, DAY, "70", people, currency="EUR")

    shown = show(decided, "spend")

    assert "No charge is tied to it yet" not in shown
    assert "No rate of EUR" in shown
    assert "plus 70.00 EUR without a rate for November 2026" in show(decided, "overview")
    assert "plus 70.00 EUR without a rate for November 2026" in show(decided, "funding")


def test_the_spend_tab_says_full_cost_and_how_much_of_it_the_bill_shows(show, people, decided):
    month(decided, date(2026, 10, 5), "1200", people)
    harness = spent(decided, date(2026, 10, 1), "400", by=people.fay, at=AT)
    harness.group.owned_layer = "harness"
    harness.group.save()

    shown = show(decided, "spend")

    assert "$1,200.00" in shown
    assert "$400.00" in shown
    assert "$1,600.00" in shown
    assert "75.0% of full cost is model usage" in shown
