"""A delivery is taken whole or not at all, once, and replaces what its source said about the same scope."""

import json
from decimal import Decimal

import pytest

from projects.audit.models import AuditEvent
from projects.common.clock import now
from projects.people.models import User
from projects.people.services import import_service
from projects.signals import costs_imported
from projects.sources.models import ClosedPeriod, Delivery
from projects.spend.closed import PeriodClosed
from projects.spend.models import SpendFact
from projects.spend.services import CostFile, import_costs
from tests.projects.spend.deliveries import GATEWAY, everything
from tests.projects.spend.samples import run, take_in, totals, write_focus

pytestmark = pytest.mark.django_db


def test_identical_rows_in_one_file_are_all_kept(tmp_path):
    path = write_focus(tmp_path / "twins.csv", {"BilledCost": "2.5"}, {"BilledCost": "2.5"}, {"BilledCost": "2.5"})

    take_in(path, "cloud")

    assert totals()[1]["USD"] == (3, Decimal("7.5"), Decimal("3"))


def test_a_newer_delivery_replaces_the_same_account_and_month_only(tmp_path):
    first = write_focus(
        tmp_path / "a.csv",
        {"BillingAccountId": "111", "EffectiveCost": "10"},
        {"BillingAccountId": "222", "EffectiveCost": "20"},
        {
            "BillingAccountId": "111",
            "EffectiveCost": "5",
            "BillingPeriodStart": "2026-04-01T00:00:00Z",
            "BillingPeriodEnd": "2026-05-01T00:00:00Z",
            "ChargePeriodStart": "2026-04-30T00:00:00Z",
            "ChargePeriodEnd": "2026-05-01T00:00:00Z",
        },
    )
    second = write_focus(tmp_path / "b.csv", {"BillingAccountId": "111", "EffectiveCost": "12"})
    take_in(first, "cloud")

    answer = take_in(second, "cloud")

    assert totals()[1]["USD"][2] == Decimal(12 + 20 + 5)
    old, new = Delivery.objects.order_by("id")
    assert (old.state, new.state) == ("partly replaced", "current")
    assert new.key == answer["delivery"]
    assert new.moved == [{"initiative": None, "month": "2026-05", "currency": "USD", "before": "10", "after": "12"}]
    replaced = old.parts.get(is_current=False)
    assert (replaced.billing_account_id, replaced.superseded_by.delivery) == ("111", new)
    assert SpendFact.objects.filter(part=replaced).count() == 1


def test_a_delivery_that_was_replaced_can_come_back(tmp_path):
    first = write_focus(tmp_path / "a.csv", {"EffectiveCost": "10"})
    second = write_focus(tmp_path / "b.csv", {"EffectiveCost": "12"})
    take_in(first, "cloud")
    take_in(second, "cloud")

    answer = take_in(first, "cloud")

    assert answer["unchanged"] is False
    assert totals()[1]["USD"][2] == Decimal(10)


def test_a_smaller_delivery_of_the_same_month_takes_rows_away(tmp_path):
    take_in(write_focus(tmp_path / "a.csv", {"EffectiveCost": "10"}, {"EffectiveCost": "3"}), "cloud")

    take_in(write_focus(tmp_path / "b.csv", {"EffectiveCost": "10"}), "cloud")

    assert totals()[1]["USD"] == (1, Decimal(1), Decimal(10))


def test_a_gateway_is_replaced_by_period_whatever_its_keys_are(tmp_path):
    mapping = tmp_path / "mapping.json"
    mapping.write_text('{"role": "detail"}')
    take_in(
        write_focus(tmp_path / "a.csv", {"BillingAccountId": "k1"}, {"BillingAccountId": "k2"}),
        "g",
        "--mapping",
        mapping,
    )

    take_in(
        write_focus(tmp_path / "b.csv", {"BillingAccountId": "k3", "EffectiveCost": "7"}), "g", "--mapping", mapping
    )

    assert totals("--source", "g")[1]["USD"] == (1, Decimal(1), Decimal(7))
    assert totals()[1] == {}


def request(day, spend, **more):
    start = f"2026-05-{day:02}T10:00:00Z"
    return json.dumps({"request_id": f"r{day}", "api_key": "k", "spend": spend, "startTime": start, **more}) + "\n"


