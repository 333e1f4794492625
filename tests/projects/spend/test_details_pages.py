"""Pages of what detail, harness lines and credits do to spend, looked at as readers see them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from projects.attribution.drafts import DetailDraft, RuleDraft
from projects.attribution.services import make_rule
from projects.harness.services import LineDraft, enter_line
from projects.sources.models import Source
from projects.spend.reattribution import reattribute
from tests.browser.looking import look_at
from tests.factories import money
from tests.projects.spend.samples import take_in, write_focus

MAY = datetime(2026, 5, 1, 9, tzinfo=UTC)


@pytest.mark.django_db(transaction=True)
def test_splits_by_detail_funded_harness_and_credits_can_be_read_by_everybody(
    open_browser, fraud, fiona, carol, now, tmp_path
):
    (tmp_path / "mapping.json").write_text('{"role": "detail"}')
    tag = {"Tags": f'{{"initiative": "{fraud.key}"}}', "ProviderName": "OpenAI"}
    log = write_focus(tmp_path / "log.csv", {"EffectiveCost": "800.25", **tag})
    take_in(log, "gateway", "--mapping", tmp_path / "mapping.json")
    bill = [
        {"EffectiveCost": "1000", "ProviderName": "OpenAI"},
        {"EffectiveCost": "-50", "ChargeCategory": "Credit", **tag},
    ]
    take_in(write_focus(tmp_path / "bill.csv", *bill), "invoice")
    detail = DetailDraft(Source.objects.get(name="gateway"), provider="OpenAI")
    source = Source.objects.get(name="invoice")
    make_rule(draft=RuleDraft("billing_account", "111", basis="detail", source=source, detail=detail), by=fiona, at=now)
    reattribute(by=fiona, at=now)
    money.tranche(fraud, money.envelope(fiona, MAY, "100000"), carol, MAY, "9000", funds_harness=True)
    draft = LineDraft(date(2026, 5, 1), "human_review", Decimal("7440.00"), "Two reviewers, six days each, at 620.")
    enter_line(initiative_id=fraud.pk, draft=draft, by=fiona, at=now)

    for width, dark in ((1280, False), (390, True)):
        page = open_browser(fiona, width=width, dark=dark)
        for name, path in (
            ("estimates", "/spend/estimates/"),
            ("harness", f"/initiatives/{fraud.key}/harness/"),
            ("tranche", f"/initiatives/{fraud.key}/tranches/1/"),
            ("spend-tab", f"/initiatives/{fraud.key}/spend/"),
        ):
            answer = page.goto(path)
            assert answer.status == 200, path
            look_at(page, f"details-{name}")
