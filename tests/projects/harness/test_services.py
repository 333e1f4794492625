from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django_fsm import TransitionNotAllowed

from projects.attribution.models import AttributionRule
from projects.audit.models import AuditEvent
from projects.common.money import over_by_percent
from projects.common.outcomes import NotPermitted, WrongState
from projects.funding.selectors import funded_spans, funding_panel, paid_by, positions, tranche_spent
from projects.harness.models import HarnessLine, LineState
from projects.harness.selectors import harness_rows
from projects.harness.services import (
    HarnessRefused,
    LineDraft,
    NeedsTwo,
    confirm_line,
    decline_line,
    enter_line,
    propose_line,
    take_back_line,
)
from projects.limits.selectors import policy_on
from projects.sources.models import ClosedPeriod, Delivery, DeliveryPart
from projects.spend.by_hand import NotTheirs
from projects.spend.closed import PeriodClosed
from projects.spend.courses import Window, spent_by_month, spent_in_windows
from projects.spend.models import SpendFact
from projects.spend.selectors import data_to, full_cost_by_day, layers_by_month, sources_of, spend_by_day, spent_between
from projects.spend.verification import rollup_differences
from tests.factories import money
from tests.projects.spend.samples import run, take_in, totals, write_focus

pytestmark = pytest.mark.django_db
AT = datetime(2026, 6, 15, 9, tzinfo=UTC)
MAY = date(2026, 5, 1)


@pytest.fixture(autouse=True)
def _media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def draft(amount="7440.00", kind="human_review", month=MAY):
    return LineDraft(month, kind, Decimal(amount), "Two reviewers, six days each, at 620.")


def entered(fraud, by, **said):
    return enter_line(initiative_id=fraud.pk, draft=draft(**said), by=by, at=AT)


def harness_of(fraud):
    return sum(row.effective_cost for row in layers_by_month(fraud.pk) if row.layer == "harness")


def test_a_line_of_finance_counts_at_once_and_the_layers_add_up(fraud, fiona, tmp_path):
    tag = f'{{"initiative": "{fraud.key}"}}'
    take_in(write_focus(tmp_path / "bill.csv", {"EffectiveCost": "1000.5", "Tags": tag}), "cloud")

    line = entered(fraud, fiona)

    assert line.state == LineState.CONFIRMED
    layers, by_currency = totals("--by", "layer")
    assert layers["harness"] == (1, Decimal(0), Decimal(7440))
    assert layers["api_model"][2] == Decimal("1000.5")
    assert sum(layer[2] for layer in layers.values()) == by_currency["USD"][2] == Decimal("8440.5")
    assert totals("--source", "harness")[1]["USD"] == (1, Decimal(0), Decimal(7440))
    assert totals("--by", "initiative")[0][fraud.key][2] == Decimal("8440.5")
    assert rollup_differences() == []


def test_a_second_line_of_a_month_stands_beside_the_first_and_other_months_apart(fraud, fiona):
    entered(fraud, fiona)
    entered(fraud, fiona, amount="100", kind="evaluation")
    entered(fraud, fiona, amount="7", month=date(2026, 4, 1))

    assert harness_of(fraud) == Decimal(7547)
    current = DeliveryPart.objects.filter(is_current=True).order_by("billing_period_start")
    assert [(part.billing_account_id, part.rows) for part in current] == [(fraud.key, 1), (fraud.key, 2)]
    assert Delivery.objects.order_by("-pk")[1].moved == [
        {"initiative": fraud.key, "month": "2026-05", "currency": "USD", "before": "7440", "after": "7540"}
    ]
    assert rollup_differences() == []


def test_harness_is_full_cost_and_in_no_budget_run_rate_or_freshness(fraud, fiona, carol):
    envelope = money.envelope(fiona, datetime(2026, 1, 12, 9, tzinfo=UTC), "100000")
    money.tranche(fraud, envelope, carol, datetime(2026, 1, 12, 9, tzinfo=UTC), "1000")

    entered(fraud, fiona)

    on = AT.date()
    assert positions([fraud.pk], on=on)[fraud.pk].spent == 0
    assert spent_between([fraud.pk], MAY, on) == {}
    assert spend_by_day([fraud.pk], start=MAY, on=on) == {}
    assert data_to([fraud.pk], on=on) == {}
    assert sources_of([fraud.pk]) == {}
    assert harness_of(fraud) == Decimal(7440)
    assert full_cost_by_day([fraud.pk], start=MAY, on=on)[fraud.pk][MAY].amount == Decimal(7440)
    assert full_cost_by_day([fraud.pk], start=date(2026, 5, 2), on=on) == {}


