"""A charge that several initiatives share: its parts sum to it exactly, whatever is imported, changed or given out again."""

from datetime import date
from decimal import Decimal, localcontext

import pytest
from django.db import connection
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from projects.attribution.drafts import RuleDraft, ShareDraft
from projects.attribution.models import AttributionRule, Basis, SplitMeasure
from projects.attribution.rules import split_exactly
from projects.attribution.services import RuleRefused, change_rule, make_rule, retire_rule
from projects.sources.models import ClosedPeriod
from projects.spend.models import SpendFact
from projects.spend.reattribution import preview_reattribution, reattribute
from projects.spend.verification import rollup_differences
from tests.factories.initiatives import initiative
from tests.projects.spend.samples import take_in, totals, write_focus

pytestmark = pytest.mark.django_db
AMOUNTS = st.builds(
    lambda digits, places: Decimal(digits).scaleb(-places), st.integers(-(10**24), 10**24), st.integers(0, 20)
)
WEIGHTS = st.lists(st.decimals(min_value="0.001", max_value="1000", places=3), min_size=2, max_size=8)
CUT = """
SELECT projects_share_of(%(amount)s, weight, whole) FROM unnest(%(weights)s::numeric[]) WITH ORDINALITY w (weight, place),
    (SELECT sum(x) AS whole FROM unnest(%(weights)s::numeric[]) x) t WHERE place < cardinality(%(weights)s::numeric[])
ORDER BY place
"""


@pytest.fixture
def claims(olga):
    return initiative(olga, "mvp", name="Claims triage")


@pytest.fixture
def search(olga):
    return initiative(olga, "mvp", name="Search")


def shared(*percents, kind="sub_account", value="sub-1", basis=Basis.FIXED, **more):
    parts = tuple(ShareDraft(who, None if percent is None else Decimal(str(percent))) for who, percent in percents)
    return RuleDraft(kind, value, basis=basis, shares=parts, **more)


def owned():
    return {
        key: (rows, billed, effective) for key, (rows, billed, effective) in totals("--by", "initiative")[0].items()
    }


@given(AMOUNTS, WEIGHTS)
@example(Decimal("0.1"), [Decimal(1), Decimal(1), Decimal(1)])
@example(Decimal("-0.00000000000000000001"), [Decimal("0.001"), Decimal(999)])
def test_parts_sum_to_the_amount_and_none_passes_its_share(amount, weights):
    parts = split_exactly(amount, weights)

    with localcontext(prec=200):  # exact, however many digits both have
        assert sum(parts) == amount
        for part, weight in zip(parts[:-1], weights, strict=False):
            assert abs(part) * sum(weights) <= abs(amount) * weight
            assert part * amount >= 0


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(AMOUNTS, WEIGHTS)
def test_the_database_cuts_by_the_same_law(amount, weights):
    with connection.cursor() as cursor:
        cursor.execute(CUT, {"amount": amount, "weights": weights})
        found = [row[0] for row in cursor.fetchall()]

    assert found == split_exactly(amount, weights)[:-1]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=6)
@given(st.lists(st.tuples(AMOUNTS, AMOUNTS), min_size=1, max_size=5), st.integers(1, 98))
def test_shares_of_every_imported_row_sum_to_the_row(fraud, olga, fiona, now, tmp_path_factory, rows, percent):
    claims, search = initiative(olga, "mvp", name="Claims"), initiative(olga, "mvp", name="Search")
    draft = shared((fraud, percent), (claims, "0.7"), (search, Decimal("99.3") - percent))
    rule = make_rule(draft=draft, by=fiona, at=now)
    cells = [{"BilledCost": f"{billed:f}", "EffectiveCost": f"{effective:f}"} for billed, effective in rows]

    take_in(write_focus(tmp_path_factory.mktemp("split") / "a.csv", *cells), "cloud")

    facts = SpendFact.objects.filter(rule=rule)
    weights = [share.percent for share in rule.shares.all()]
    for line, (billed, effective) in enumerate(rows, start=2):
        parts = list(facts.filter(row_number=line).order_by("share"))
        assert [part.share for part in parts] == [0, 1, 2]
        assert [part.billed_cost for part in parts] == split_exactly(billed, weights)
        assert [part.effective_cost for part in parts] == split_exactly(effective, weights)
    assert rollup_differences() == []
    retire_rule(rule_id=rule.pk, by=fiona, at=now)