def test_a_gateway_s_daily_log_without_billing_periods_leaves_the_month_s_other_days_standing(tmp_path):
    for day in (3, 4):
        path = tmp_path / f"{day}.jsonl"
        path.write_text(request(day, day) + request(day, day))
        take_in(path, "gateway")
    again = tmp_path / "again.jsonl"
    again.write_text(request(4, 7))

    take_in(again, "gateway")

    assert totals("--source", "gateway", "--by", "billing_period")[0] == {
        "2026-05-03": (2, Decimal(6), Decimal(6)),
        "2026-05-04": (1, Decimal(7), Decimal(7)),
    }


def test_a_gateway_s_whole_month_replaces_the_days_that_came_before_it(tmp_path):
    day, month = tmp_path / "day.jsonl", tmp_path / "month.jsonl"
    day.write_text(request(3, 1) + request(3, 1) + request(4, 1))
    month.write_text("".join(request(number, 2) for number in range(1, 32)))
    take_in(day, "gateway")

    take_in(month, "gateway")

    assert totals("--source", "gateway")[1]["USD"] == (31, Decimal(62), Decimal(62))


def test_reports_of_a_provider_s_last_days_overlap_without_losing_or_doubling_a_day(tmp_path):
    def report(*days):
        buckets = [
            {"starting_at": f"2026-05-{day:02}T00:00:00Z", "results": [{"currency": "USD", "amount": f"{amount}"}]}
            for day, amount in days
        ]
        path = tmp_path / f"{days[0][0]}.json"
        path.write_text(json.dumps({"data": buckets, "has_more": False}))
        return path

    take_in(report((1, 100), (2, 200), (3, 50)), "claude")

    take_in(report((3, 300), (4, 400)), "claude")

    assert totals("--source", "claude")[1]["USD"] == (4, Decimal(10), Decimal(10))


def test_quirk_10_one_month_of_two_is_delivered_again_larger_and_smaller(tmp_path):
    june = {"BillingPeriodStart": "2026-06-01T00:00:00Z", "BillingPeriodEnd": "2026-07-01T00:00:00Z",
            "ChargePeriodStart": "2026-06-03T00:00:00Z", "ChargePeriodEnd": "2026-06-04T00:00:00Z"}  # fmt: skip
    take_in(write_focus(tmp_path / "both.csv", {"EffectiveCost": "10"}, {**june, "EffectiveCost": "20"}), "cloud")

    larger = take_in(write_focus(tmp_path / "june.csv", *[{**june, "EffectiveCost": "15"}] * 2), "cloud")
    smaller = take_in(write_focus(tmp_path / "june2.csv", {**june, "EffectiveCost": "1"}), "cloud")

    assert (larger["unchanged"], smaller["unchanged"]) == (False, False)
    assert totals("--by", "billing_period")[0] == {
        "2026-05-01": (1, Decimal(1), Decimal(10)),
        "2026-06-01": (1, Decimal(1), Decimal(1)),
    }


def test_currencies_are_never_added(tmp_path):
    path = write_focus(
        tmp_path / "two.csv",
        {"BillingCurrency": "USD", "EffectiveCost": "1"},
        {"BillingCurrency": "EUR", "EffectiveCost": "2"},
    )

    answer = take_in(path, "cloud")

    assert answer["totals"] == {
        "EUR": {"billed_cost": "1", "effective_cost": "2"},
        "USD": {"billed_cost": "1", "effective_cost": "1"},
    }


