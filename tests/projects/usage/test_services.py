from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from projects.audit.models import AuditEvent
from projects.prices.services import approve_override, propose_override
from projects.usage.models import UsageAlarm, UsageDay
from projects.usage.rules import Computed, Counts
from projects.usage.services import follow_attribution, price_unpriced_usage, record_gathered, record_usage
from tests.factories.prices import catalogued, terms
from tests.projects.usage.conftest import AT, DAY, figures, unknown

pytestmark = pytest.mark.django_db


def record(part, *days):
    return record_usage(part_id=part.pk, days=days, by=None, at=AT)


def verbs() -> list[str]:
    return list(AuditEvent.objects.order_by("pk").values_list("verb", flat=True))


def open_alarms() -> list[tuple[str, str]]:
    return [(alarm.kind, alarm.model) for alarm in UsageAlarm.objects.open()]


def test_a_day_is_kept_with_its_disjoint_buckets_and_both_costs(deliver, initiative):
    (row,) = record(deliver(), figures(initiative_id=initiative.pk, calls_by_type={"chat": 10}, latency_p95_ms=900))

    row = UsageDay.objects.get(pk=row.pk)
    assert (row.initiative, row.calls, row.input_tokens, row.cached_read_tokens) == (initiative, 10, 1000, 200)
    assert (row.output_tokens, row.reasoning_tokens, row.calls_by_type) == (300, 100, {"chat": 10})
    assert (row.stated_cost, row.computed_cost, row.computed_currency) == (Decimal("0.01"), Decimal("0.0075"), "USD")
    assert row.latency_p95_ms == 900


def test_a_part_is_rebuilt_and_never_added_to(deliver):
    part = deliver()
    record(part, figures(), figures(day=date(2026, 11, 11)))

    record(part, figures(counts=Counts(calls=7)))

    assert [row.calls for row in UsageDay.objects.all()] == [7]
    assert verbs() == ["usage.recorded", "usage.recorded"]


def test_a_newer_delivery_counts_alone_and_the_older_stays_readable(deliver):
    record(deliver(), figures(counts=Counts(calls=10)))
    record(deliver(), figures(counts=Counts(calls=12)))

    assert UsageDay.objects.count() == 2
    assert UsageDay.objects.current().get().calls == 12


def test_a_part_without_usage_leaves_no_trace(deliver):
    assert record(deliver()) == []
    assert verbs() == []


def test_a_failure_leaves_what_stood_before(deliver):
    part = deliver()
    record(part, figures())

    with pytest.raises(IntegrityError):
        record(part, figures(counts=Counts(calls=-1)))

    assert UsageDay.objects.get().calls == 10


def test_a_model_without_a_price_raises_one_alarm_that_names_it(deliver):
    record(deliver(), unknown(), unknown(day=date(2026, 11, 12)), figures())

    alarm = UsageAlarm.objects.open().get()
    assert (alarm.kind, alarm.provider, alarm.model) == ("no_price", "openai", "house-llama")
    assert (alarm.first_day, alarm.last_day, alarm.calls, alarm.tokens) == (DAY, date(2026, 11, 12), 20, 3200)
    assert alarm.reason == "Nobody knows house-llama."
    assert UsageDay.objects.unpriced().count() == 2
    assert verbs() == ["usage.recorded", "usage_alarm.raised"]


def test_an_alarm_grows_with_usage_and_is_not_raised_twice(deliver):
    record(deliver("one"), unknown())
    record(deliver("two"), unknown(day=date(2026, 11, 13)))

    assert UsageAlarm.objects.get().calls == 20
    assert verbs().count("usage_alarm.raised") == 1


def alarm_statements(queries):
    return sum("projects_usagealarm" in query["sql"] for query in queries)


class Days:
    """The usage of some parts, as a loader puts it aside."""

    def __init__(self, *parts):
        self.kept = parts

    def parts(self, book_of, *, output_limits=None):
        return [(part.pk, [unknown()]) for part in self.kept]


def test_a_delivery_of_many_days_looks_at_its_models_once(deliver):
    record(deliver("first"), unknown())
    few, many = [deliver(f"few {number}") for number in range(2)], [deliver(f"many {number}") for number in range(12)]

    with CaptureQueriesContext(connection) as for_few:
        record_gathered(gathered=Days(*few), by=None, at=AT)
    with CaptureQueriesContext(connection) as for_many:
        record_gathered(gathered=Days(*many), by=None, at=AT)

    assert UsageAlarm.objects.open().get().calls == 15 * 10
    assert alarm_statements(for_many) == alarm_statements(for_few)