def test_a_row_counts_once_and_its_money_sums_exactly(fraud, claims, search, fiona, now, tmp_path):
    third = Decimal("33.333")
    make_rule(draft=shared((fraud, third), (claims, third), (search, 100 - 2 * third)), by=fiona, at=now)

    take_in(write_focus(tmp_path / "a.csv", {"EffectiveCost": "10.01", "BilledCost": "7"}), "cloud")

    groups, whole = totals("--by", "initiative")
    assert whole == {"USD": (1, Decimal(7), Decimal("10.01"))}
    assert {key: (rows, effective) for key, (rows, _, effective) in groups.items()} == {
        fraud.key: (1, Decimal("3.3366333")),
        claims.key: (0, Decimal("3.3366333")),
        search.key: (0, Decimal("3.3367334")),
    }
    assert rollup_differences() == []


def test_the_last_share_of_a_tiny_refund_takes_the_rest(fraud, claims, fiona, now, tmp_path):
    make_rule(draft=shared((fraud, "99.9"), (claims, "0.1")), by=fiona, at=now)

    take_in(write_focus(tmp_path / "a.csv", {"EffectiveCost": "-0.00000000001", "BilledCost": "0"}), "cloud")

    assert sum(effective for _, _, effective in owned().values()) == Decimal("-0.00000000001")
    assert [fact.billed_cost for fact in SpendFact.objects.all()] == [0, 0]


def test_history_is_cut_joined_and_cut_anew_and_every_step_says_what_moves(fraud, claims, search, fiona, now, tmp_path):
    take_in(write_focus(tmp_path / "a.csv", {"EffectiveCost": "100"}, {"EffectiveCost": "3", "SubAccountId": "x"}), "c")
    rule = make_rule(draft=shared((fraud, 60), (claims, 40)), by=fiona, at=now)

    first = reattribute(by=fiona, at=now)
    cut = owned()
    changed = change_rule(rule_id=rule.pk, draft=shared((fraud, 60), (search, 40)), by=fiona, at=now)
    second = reattribute(by=fiona, at=now)
    cut_anew = owned()
    retire_rule(rule_id=changed.pk, by=fiona, at=now)
    third = reattribute(by=fiona, at=now)

    assert flows(first) == {(None, fraud.key): "60", (None, claims.key): "40"}
    assert first.rows == 1
    assert {key: money for key, (_, _, money) in cut.items()} == {fraud.key: 60, claims.key: 40, None: 3}
    assert flows(second) == {(claims.key, search.key): "40"}
    assert {key: money for key, (_, _, money) in cut_anew.items()} == {fraud.key: 60, search.key: 40, None: 3}
    assert flows(third) == {(fraud.key, None): "60", (search.key, None): "40"}
    assert {key: rows for key, (rows, _, _) in owned().items()} == {None: 2}
    assert SpendFact.objects.count() == 2
    assert rollup_differences() == []
    assert preview_reattribution(by=fiona).rows == 0


def flows(moved):
    return {(move["from"], move["to"]): move["effective_cost"] for move in moved.moves}


def test_a_dry_run_says_each_initiatives_month_before_and_after(fraud, claims, fiona, now, tmp_path):
    take_in(
        write_focus(tmp_path / "a.csv", {"EffectiveCost": "0.3"}, {"EffectiveCost": "9", "BillingCurrency": "EUR"}), "c"
    )
    make_rule(draft=shared((fraud, 50), (claims, 50)), by=fiona, at=now)

    moved = preview_reattribution(by=fiona)

    lines = {
        (row["initiative"], row["currency"]): (row["month"], row["before"], row["after"]) for row in moved.initiatives
    }
    assert lines == {
        (None, "EUR"): ("2026-05", "9", "0"),
        (None, "USD"): ("2026-05", "0.3", "0"),
        (fraud.key, "EUR"): ("2026-05", "0", "4.5"),
        (fraud.key, "USD"): ("2026-05", "0", "0.15"),
        (claims.key, "EUR"): ("2026-05", "0", "4.5"),
        (claims.key, "USD"): ("2026-05", "0", "0.15"),
    }
    assert owned().keys() == {None}


