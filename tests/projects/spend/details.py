"""A bill, the log of the same money, and the teams that the log names."""

import pytest

from projects.attribution.drafts import DetailDraft, RuleDraft
from projects.attribution.models import Basis
from projects.attribution.services import make_rule
from projects.sources.models import Source
from tests.factories.initiatives import initiative
from tests.projects.spend.samples import take_in, totals, write_focus

DAY = {"ChargePeriodStart": "2026-05-04T00:00:00Z", "ChargePeriodEnd": "2026-05-05T00:00:00Z"}


@pytest.fixture
def claims(olga):
    return initiative(olga, "mvp", name="Claims triage")


@pytest.fixture
def teams(fraud, claims, fiona, now):
    """The log's teams belong to initiatives by rules of their own."""
    make_rule(draft=RuleDraft("sub_account", "team-fraud", fraud), by=fiona, at=now)
    make_rule(draft=RuleDraft("sub_account", "team-claims", claims), by=fiona, at=now)


def charge(cost, **cells):
    return {"EffectiveCost": cost, "BilledCost": cost, **cells}


@pytest.fixture
def deliver(tmp_path):
    """Take a bill or a log in."""
    mapping = tmp_path / "mapping.json"
    mapping.write_text('{"role": "detail"}')

    def bill(*rows):
        return take_in(write_focus(tmp_path / "bill.csv", *rows), "bill")

    def log(*rows):
        return take_in(write_focus(tmp_path / "log.csv", *rows), "gateway", "--mapping", mapping)

    return bill, log


def by_detail(value="sub-1", **detail):
    log, bill = Source.objects.get(name="gateway"), Source.objects.get(name="bill")
    return RuleDraft("sub_account", value, basis=Basis.DETAIL, source=bill, detail=DetailDraft(log, **detail))


def money():
    return {key: effective for key, (_, _, effective) in totals("--by", "initiative")[0].items()}


def fraud_and_claims(first, second, **cells):
    return charge(first, SubAccountId="team-fraud", **cells), charge(second, SubAccountId="team-claims", **cells)
