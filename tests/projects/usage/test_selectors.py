from datetime import date, timedelta
from decimal import Decimal

import pytest

from projects.usage.rules import Counts
from projects.usage.selectors import open_alarms, usage_totals
from projects.usage.services import record_usage
from tests.factories.prices import catalogued
from tests.projects.usage.conftest import AT, DAY, figures, unknown

pytestmark = pytest.mark.django_db
NEXT = DAY + timedelta(days=1)


def record(part, *days):
    return record_usage(part_id=part.pk, days=days, by=None, at=AT)


def test_totals_add_days_of_a_model_and_keep_models_apart(deliver, initiative):
    mine = {"initiative_id": initiative.pk}
    record(deliver(), figures(**mine), figures(**mine, day=NEXT), figures(**mine, model="gpt-4o-mini"), figures())

    totals = usage_totals(initiative.pk, DAY, NEXT + timedelta(days=1))

    assert [(one.model, one.counts.calls) for one in totals.models] == [("gpt-4o", 20), ("gpt-4o-mini", 10)]
    assert totals.counts.calls == 30
    assert totals.models[0].stated_cost == {"USD": Decimal("0.02")}
    assert totals.models[0].computed.amount == Decimal("0.015")
    assert (totals.first_day, totals.last_day) == (DAY, NEXT)


def test_the_first_day_is_in_a_period_and_the_last_is_not(deliver, initiative):
    record(deliver(), figures(initiative_id=initiative.pk))

    assert usage_totals(initiative.pk, DAY, NEXT).counts.calls == 10
    assert usage_totals(initiative.pk, DAY - timedelta(days=1), DAY).counts.calls == 0
    assert usage_totals(initiative.pk, NEXT, NEXT + timedelta(days=1)).counts.calls == 0


def test_nobody_s_usage_is_apart(deliver, initiative):
    record(deliver(), figures(), figures(initiative_id=initiative.pk, counts=Counts(calls=1)))

    assert usage_totals(None, DAY, NEXT).counts.calls == 10


def test_where_a_gateway_tells_of_a_model_the_bill_does_not_count_again(deliver, initiative):
    mine = {"initiative_id": initiative.pk}
    record(deliver("gateway", "detail"), figures(**mine, provider="openai"))
    record(
        deliver("bill", "fact"),
        figures(**mine, provider="OpenAI"),
        figures(**mine, day=NEXT),
        figures(**mine, model="o3"),
    )

    totals = usage_totals(initiative.pk, DAY, NEXT + timedelta(days=1))

    assert totals.counts.calls == 30


def test_without_usage_everything_is_unknown_and_nothing_zero(initiative):
    totals = usage_totals(initiative.pk, DAY, NEXT)

    assert (totals.models, totals.first_day, totals.cache_read_share, totals.tier_mix) == ([], None, None, {})
    assert (totals.output_tokens_max, totals.calls_over_limit) == (None, None)


def test_one_unpriced_day_makes_the_model_s_cost_unknown(deliver, initiative):
    record(
        deliver(),
        figures(initiative_id=initiative.pk, model="house-llama"),
        unknown(initiative_id=initiative.pk, day=NEXT),
    )

    totals = usage_totals(initiative.pk, DAY, NEXT + timedelta(days=1))

    assert [one.model for one in totals.unpriced] == ["house-llama"]
    assert totals.models[0].computed.reason == "Nobody knows house-llama."


def test_tiers_come_from_the_catalogue_and_others_stand_apart(deliver, initiative, public_prices):
    catalogued("openai", "gpt-4o", "frontier")
    record(
        deliver(),
        figures(initiative_id=initiative.pk, model="gpt-4o-2024-08-06"),
        unknown(initiative_id=initiative.pk),
    )

    totals = usage_totals(initiative.pk, DAY, NEXT)

    assert totals.tier_mix == {"frontier": Decimal("0.5"), "": Decimal("0.5")}


def test_limits_and_maxima_are_taken_over_all_days(deliver, initiative):
    mine = {"initiative_id": initiative.pk}
    record(
        deliver(),
        figures(**mine, output_tokens_max=900, output_limit=800, calls_over_limit=2, latency_p95_ms=5),
        figures(**mine, day=NEXT, output_tokens_max=700, output_limit=800, calls_over_limit=0, cost_p99=Decimal("0.5")),
        figures(**mine, model="o3"),
    )

    totals = usage_totals(initiative.pk, DAY, NEXT + timedelta(days=1))

    assert (totals.output_tokens_max, totals.calls_over_limit) == (900, 2)
    gpt = next(one for one in totals.models if one.model == "gpt-4o")
    assert (gpt.latency_p95_ms, gpt.cost_p99) == (5, Decimal("0.5"))


def test_the_cache_share_is_of_all_models(deliver, initiative):
    record(deliver(), figures(initiative_id=initiative.pk, counts=Counts(input_tokens=3, cached_read_tokens=1)))

    assert usage_totals(initiative.pk, DAY, NEXT).cache_read_share == Decimal("0.25")


def test_open_alarms_come_most_used_first(deliver):
    record(deliver(), unknown("rare", counts=Counts(input_tokens=1)), unknown("common"))

    assert [alarm.model for alarm in open_alarms()] == ["common", "rare"]
    assert open_alarms()[0].first_day == date(2026, 11, 10)