def test_a_split_in_a_closed_month_stays_unless_two_agreed(fraud, claims, fiona, now, tmp_path):
    take_in(write_focus(tmp_path / "a.csv", {"EffectiveCost": "10"}), "c")
    ClosedPeriod.objects.create(month="2026-05-01", closed_by=fiona, closed_at=now)
    rule = make_rule(draft=shared((fraud, 50), (claims, 50)), by=fiona, at=now)

    left = reattribute(by=fiona, at=now)
    moved = reattribute(by=fiona, at=now, agreed=[rule.pk])

    assert (left.rows, left.closed_rows, left.closed_moving) == (0, 1, 0)
    assert (moved.rows, moved.closed_rows) == (1, 0)
    assert {key: money for key, (_, _, money) in owned().items()} == {fraud.key: 5, claims.key: 5}
    assert rollup_differences() == []


def test_shares_in_proportion_follow_each_ones_own_cost_of_the_month(fraud, claims, fiona, now, tmp_path):
    own = [
        {"EffectiveCost": "30", "SubAccountId": "f", "ChargePeriodStart": "2026-05-02"},
        {"EffectiveCost": "10", "SubAccountId": "c", "ChargePeriodStart": "2026-05-02"},
        {"EffectiveCost": "8", "ChargePeriodStart": "2026-05-20", "ChargePeriodEnd": "2026-05-21"},
        {"EffectiveCost": "4", "ChargePeriodStart": "2026-06-03", "ChargePeriodEnd": "2026-06-04"},
        {"EffectiveCost": "1", "ChargePeriodStart": "2026-04-30"},
    ]
    make_rule(draft=RuleDraft("sub_account", "f", fraud), by=fiona, at=now)
    make_rule(draft=RuleDraft("sub_account", "c", claims), by=fiona, at=now)
    make_rule(draft=shared((fraud, None), (claims, None), basis=Basis.DIRECT_COST), by=fiona, at=now)
    take_in(write_focus(tmp_path / "a.csv", *own), "c")
    before = owned()

    reattribute(by=fiona, at=now)

    assert before[None] == (3, 3, 13)
    assert [int(row.weight) for row in SplitMeasure.objects.order_by("month", "ordinal")] == [30, 10]
    after = {key: money for key, (_, _, money) in owned().items()}
    assert after == {fraud.key: 30 + 6 + 3, claims.key: 10 + 2 + 1, None: 1}  # April was not measured, June goes by May
    assert rollup_differences() == []
    assert reattribute(by=fiona, at=now).rows == 0


@pytest.mark.parametrize(
    ("percents", "code"),
    [
        (("60", "39.99"), "shares_whole"),
        (("60", "40.01"), "shares_whole"),
        (("0", "100"), "share_percent"),
        (("-1", "101"), "share_percent"),
        ((None, None), "share_percent"),
    ],
)
def test_fixed_shares_that_make_no_whole_are_refused(percents, code, fraud, claims, fiona, now):
    with pytest.raises(RuleRefused) as refused:
        make_rule(draft=shared((fraud, percents[0]), (claims, percents[1])), by=fiona, at=now)

    assert [blocker.code for blocker in refused.value.blockers] == [code]


def test_a_split_among_one_is_refused(fraud, fiona, now):
    for draft in (shared((fraud, 100)), shared((fraud, 50), (fraud, 50)), shared()):
        with pytest.raises(RuleRefused, match="different initiatives"):
            make_rule(draft=draft, by=fiona, at=now)


def test_a_change_from_a_day_leaves_earlier_days_as_they_were(fraud, claims, fiona, now, tmp_path):
    days = [
        {"EffectiveCost": "1", "ChargePeriodStart": "2026-05-09", "ChargePeriodEnd": "2026-05-11"},
        {"EffectiveCost": "10", "ChargePeriodStart": "2026-05-10", "ChargePeriodEnd": "2026-05-11"},
    ]
    rule = make_rule(draft=RuleDraft("sub_account", "sub-1", fraud), by=fiona, at=now)
    take_in(write_focus(tmp_path / "a.csv", *days), "c")

    later = change_rule(
        rule_id=rule.pk, draft=RuleDraft("sub_account", "sub-1", claims), from_on=date(2026, 5, 10), by=fiona, at=now
    )
    reattribute(by=fiona, at=now)

    assert {key: money for key, (_, _, money) in owned().items()} == {fraud.key: 1, claims.key: 10}
    assert AttributionRule.objects.in_force().filter(number=rule.number).count() == 2
    assert (later.version, later.starts_on) == (2, date(2026, 5, 10))