def test_a_bad_row_in_the_middle_loads_nothing_and_is_named(tmp_path):
    path = write_focus(
        tmp_path / "bad.csv",
        {"EffectiveCost": "1"},
        {"EffectiveCost": "12 apples"},
        {"EffectiveCost": "3", "BillingCurrency": "XYZ"},
        {"EffectiveCost": "4"},
    )

    code, answer = run("import_costs", path, "--source", "cloud")

    assert code == 2
    assert answer["error"]["code"] == "bad_rows"
    places = [(row["line"], row["column"], row["value"]) for row in answer["error"]["rows"]]
    assert places == [(3, "EffectiveCost", "12 apples"), (4, "BillingCurrency", "XYZ")]
    assert all(row["reason"] for row in answer["error"]["rows"])
    assert set(everything().values()) == {0}
    assert not list((tmp_path / "media" / "evidence").glob("*"))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "not_a_cost_file"),
        (b"BilledCost,BillingCurrency,ServiceName,ChargeCategory\n1,USD,x,Usage\n", "missing_column"),
    ],
)
def test_files_that_are_no_cost_files_are_refused_by_code(content, code, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(content)

    status, answer = run("import_costs", path, "--source", "cloud")

    assert (status, answer["error"]["code"]) == (2, code)
    assert set(everything().values()) == {0}


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "line\nbreak"])
def test_a_source_needs_a_name_that_can_be_spoken(name):
    status, answer = run("import_costs", GATEWAY, "--source", name)

    assert (status, answer["error"]["code"]) == (2, "bad_source_name")


def test_a_missing_file_is_refused():
    status, answer = run("import_costs", "/nowhere/at.all", "--source", "cloud")

    assert (status, answer["error"]["code"]) == (2, "file_unreadable")


def test_a_closed_month_refuses_what_would_change_it_and_takes_what_does_not(tmp_path):
    first = write_focus(tmp_path / "a.csv", {"EffectiveCost": "10"}, {"BillingAccountId": "222"})
    take_in(first, "cloud")
    ClosedPeriod.objects.create(month="2026-05-01", closed_by=import_service(), closed_at=now())
    changed = write_focus(tmp_path / "b.csv", {"EffectiveCost": "11"}, {"BillingAccountId": "222"})
    reordered = write_focus(tmp_path / "c.csv", {"BillingAccountId": "222"}, {"EffectiveCost": "10"})

    status, answer = run("import_costs", changed, "--source", "cloud")

    assert (status, answer["error"]["code"]) == (2, "period_closed")
    assert "from 10.00 to 11.00 USD" in answer["error"]["message"]
    assert totals()[1]["USD"][2] == Decimal(11)
    assert take_in(reordered, "cloud")["unchanged"] is False
    assert totals()[1]["USD"][2] == Decimal(11)


def test_a_correction_delivered_in_an_open_month_keeps_its_old_charge_day(tmp_path):
    ClosedPeriod.objects.create(month="2026-04-01", closed_by=import_service(), closed_at=now())
    path = write_focus(
        tmp_path / "a.csv",
        {"EffectiveCost": "-3", "ChargePeriodStart": "2026-04-20T00:00:00Z", "ChargePeriodEnd": "2026-04-21T00:00:00Z"},
    )

    take_in(path, "cloud")

    assert totals("--by", "charge_month")[0]["2026-04"] == (1, Decimal(1), Decimal(-3))


def test_a_new_row_in_a_closed_month_that_had_none_is_refused(tmp_path):
    ClosedPeriod.objects.create(month="2026-05-01", closed_by=import_service(), closed_at=now())

    with pytest.raises(PeriodClosed):
        import_costs(
            file=CostFile(write_focus(tmp_path / "a.csv", {}), "a.csv", "cloud"), by=import_service(), at=now()
        )


def test_an_import_records_itself_and_tells_whose_figures_moved():
    heard = []
    costs_imported.connect(receiver := lambda **told: heard.append(told), weak=False)

    take_in(GATEWAY, "gateway")
    take_in(GATEWAY, "gateway")

    costs_imported.disconnect(receiver)
    delivery = Delivery.objects.get()
    assert [told["delivery"] for told in heard] == [delivery]
    assert heard[0]["initiative_ids"] == []
    event = AuditEvent.objects.get(verb="delivery.imported")
    assert event.data["totals"] == {"USD": {"billed_cost": "5498.401072", "effective_cost": "5498.401072"}}
    assert event.actor_name == "Import service"


def test_who_may_not_import_is_refused_and_nothing_is_kept():
    stranger = User.objects.create_user("max", full_name="Max")

    with pytest.raises(Exception, match="You may not import spend"):
        import_costs(file=CostFile(GATEWAY, "x.csv", "gateway"), by=stranger, at=now())

    assert set(everything().values()) == {0}