JANUARY = datetime(2026, 1, 12, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("month", "counts"),
    [
        (date(2026, 1, 1), False),  # before the tranche began
        (date(2026, 2, 1), True),
        (date(2026, 4, 1), True),
        (MAY, False),  # the first day after its window
    ],
)
def test_a_line_counts_in_the_budget_of_the_tranche_that_funds_it(month, counts, fraud, fiona, carol):
    out_of = money.envelope(fiona, JANUARY, "100000")
    tranche = money.tranche(fraud, out_of, carol, JANUARY, "1000", funds_harness=True, ends_on=MAY)

    entered(fraud, fiona, month=month)

    on, spent = AT.date(), Decimal(7440 if counts else 0)
    position = positions([fraud.pk], on=on)[fraud.pk]
    assert position.spent == tranche_spent(tranche, on=on) == spent
    assert over_by_percent(position.spent, position.approved, Decimal(15)) is counts
    panel = funding_panel(fraud, on=on, policy=policy_on(on))
    assert [(row.spent, row.is_over) for row in panel.rows] == [(spent, counts)]
    course = spent_by_month({fraud.pk: JANUARY.date()}, on=on, funded=funded_spans([fraud.pk], on=on))
    assert course == ({month: spent} if counts else {})
    asked = [Window(fraud.pk, JANUARY.date(), on), Window(fraud.pk, JANUARY.date(), on, is_budget=False)]
    assert spent_in_windows(asked, funded=funded_spans([fraud.pk], on=on)) == [spent, 0]
    assert paid_by(tranche, on=on).rows == int(counts)
    assert spent_between([fraud.pk], date(2026, 1, 1), on) == {}  # no run rate
    assert [row.funded_by for row in harness_rows(fraud)] == [1 if counts else None]


def test_a_tranche_of_today_that_funds_harness_counts_it_beside_the_bills(fraud, fiona, carol, tmp_path):
    money.tranche(fraud, money.envelope(fiona, JANUARY, "100000"), carol, JANUARY, "9000", funds_harness=True)
    tag = f'{{"initiative": "{fraud.key}"}}'
    take_in(write_focus(tmp_path / "bill.csv", {"EffectiveCost": "1000.5", "Tags": tag}), "cloud")

    entered(fraud, fiona)

    position = positions([fraud.pk], on=AT.date())[fraud.pk]
    assert position.spent == position.tranche_in_force.spent == Decimal("8440.5")


def test_re_attribution_leaves_harness_lines_where_they_are(fraud, fiona):
    entered(fraud, fiona)

    code, answer = run("reattribute", "--dry-run")

    assert (code, answer["rows"]) == (0, 0)


def test_an_owner_proposes_and_only_finance_lets_it_count(fraud, olga, fiona):
    line = propose_line(initiative_id=fraud.pk, draft=draft(), by=olga, at=AT)

    assert harness_of(fraud) == 0
    with pytest.raises(NotPermitted):
        confirm_line(line_id=line.pk, by=olga, at=AT)
    confirm_line(line_id=line.pk, by=fiona, at=AT)

    assert harness_of(fraud) == Decimal(7440)
    verbs = AuditEvent.objects.filter(verb__startswith="harness_line.").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["harness_line.proposed", "harness_line.confirmed"]


def test_a_declined_line_never_counts(fraud, olga, fiona):
    line = propose_line(initiative_id=fraud.pk, draft=draft(), by=olga, at=AT)

    decline_line(line_id=line.pk, by=fiona, at=AT)

    assert harness_of(fraud) == 0
    with pytest.raises(WrongState):
        confirm_line(line_id=line.pk, by=fiona, at=AT)


