"""A later rule over a log gets nothing of what an earlier one shares out: said where it is drafted and in its dry run."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from projects.attribution.services import make_rule
from projects.rulebook.models import Act, RuleChange
from projects.rulebook.services import Asked, keep_change, propose_change
from projects.spend.reattribution import preview_reattribution, reattribute
from projects.spend.shared_before import sharing_already
from tests.factories.people import person
from tests.projects.spend.details import by_detail, charge, claims, deliver, fraud_and_claims, teams
from tests.projects.spend.samples import run

pytestmark = pytest.mark.django_db
__all__ = ["claims", "deliver", "teams"]
OTHER_DAY = {"ChargePeriodStart": "2026-05-04T00:00:00Z", "ChargePeriodEnd": "2026-05-05T00:00:00Z"}


@pytest.fixture
def first(deliver, teams, fiona, now):
    """A rule that splits sub-1 by the log; the bill of sub-2 has charges on the same day and on another."""
    bill, log = deliver
    bill(charge("100"), charge("50", SubAccountId="sub-2"), charge("20", SubAccountId="sub-2", **OTHER_DAY))
    log(*fraud_and_claims("60", "30.5"), *fraud_and_claims("7", "0", **OTHER_DAY))
    made = make_rule(draft=by_detail(), by=fiona, at=now)
    reattribute(by=fiona, at=now)
    return made


def taken(change):
    return [
        (row["is_this"], row["earlier"], row["log"], row["currency"], row["cost"])
        for row in change.figures["taken_before"]
    ]


def test_a_dry_run_says_which_earlier_rule_shares_the_log_and_how_much_of_it(first, fiona, now):
    change = propose_change(asked=Asked(Act.MAKE, draft=by_detail("sub-2")), by=fiona, at=now)

    # What only the later rule agrees with, the 7 of the other day, it gets.
    assert taken(change) == [(True, first.number, "gateway", "USD", "90.5")]


def test_a_rule_that_comes_first_is_told_what_it_takes_from_the_other(first, fiona, now):
    second = make_rule(draft=by_detail("sub-2"), by=fiona, at=now)

    change = propose_change(asked=Asked(Act.MOVE, second.pk, before_id=first.pk), by=fiona, at=now)

    assert taken(change) == [(False, second.number, "gateway", "USD", "90.5")]
    assert change.figures["taken_before"][0]["rule"] == first.number


@pytest.mark.parametrize("more", [{"provider": "nobody"}, {"account": "sub_account"}])
def test_rules_that_agree_with_different_entries_take_nothing_from_each_other(more, first, fiona, now):
    change = propose_change(asked=Asked(Act.MAKE, draft=by_detail("sub-2", **more)), by=fiona, at=now)

    assert taken(change) == []


def test_two_versions_of_one_rule_take_nothing_from_each_other(first, fiona, now):
    asked = Asked(Act.CHANGE, first.pk, by_detail(by_month=True), from_on=date(2026, 5, 2))
    propose_change(asked=asked, by=fiona, at=now)

    assert preview_reattribution(by=fiona).taken_before == []


@pytest.mark.parametrize("how", [["--dry-run"], []])
def test_the_command_says_what_an_earlier_rule_takes_of_a_log(how, first, fiona, now):
    second = make_rule(draft=by_detail("sub-2"), by=fiona, at=now)

    code, answer = run("reattribute", *how)

    assert code == 0
    assert answer["taken_before"] == [
        {
            "rule": second.number,
            "earlier": first.number,
            "log": "gateway",
            "currency": "USD",
            "cost": "90.5",
            "tokens": answer["taken_before"][0]["tokens"],
        }
    ]


def test_what_logs_do_not_give_is_worked_out_only_for_who_is_told_of_it(first, fiona, now):
    make_rule(draft=by_detail("sub-2"), by=fiona, at=now)

    with CaptureQueriesContext(connection) as untold:
        silent = reattribute(by=fiona, at=now)
    with CaptureQueriesContext(connection) as told:
        speaking = reattribute(by=fiona, at=now, tells_of_logs=True)

    assert (silent.taken_before, silent.unmatched, len(speaking.taken_before)) == ([], [], 1)
    assert not [asked for asked in untold.captured_queries if "detail_claim c JOIN" in asked["sql"]]
    assert len([asked for asked in told.captured_queries if "detail_claim c JOIN" in asked["sql"]]) == 1


def test_without_a_rule_by_detail_nothing_is_asked_of_logs(fraud, fiona):
    assert preview_reattribution(by=fiona).taken_before == []


def test_the_change_and_the_kept_change_name_the_earlier_rule_and_its_money(client, first, fiona, now):
    change = propose_change(asked=Asked(Act.MAKE, draft=by_detail("sub-2")), by=fiona, at=now)
    client.force_login(fiona)

    page = " ".join(client.get(f"/spend/rules/changes/{change.pk}/").content.decode().split())
    keep_change(change_id=change.pk, by=fiona, at=now)
    kept = RuleChange.objects.get(pk=change.pk)

    assert "$90.50 of gateway:" in page
    assert f'/spend/rules/{first.number}/">rule {first.number}</a> shares it out first, this rule gets nothing' in page
    assert taken(kept) == [(True, first.number, "gateway", "USD", "90.5")]


def test_the_form_of_a_new_rule_names_those_that_share_a_log_already(client, first, fiona, now):
    client.force_login(fiona)

    page = " ".join(client.get("/spend/rules/new/").content.decode().split())
    own = client.get(f"/spend/rules/{first.number}/").content.decode()

    assert f"Rule {first.number}</a> splits bill by gateway: $90.50 so far" in page
    assert "An entry of a log counts once" not in own, "a rule does not stand before itself"


def test_a_rule_that_covered_nothing_yet_is_named_too(client, deliver, teams, fiona, now):
    bill, log = deliver
    bill(charge("100"))
    log(*fraud_and_claims("60", "30"))
    make_rule(draft=by_detail(), by=fiona, at=now)
    client.force_login(fiona)

    page = " ".join(client.get("/spend/rules/new/").content.decode().split())

    assert "splits bill by gateway: nothing so far" in page


def test_more_rules_over_a_log_cost_no_more_queries(first, fiona, now):
    with CaptureQueriesContext(connection) as one:
        assert len(sharing_already()) == 1
    make_rule(draft=by_detail("sub-2"), by=fiona, at=now)

    with CaptureQueriesContext(connection) as two:
        assert len(sharing_already()) == 2

    assert len(one) == len(two) == 2


def test_a_stranger_sees_no_form(client, first):
    client.force_login(person("max"))

    assert client.get("/spend/rules/new/").status_code == 404
