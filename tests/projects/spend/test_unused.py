"""What was bought ahead and used by nobody is money that pages name, and its charges are found."""

import uuid
from datetime import date
from decimal import Decimal

import pytest

from projects.attribution.services import make_rule
from projects.people.roles import Role
from projects.sources.models import CostGroup, CostKey
from projects.spend.asking import Question
from projects.spend.charge_sums import charge_sums
from projects.spend.explorer_page import _unused
from projects.spend.narrowing import Narrowing
from projects.spend.reattribution import reattribute
from projects.spend.verification import rollup_differences
from tests.factories.people import person
from tests.projects.spend.samples import DEFAULTS, take_in, totals
from tests.projects.spend.test_purposes import of_purpose

pytestmark = pytest.mark.django_db
NAMES = [*DEFAULTS, "CommitmentDiscountStatus", "CapacityReservationStatus"]


def write(path, *rows):
    lines = [",".join(NAMES)]
    lines += [
        ",".join('"' + str({**DEFAULTS, **row}.get(name, "")).replace('"', '""') + '"' for name in NAMES)
        for row in rows
    ]
    path.write_text("\n".join(lines) + "\n")
    return path


@pytest.fixture
def bill(fraud, tmp_path):
    owned = {"Tags": f'{{"initiative": "{fraud.key}"}}'}
    return take_in(
        write(
            tmp_path / "a.csv",
            {"EffectiveCost": "10", "CommitmentDiscountStatus": "Used", **owned},
            {"EffectiveCost": "3.5", "CommitmentDiscountStatus": "unused", **owned},
            {"EffectiveCost": "2", "CapacityReservationStatus": "Unused", **owned},
            {"EffectiveCost": "4", "CapacityReservationStatus": "Used", "CommitmentDiscountStatus": "Used"},
            {
                "EffectiveCost": "0.25",
                "CommitmentDiscountStatus": "Unused",
                "ServiceName": "EC2",
                "ServiceCategory": "Compute",
            },
        ),
        "cloud",
    )


def unused(**words):
    return _unused(Question("layer", date(2026, 1, 1), date(2026, 6, 10), "USD", words))[0]


def test_what_nobody_used_stands_in_groups_of_its_own(bill):
    assert sorted(CostGroup.objects.values_list("service_name", "is_unused")) == [
        ("Bedrock", False),
        ("Bedrock", True),
        ("EC2", True),
    ]
    assert rollup_differences() == []


def test_the_explorer_adds_it_up_whoever_owns_it_and_narrows_it_like_the_rest(bill, fraud):
    assert unused() == [("USD", Decimal("5.75"))]
    assert unused(initiative=fraud.key) == [("USD", Decimal("5.5"))]
    assert unused(purpose="unclassified", service="EC2") == [("USD", Decimal("0.25"))]
    assert unused(service="S3") == []


def test_the_page_names_it_and_leads_to_its_charges(client, bill):
    client.force_login(person("rita", Role.REVIEWER))

    page = client.get("/spend/?period=all&currency=USD").content.decode()
    rows = client.get("/spend/rows/?use=unused&scope=everything").content.decode()

    assert "used by nobody" in page
    assert "$5.75" in page
    assert "use=unused" in page
    assert "Use: bought ahead, not used" in rows
    assert "$5.75</b> in 3 charges" in rows


def test_the_charges_behind_it_and_the_others_are_all_charges(bill):
    every, idle, rest = (
        charge_sums(Narrowing(words=words, everything=True))[0].effective_cost
        for words in ({}, {"use": "unused"}, {"use": "used"})
    )

    assert (every, idle, rest) == (Decimal("19.75"), Decimal("5.75"), Decimal(14))


def test_what_nobody_used_keeps_its_mark_when_rules_say_another_purpose(bill, fiona, now):
    make_rule(draft=of_purpose("service", "Bedrock", "inference"), by=fiona, at=now)

    reattribute(by=fiona, at=now)

    assert unused() == [("USD", Decimal("5.75"))]
    assert unused(purpose="inference") == [("USD", Decimal("5.5"))]
    assert rollup_differences() == []


def test_marks_leave_the_digests_of_all_other_charges_as_they_were(tmp_path):
    take_in(write(tmp_path / "b.csv", {"CommitmentDiscountStatus": "Used"}), "cloud")

    key = CostKey.objects.select_related("group").get()

    assert (key.digest, key.group.digest) == (
        uuid.UUID("147c647d8d1febd885194d0cc5e522d9"),
        uuid.UUID("2c58bc9d78772a58cf6c2625c144dbf1"),
    )


def test_a_bill_without_the_mark_names_nothing(tmp_path):
    take_in(write(tmp_path / "b.csv", {"CommitmentDiscountStatus": "Used"}), "cloud")

    assert unused() == []
    assert totals("--by", "purpose")[0]["unclassified"][2] == 1
