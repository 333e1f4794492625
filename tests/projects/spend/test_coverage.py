"""How much of the spend carries every mandatory key: by value, over 30 final days, unclaimed charges beside it counted."""

from datetime import date
from decimal import Decimal

import pytest

from projects.attribution.schema import KeyDraft, KeyRefused, retire_key, set_key
from projects.checks.rules import run as run_check
from projects.checks.selectors import facts_of
from projects.common.outcomes import NotPermitted, WrongState
from projects.guardrails.models import Guardrail
from projects.guardrails.services import prove_guardrails, set_guardrail
from projects.limits.selectors import policy_on
from projects.sources.models import Source
from projects.spend.coverage import coverages, final_window, tag_coverage, worst_coverage
from tests.factories.initiatives import initiative
from tests.projects.spend.samples import take_in, write_focus

pytestmark = pytest.mark.django_db
ON = date(2026, 6, 20)


def row(cost, tags="", **cells):
    return {
        "EffectiveCost": str(cost),
        "ChargePeriodStart": "2026-05-20",
        "ChargePeriodEnd": "2026-05-21",
        "Tags": tags,
        **cells,
    }


def whole(initiative, **more):
    tags = {"initiative": initiative.key, "env": "prod", "cost-center": "cc-1", **more}
    return "{" + ", ".join(f'"{key}": "{value}"' for key, value in tags.items()) + "}"


@pytest.fixture
def deliver(tmp_path):
    return lambda *rows: take_in(write_focus(tmp_path / "a.csv", *rows), "cloud")


def test_the_window_is_30_days_before_the_first_month_that_may_still_change():
    assert final_window(on=date(2026, 6, 20)) == (date(2026, 5, 2), date(2026, 6, 1))
    assert final_window(on=date(2026, 6, 3)) == (date(2026, 4, 1), date(2026, 5, 1))
    assert final_window(on=date(2026, 6, 4)) == (date(2026, 5, 2), date(2026, 6, 1))


def test_a_charge_is_covered_when_it_carries_every_key(fraud, deliver):
    bare = f'{{"initiative": "{fraud.key}", "env": "prod"}}'
    deliver(row(60, whole(fraud)), row(40, bare), row(9, whole(fraud), ChargePeriodStart="2026-05-01"))

    found = worst_coverage(on=ON, initiative_id=fraud.pk)

    assert (found.covered, found.total, found.percent) == (60, 100, 60)


def test_unclaimed_charges_of_the_same_account_or_key_count_and_others_do_not(fraud, deliver):
    deliver(row(90, whole(fraud)), row(10), row(500, SubAccountId="elsewhere"), row(700, BillingAccountId="222"))

    assert worst_coverage(on=ON, initiative_id=fraud.pk).percent == 90
    assert [(line.covered, line.total) for line in tag_coverage(on=ON)] == [(90, 1300)]


def test_a_column_of_the_bill_carries_a_key_and_a_source_may_be_exempt(fraud, fiona, now, deliver):
    deliver(row(5, whole(fraud)))
    set_key(draft=KeyDraft("Model", "service_name"), by=fiona, at=now)
    assert worst_coverage(on=ON, initiative_id=fraud.pk).percent == 100
    set_key(draft=KeyDraft("Team"), by=fiona, at=now)
    assert worst_coverage(on=ON, initiative_id=fraud.pk).percent == 0

    set_key(draft=KeyDraft("Team", exempt=[Source.objects.get()]), by=fiona, at=now)

    assert worst_coverage(on=ON, initiative_id=fraud.pk).percent == 100


def test_another_tag_may_carry_a_key(fraud, fiona, now, deliver):
    deliver(row(5, whole(fraud, squad="a")))

    set_key(draft=KeyDraft("Team", other_keys=["Squad "]), by=fiona, at=now)

    assert worst_coverage(on=ON, initiative_id=fraud.pk).percent == 100


