from datetime import date
from decimal import Decimal

import pytest

from projects.harness.services import LineDraft, enter_line, propose_line, take_back_line
from projects.people.roles import Role
from tests.browser.looking import THEMES, WIDTHS, look_at
from tests.factories.initiatives import initiative
from tests.factories.people import person
from tests.factories.prices import AT
from tests.factories.rates import rate
from tests.projects.spend.samples import FOCUS, take_in, write_focus


@pytest.fixture
def fiona(transactional_db, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"
    fiona, felix, olga = person("fiona", Role.FINANCE), person("felix", Role.FINANCE), person("olga", Role.REGISTRANT)
    made = initiative(olga, "mvp")
    tag = f'{{"initiative": "{made.key}"}}'
    rows = [{"EffectiveCost": "12000", "Tags": tag}]
    rows += [
        {"EffectiveCost": cost, "BillingCurrency": code, "Tags": tag} for cost, code in (("1200", "EUR"), ("90", "CHF"))
    ]
    take_in(write_focus(tmp_path / "bill.csv", *rows), "cloud")
    take_in(FOCUS / "spec_examples" / "virtual_currency_pricing_model_a1.csv", "acme")
    take_in(FOCUS / "spec_examples" / "virtual_currency_pricing_model_a2.csv", "acme uses")
    rate(date(2026, 5, 1), "EUR", "1.1681", by=fiona, at=AT)
    rate(date(2026, 5, 1), "JPY", "0.00632299", by=fiona, at=AT)
    rate(date(2026, 4, 1), "EUR", "1.1702", by=fiona, at=AT)
    draft = LineDraft(date(2026, 5, 1), "human_review", Decimal("7440.00"), "Two reviewers, six days each, at 620.")
    line = enter_line(initiative_id=made.pk, draft=draft, by=fiona, at=AT)
    take_back_line(line_id=line.pk, note="Counted in April already.", by=felix, at=AT)
    propose_line(
        initiative_id=made.pk,
        draft=LineDraft(date(2026, 4, 1), "evaluation", Decimal(310), "Test set."),
        by=olga,
        at=AT,
    )
    return fiona


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", THEMES)
def test_pages_of_money_read_well_in_every_width_and_theme(open_browser, fiona, width, dark):
    page = open_browser(fiona, width=width, dark=dark)

    for name, path in (
        ("rates", "/spend/rates/"),
        ("wallets", "/spend/wallets/"),
        ("estimates", "/spend/estimates/"),
        ("harness", "/initiatives/AI-001/harness/"),
        ("take-back", "/initiatives/AI-001/harness/1/take-back/"),
        ("spend-tab", "/initiatives/AI-001/spend/"),
        ("explorer-by-service", "/spend/?by=service"),
        ("outcomes", "/spend/outcomes/"),
    ):
        page.goto(path)
        look_at(page, name)
