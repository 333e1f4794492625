"""The charge page says of each share that a log splits whether the log gave it, or left it over and to whom."""

from decimal import Decimal

import pytest

from projects.attribution.drafts import RuleDraft, ShareDraft
from projects.attribution.services import make_rule, retire_rule
from projects.sources.eyes import Eyes
from projects.spend.reattribution import reattribute
from projects.trail.charge import trail_of
from tests.factories.initiatives import initiative
from tests.projects.spend.details import by_detail, charge, claims, deliver, fraud_and_claims, teams

pytestmark = pytest.mark.django_db
__all__ = ["claims", "deliver", "teams"]
LATER = {"ChargePeriodStart": "2026-05-09T00:00:00Z", "ChargePeriodEnd": "2026-05-10T00:00:00Z"}
NAMED = "The log gateway names it."
UNCOVERED = "The log gateway does not cover this part, and no other rule takes it."
NOBODYS = "Nothing that the log gateway gives to an initiative agrees with this charge, and no other rule takes it."


def said(delivery="DL-0001"):
    return [share.log_words for share in trail_of(delivery, 2, eyes=Eyes(sees_people=False)).shares]


@pytest.fixture
def split(deliver, teams, fiona, now):
    """Split a bill of 100 by a log, with other rules for the rest."""

    def go(*logged, rest=()):
        bill, log = deliver
        bill(charge("100"))
        log(*logged)
        rules = [make_rule(draft=draft, by=fiona, at=now) for draft in (by_detail(), *rest)]
        reattribute(by=fiona, at=now)
        return rules

    return go


def test_shares_of_the_log_and_what_it_leaves_are_told_apart(split):
    split(*fraud_and_claims("60", "30"))

    assert said() == [NAMED, NAMED, UNCOVERED]


@pytest.mark.parametrize("day", [{}, LATER])
def test_a_charge_with_which_nothing_agrees_says_so(split, day):
    split(charge("60", SubAccountId="nobody", **day))

    assert said() == [NOBODYS]


def test_the_rest_names_the_rule_that_puts_it_somewhere(split, olga):
    search = initiative(olga, "mvp", name="Search")
    _, rest = split(*fraud_and_claims("60", "30"), rest=[RuleDraft("billing_account", "111", search)])

    assert said()[2] == (
        f"The log gateway does not cover this part; it stays where rule {rest.number} (billing account or API key 111) puts it."
    )


def test_a_charge_without_any_detail_names_the_next_rule(split, fraud):
    _, rest = split(
        charge("5", SubAccountId="team-claims", **LATER),
        rest=[RuleDraft("billing_account", "111", fraud)],
    )

    assert said() == [
        f"Nothing in the log gateway agrees with this charge; it stays where rule {rest.number} (billing account or API key 111) "
        "puts it."
    ]


def test_the_rest_beside_a_share_of_the_same_initiative_is_the_rest(split, fraud, claims):
    _, rest = split(*fraud_and_claims("60", "30"), rest=[RuleDraft("billing_account", "111", fraud)])

    words = said()

    assert words[1] == NAMED
    assert words[2].startswith(f"The log gateway does not cover this part; it stays where rule {rest.number}")


def test_a_log_that_may_have_named_the_receiver_of_the_rest_says_both(split, fraud):
    _, rest = split(charge("60", SubAccountId="team-fraud"), rest=[RuleDraft("billing_account", "111", fraud)])

    assert said()[0].startswith("The log gateway names it, or it is what the log does not cover and rule")
    assert said()[1].startswith(f"The log gateway does not cover this part; it stays where rule {rest.number}")


def test_a_log_that_covers_all_of_it_names_all_of_it(split, fraud):
    split(*fraud_and_claims("60", "40"), rest=[RuleDraft("billing_account", "111", fraud)])

    assert said() == [NAMED, NAMED]


def test_the_rest_that_others_share_is_told_by_their_rule(split, fraud, claims, olga):
    search = initiative(olga, "mvp", name="Search")
    shares = (ShareDraft(search, Decimal(40)), ShareDraft(claims, Decimal(60)))
    _, rest = split(
        *fraud_and_claims("60", "30"), rest=[RuleDraft("billing_account", "111", basis="fixed", shares=shares)]
    )

    assert said()[0] == NAMED
    assert said()[-1].startswith(f"The log gateway does not cover this part; it stays where rule {rest.number}")


def test_a_charge_that_no_log_splits_and_a_rule_that_is_retired_say_nothing(split, fiona, now, client):
    rule = split(*fraud_and_claims("60", "30"))[0]
    retire_rule(rule_id=rule.pk, by=fiona, at=now)

    assert said() == ["", "", ""]
    assert said("DL-0002") == [""]


def test_the_page_says_it(client, split, fiona):
    split(*fraud_and_claims("60", "30"))
    client.force_login(fiona)

    page = client.get("/spend/rows/DL-0001/2/").content.decode()

    assert (page.count(NAMED), page.count(UNCOVERED)) == (2, 1)
