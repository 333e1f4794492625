from datetime import date
from decimal import Decimal

import pytest

from projects.value.services import (
    Reading,
    create_kpi_card,
    declare_claim,
    import_kpi_reading,
    measure_claim,
    record_kpi_reading,
    verify_claim,
)
from tests.browser.looking import keep_picture, look_at
from tests.factories.council import AT
from tests.factories.gates import cast, concept
from tests.factories.spend import spent


@pytest.fixture
def people(transactional_db, settings):
    settings.TOLLGATE_NOW = AT.isoformat()
    return cast()


@pytest.fixture
def measured(people):
    """A Concept with a unit-cost card, five readings, one of them typed, and two claims."""
    made = concept(people, "Redlining of supplier contracts in three languages")
    card = create_kpi_card(
        initiative_id=made.pk,
        name="Cost per contract redlined",
        unit="USD per contract",
        direction="down",
        measures="unit_cost",
        formula="Full cost ÷ contracts redlined",
        numerator_source="Cost data",
        denominator_source="Contract system",
        baseline=Decimal(4),
        baseline_from=date(2026, 1, 1),
        baseline_until=date(2026, 4, 1),
        target=Decimal(2),
        ceiling=Decimal(3),
        category="productivity",
        mechanism="capacity",
        money_per_unit=Decimal("5.5"),
        realisation_percent=Decimal(80),
        confidence="medium",
        confidence_reason="Two months of counts.",
        owner=people.olga,
        by=people.olga,
        at=AT,
    )
    for month, value in ((6, "3.9"), (7, "3.4"), (8, "2.8"), (9, "2.6")):
        reading = Reading(date(2026, month, 1), date(2026, month + 1, 1), Decimal(value), Decimal(9000), Decimal(3200))
        import_kpi_reading(card_id=card.pk, reading=reading, by=people.fay, at=AT)
    typed = Reading(date(2026, 10, 1), date(2026, 11, 1), Decimal("2.4"), note="Month's report")
    record_kpi_reading(card_id=card.pk, reading=typed, by=people.tom, at=AT)
    for month, name in ((8, "Lawyers' hours freed"), (9, "Lawyers' hours freed in the second round")):
        claim = declare_claim(
            initiative_id=made.pk,
            benefit=name,
            amount=Decimal(42_000),
            period_start=date(2026, month, 1),
            period_end=date(2026, month + 1, 1),
            share_percent=Decimal(60),
            card=card,
            by=people.olga,
            at=AT,
        )
        measure_claim(claim_id=claim.pk, amount=Decimal(40_000), measured_from="Time sheets", by=people.tom, at=AT)
    outcomes = create_kpi_card(
        initiative_id=made.pk,
        name="Contracts redlined",
        unit="contracts",
        direction="up",
        measures="outcomes",
        money_per_unit=Decimal("5.5"),
        realisation_percent=Decimal(80),
        owner=people.olga,
        by=people.olga,
        at=AT,
    )
    october = Reading(date(2026, 10, 1), date(2026, 11, 1), Decimal(3200))
    import_kpi_reading(card_id=outcomes.pk, reading=october, by=people.fay, at=AT)
    for day in (date(2026, 8, 3), date(2026, 9, 3), date(2026, 10, 3), date(2026, 11, 3)):
        spent(made, day, "7680", by=people.fay, at=AT)
    verify_claim(claim_id=made.claims.first().pk, amount=Decimal(38_000), by=people.fay, at=AT)
    return made


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (390, True)])
def test_pages_of_value_read_well(open_browser, people, measured, width, dark):
    card, claim = measured.kpis.first(), measured.claims.last()
    root = f"/initiatives/{measured.key}/"
    pages = [
        (people.olga, "value-tab", f"{root}value/"),
        (people.olga, "value-card", f"{root}kpis/{card.pk}/"),
        (people.fay, "value-card-finance", f"{root}kpis/{card.pk}/"),
        (people.olga, "value-card-edit", f"{root}kpis/{card.pk}/edit/"),
        (people.fay, "value-file", f"{root}kpis/file/"),
        (people.olga, "value-declare", f"{root}claims/new/"),
        (people.fay, "value-claim", f"{root}claims/{claim.pk}/"),
    ]
    windows = {user: open_browser(user, width=width, dark=dark) for user in (people.olga, people.fay)}
    wrong = {}
    for user, name, path in pages:
        windows[user].goto(path)
        try:
            look_at(windows[user], name)
        except AssertionError as error:
            wrong[name] = str(error)[:600]
            keep_picture(windows[user], name)
    assert not wrong, wrong