def test_an_alarm_clears_when_a_newer_delivery_has_no_such_usage(deliver):
    record(deliver(), unknown())
    record(deliver(), figures())

    assert open_alarms() == []
    assert UsageAlarm.objects.get().cleared_at == AT
    assert verbs()[-1] == "usage_alarm.cleared"


def test_an_alarm_that_comes_back_is_a_new_one(deliver):
    part = deliver()
    record(part, unknown())
    record(part, figures())
    record(part, unknown())

    assert UsageAlarm.objects.count() == 2
    assert open_alarms() == [("no_price", "house-llama")]


def test_use_outside_the_catalogue_is_a_finding_once_there_is_a_catalogue(deliver, public_prices):
    part = deliver()
    record(part, figures())
    assert open_alarms() == []

    catalogued("openai", "gpt-4o-mini", "small")
    assert open_alarms() == [("outside_catalogue", "gpt-4o")]

    catalogued("openai", "gpt-4o", "frontier")
    assert open_alarms() == []


def test_a_barred_model_in_use_is_a_finding(deliver, public_prices):
    catalogued("openai", "gpt-4o", "frontier", "barred")

    record(deliver(), figures())

    assert open_alarms() == [("outside_catalogue", "gpt-4o")]


def test_an_approved_override_prices_what_was_unknown_and_clears_the_alarm(deliver, public_prices, fiona, felix):
    record(deliver(), unknown(), figures())
    for key, price in (("input_mtok", "1"), ("output_mtok", "2")):
        override = propose_override(
            terms=terms(model_pattern="house-*", price_key=key, price=Decimal(price)), by=fiona, at=AT
        )
        approve_override(override_id=override.pk, by=felix, at=AT)

    row = UsageDay.objects.get(model="house-llama")
    assert (row.computed_cost, row.computed_currency, row.unpriced_reason) == (Decimal("0.002"), "USD", "")
    assert UsageDay.objects.get(model="gpt-4o").computed_cost == Decimal("0.0075")
    assert open_alarms() == []
    assert price_unpriced_usage(at=AT, by=fiona) == 0


def test_a_price_of_our_own_leaves_what_was_computed_before_it(deliver, public_prices, fiona, felix):
    record(deliver(), figures())
    for key in ("input_mtok", "cache_read_mtok", "output_mtok"):
        override = propose_override(terms=terms(model_pattern="gpt-4o", price_key=key, price=Decimal(1)), by=fiona, at=AT)  # fmt: skip
        approve_override(override_id=override.pk, by=felix, at=AT)

    assert price_unpriced_usage(at=AT, by=fiona) == 0
    assert UsageDay.objects.get(model="gpt-4o").computed_cost == Decimal("0.0075")


def test_an_override_that_lacks_a_bucket_prices_nothing(deliver, public_prices, fiona, felix):
    record(deliver(), unknown())
    override = propose_override(terms=terms(model_pattern="house-*"), by=fiona, at=AT)
    approve_override(override_id=override.pk, by=felix, at=AT)

    assert price_unpriced_usage(at=AT, by=fiona) == 0
    assert UsageDay.objects.get().computed_cost is None


@pytest.mark.parametrize(
    "changes",
    [
        {"computed_cost": None},
        {"computed_currency": ""},
        {"unpriced_reason": "why"},
        {"output_limit": 5},
        {"calls": -1},
    ],
)
def test_the_database_refuses_half_a_truth(deliver, changes):
    record(deliver(), figures())

    with pytest.raises(IntegrityError), transaction.atomic():
        UsageDay.objects.update(**changes)


def test_usage_without_a_key_stays_where_it_is_when_attribution_moves(deliver, initiative):
    record(deliver(), figures(initiative_id=initiative.pk))

    assert follow_attribution() == 0
    assert UsageDay.objects.get().initiative == initiative


def test_a_mixed_currency_cost_is_unknown(deliver):
    mixed = Computed(Decimal(1), "USD") + Computed(Decimal(1), "EUR")

    (row,) = record(deliver(), figures(computed=mixed))

    assert (row.computed_cost, row.unpriced_reason) == (None, "Prices stand in USD and EUR.")
