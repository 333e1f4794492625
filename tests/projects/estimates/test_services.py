from decimal import Decimal

import pytest
from django.db import DatabaseError, IntegrityError

from projects.audit.models import AuditEvent
from projects.common.outcomes import NotPermitted
from projects.estimates.models import Estimate, EstimateLine
from projects.estimates.rules import LINES, Line
from projects.estimates.selectors import latest_estimate
from projects.estimates.services import EstimateRefused, save_estimate


def lines(likely="100.005"):
    return [Line(code, layer, Decimal(0), Decimal(likely), Decimal(200)) for code, (_, layer) in LINES.items()]


def save(fraud, by, at, rows=None, sheet="2026-11"):
    return save_estimate(
        initiative_id=fraud.pk, lines=lines() if rows is None else rows, price_sheet_version=sheet, by=by, at=at
    )


def test_versions_count_up_and_the_newest_counts(fraud, olga, now):
    save(fraud, olga, now)
    second = save(fraud, olga, now, lines("50"))

    assert latest_estimate(fraud) == second
    assert (second.version, second.likely, second.high) == (2, Decimal(450), Decimal(1800))
    assert AuditEvent.objects.filter(verb="estimate.saved").count() == 2


def test_lines_are_rounded_once_and_add_up_to_the_whole(fraud, olga, now):
    estimate = save(fraud, olga, now)

    assert estimate.likely == sum(line.likely for line in estimate.figures) == Decimal("900.00")


def test_lines_that_lack_one_are_refused(fraud, olga, now):
    with pytest.raises(EstimateRefused):
        save(fraud, olga, now, lines()[1:])
    assert not Estimate.objects.exists()


def test_price_sheet_is_named(fraud, olga, now):
    with pytest.raises(EstimateRefused):
        save(fraud, olga, now, sheet=" ")


def test_stranger_estimates_nothing(fraud, max_the_stranger, now):
    with pytest.raises(NotPermitted):
        save(fraud, max_the_stranger, now)


def test_without_an_estimate_there_is_none(fraud):
    assert latest_estimate(fraud) is None


@pytest.mark.parametrize("model", [Estimate, EstimateLine])
def test_database_keeps_every_version(fraud, olga, now, model):
    save(fraud, olga, now)

    with pytest.raises(DatabaseError):
        model.objects.update(likely=1)


def test_database_refuses_a_range_that_falls(fraud, olga, now):
    estimate = save(fraud, olga, now)

    with pytest.raises(IntegrityError, match="estimate_rises"):
        Estimate.objects.create(
            initiative=fraud,
            version=9,
            low=2,
            likely=1,
            high=3,
            currency="USD",
            price_sheet_version="x",
            made_by=estimate.made_by,
            made_at=now,
        )