def test_a_line_is_taken_back_by_two_persons_and_both_rows_stay(fraud, fiona, felix):
    line = entered(fraud, fiona)
    back = take_back_line(line_id=line.pk, note="Wrong month.", by=fiona, at=AT)

    assert harness_of(fraud) == Decimal(7440)
    with pytest.raises(NeedsTwo):
        confirm_line(line_id=back.pk, by=fiona, at=AT)
    with pytest.raises(WrongState, match="taken back already"):
        take_back_line(line_id=line.pk, note="Again.", by=felix, at=AT)
    confirm_line(line_id=back.pk, by=felix, at=AT)

    assert harness_of(fraud) == 0
    assert sorted(SpendFact.objects.filter(part__is_current=True).values_list("effective_cost", flat=True)) == [
        Decimal(-7440),
        Decimal(7440),
    ]
    with pytest.raises(WrongState, match="nothing to take back"):
        take_back_line(line_id=back.pk, note="And back.", by=felix, at=AT)


def test_a_refused_taking_back_may_be_asked_for_again(fraud, fiona, felix):
    line = entered(fraud, fiona)
    decline_line(line_id=take_back_line(line_id=line.pk, note="Wrong.", by=fiona, at=AT).pk, by=felix, at=AT)

    again = take_back_line(line_id=line.pk, note="Wrong after all.", by=fiona, at=AT)

    assert again.state == LineState.PROPOSED


def test_the_interested_strangers_and_auditors_may_not(fraud, olga, sam, vera, audrey, max_the_stranger):
    for other in (olga, sam, vera, audrey, max_the_stranger):
        with pytest.raises(NotPermitted):
            entered(fraud, other)
    for other in (sam, vera, audrey, max_the_stranger):
        with pytest.raises(NotPermitted):
            propose_line(initiative_id=fraud.pk, draft=draft(), by=other, at=AT)
    assert not HarnessLine.objects.exists()


def test_a_closed_month_takes_no_line_and_nothing_is_left_behind(fraud, fiona):
    ClosedPeriod.objects.create(month=MAY, closed_by=fiona, closed_at=AT)

    with pytest.raises(PeriodClosed, match="May 2026 is closed"):
        entered(fraud, fiona)

    assert not HarnessLine.objects.exists()
    assert not SpendFact.objects.exists()
    assert not AuditEvent.objects.exists()


def test_a_line_that_rules_would_give_to_nobody_is_refused(fraud, fiona):
    AttributionRule.objects.filter(kind="initiative_tag").update(retired_at=AT, retired_by=fiona)

    with pytest.raises(NotTheirs, match="reads an initiative's key"):
        entered(fraud, fiona)

    assert not HarnessLine.objects.exists()


def test_what_no_line_can_be_is_refused(fraud, fiona):
    with pytest.raises(HarnessRefused) as refused:
        entered(fraud, fiona, amount="-1")

    assert [blocker.code for blocker in refused.value.blockers] == ["amount_not_positive"]


def test_a_file_may_not_deliver_as_the_source_harness(tmp_path):
    path = write_focus(tmp_path / "bill.csv", {})

    code, answer = run("import_costs", path, "--source", " Harness ")

    assert (code, answer["error"]["code"]) == (2, "bad_source_name")


def test_the_database_keeps_lines_as_they_are(fraud, fiona, felix):
    line = entered(fraud, fiona)
    usual = {"initiative": fraud, "month": MAY, "kind": "evaluation", "amount": 1, "currency": "USD", "note": "x"}

    def made(**said):
        return HarnessLine.objects.create(**usual | {"proposed_by": fiona, "proposed_at": AT} | said)

    for wrong in (
        {"month": date(2026, 5, 2)},
        {"kind": "lunch"},
        {"amount": 0},
        {"amount": -1},
        {"amount": 1, "takes_back": line},
        {"note": ""},
        {"decided_by": felix},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            made(**wrong)
    back = made(amount=-1, takes_back=line)
    with pytest.raises(IntegrityError, match="harness_taken_back_once"), transaction.atomic():
        made(amount=-1, takes_back=line)
    back.confirm(by_id=fiona.pk, at=AT)
    with pytest.raises(IntegrityError, match="harness_negative_by_two"), transaction.atomic():
        back.save()
    for act in (line.delete, lambda: HarnessLine.objects.filter(pk=line.pk).update(amount=2)):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


@pytest.mark.parametrize("state", [LineState.CONFIRMED, LineState.DECLINED])
@pytest.mark.parametrize("act", ["confirm", "decline"])
def test_a_decided_line_is_not_decided_again(state, act):
    line = HarnessLine(state=state)

    with pytest.raises(TransitionNotAllowed):
        getattr(line, act)(by_id=1, at=AT)