@pytest.mark.parametrize(("value", "percent"), [("prod", 100), (" PROD ", 100), ("production", 0)])
def test_a_key_has_one_of_its_allowed_values(value, percent, fraud, fiona, now, deliver):
    set_key(draft=KeyDraft("Environment", "environment", allowed=["Prod", "dev"]), by=fiona, at=now)
    deliver(row(5, whole(fraud, environment=value)))

    assert worst_coverage(on=ON, initiative_id=fraud.pk).percent == percent


def test_currencies_stand_apart_and_credits_do_not_count(fraud, deliver):
    deliver(
        row(100, whole(fraud)),
        row(-50, ChargeCategory="Credit"),
        row(8, whole(fraud), BillingCurrency="EUR"),
        row(2, BillingCurrency="EUR"),
    )

    assert [(line.currency, line.percent) for line in tag_coverage(on=ON, initiative_id=fraud.pk)] == [
        ("USD", 100),
        ("EUR", 80),
    ]
    assert worst_coverage(on=ON, initiative_id=fraud.pk).currency == "EUR"


def test_initiatives_are_covered_side_by_side_as_each_is_alone(fraud, olga, deliver, django_assert_num_queries):
    other, silent = initiative(olga, "mvp", name="Claims"), initiative(olga, "mvp", name="Silent")
    deliver(
        row(60, whole(fraud), SubAccountId="one"),
        row(40, SubAccountId="one"),
        row(8, whole(other), SubAccountId="two"),
        row(2, SubAccountId="two", BillingCurrency="EUR"),
    )
    ids = [fraud.pk, other.pk, silent.pk]
    alone = {pk: rows for pk in ids if (rows := tag_coverage(on=ON, initiative_id=pk))}

    with django_assert_num_queries(3):
        together = coverages(ids, on=ON)

    assert together == alone
    assert {pk: [(line.currency, line.percent) for line in rows] for pk, rows in together.items()} == {
        fraud.pk: [("USD", 60)],
        other.pk: [("USD", 100), ("EUR", 0)],
    }
    assert coverages([], on=ON) == {}


def test_a_share_is_never_rounded_up(fraud, deliver):
    deliver(row("94.999999999999999999999999999999999", whole(fraud)), row("5.000000000000000000000000000000001"))

    assert worst_coverage(on=ON, initiative_id=fraud.pk).percent < 95


@pytest.mark.parametrize(
    ("covered", "verdict"), [("94.99", "failed"), ("95.00", "proved"), ("95.01", "proved"), (None, "unproved")]
)
def test_attribution_is_live_from_95_percent_of_30_final_days(covered, verdict, fraud, now, deliver):
    if covered:
        deliver(row(covered, whole(fraud)), row(100 - Decimal(covered)))
    set_guardrail(
        initiative_id=fraud.pk, code="tagging_schema", value="Four keys", source="wiki", by=fraud.business_owner, at=now
    )

    result = run_check("attribution_live", facts_of(fraud, on=ON, policy=policy_on(ON)))
    prove_guardrails(initiative_id=fraud.pk, policy=policy_on(ON), at=now.replace(month=6, day=20))

    assert result.verdict == verdict
    assert result.figure == (f"{covered}%" if covered else "")
    assert Guardrail.objects.get().proof_state == verdict


def test_finance_keeps_the_schema(olga, fiona, now):
    with pytest.raises(NotPermitted):
        set_key(draft=KeyDraft("Team"), by=olga, at=now)
    with pytest.raises(KeyRefused):
        set_key(draft=KeyDraft(" - "), by=fiona, at=now)
    key = set_key(draft=KeyDraft("Team"), by=fiona, at=now)
    assert set_key(draft=KeyDraft("TEAM", allowed=["a"]), by=fiona, at=now).pk == key.pk
    retire_key(key_id=key.pk, by=fiona, at=now)
    with pytest.raises(WrongState):
        retire_key(key_id=key.pk, by=fiona, at=now)
