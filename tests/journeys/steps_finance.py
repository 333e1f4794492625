"""What finance does in the browser: import a cost file, read the delivery, claim what nobody owns."""

from datetime import date, timedelta
from decimal import Decimal

from projects.attribution.models import AttributionRule
from projects.common.formats import digits
from projects.jobs.models import Job
from projects.sources.models import CostGroup, Delivery
from projects.spend.selectors import spent_since
from tests.journeys.cast import RELEASED_AT
from tests.projects.spend.samples import EXPECTED, FOCUS, take_in, write_focus


def wait_for_job(page, worker) -> Job:
    """Wait on the job's page until the worker is done, and return the job."""
    page.wait_for_url("**/jobs/*/")
    job = int(page.url.rstrip("/").rsplit("/", 1)[1])
    worker.wait_until(lambda: Job.objects.get(pk=job).is_over, seconds=60, what="the job")
    assert Job.objects.get(pk=job).state == "succeeded", Job.objects.get(pk=job).error
    return Job.objects.get(pk=job)


def import_file(page, worker, name: str, source: str, *, as_bill: bool = False) -> Delivery:
    """Look into a file, confirm it, wait for the worker, and hold its page against the reference totals."""
    expected = EXPECTED[f"focus/samples/{name}"]
    page.goto("/spend/import/")
    page.get_by_label("Source", exact=True).fill(source)
    page.get_by_label("File", exact=True).set_input_files(FOCUS / name)
    page.get_by_role("button", name="Look into the file").click()
    page.wait_for_selector("text=What importing changes")
    assert not Delivery.objects.filter(source__name=source).exists()
    if as_bill:
        page.locator("input[name=role][value=fact]").check()
    page.get_by_role("button", name=f"Import {expected['rows']} rows").click()
    wait_for_job(page, worker)
    page.wait_for_url("**/spend/deliveries/*/")
    delivery = Delivery.objects.get(source__name=source)
    assert (delivery.rows, delivery.totals["USD"]["effective_cost"]) == (expected["rows"], expected["EffectiveCost"])
    shown = page.locator("dl.kpis").inner_text()
    assert digits(Decimal(expected["EffectiveCost"]), "USD") in shown
    assert digits(Decimal(expected["BilledCost"]), "USD") in shown
    return delivery


def claim_sub_account(page, worker, account: str, initiative) -> AttributionRule:
    """Claim a heap of the unclaimed for an initiative; the rule gives its history out in the worker."""
    page.goto("/spend/unclaimed/?period=all")
    chosen = CostGroup.objects.filter(sub_account_id=account).values_list("pk", flat=True)
    boxes = page.locator("input[name=heap]")
    values = {int(box.get_attribute("value")) for box in boxes.all()}
    page.locator(f"input[name=heap][value='{min(values & set(chosen))}']").first.check()
    page.locator("#acts input[name=initiative]").fill(initiative.key)
    page.locator("#acts select[name=claim]").select_option("sub_account")
    page.locator("#acts button[value=claim]").click()
    wait_for_job(page, worker)
    page.wait_for_url("**/spend/rules/changes/*/")
    page.get_by_role("button", name="Keep this change").click()
    kept = wait_for_job(page, worker)
    page.wait_for_url(f"**{kept.result['location']}")
    wait_for_job(page, worker)
    return AttributionRule.objects.get(initiative=initiative)


def row_of(initiative, day: date, cost: str) -> dict[str, str]:
    """Return what a bill's row says of a day's cost that carries the initiative's key."""
    first = day.replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    days = {
        "BillingPeriodStart": first,
        "BillingPeriodEnd": following,
        "ChargePeriodStart": day,
        "ChargePeriodEnd": day + timedelta(days=1),
    }
    said = {name: f"{value}T00:00:00Z" for name, value in days.items()}
    return {**said, "BilledCost": cost, "EffectiveCost": cost, "Tags": f'{{"initiative": "{initiative.key}"}}'}


def import_recent_days(initiative, folder) -> None:
    """Import forty final days of this season, 0.05 each, by the command."""
    days = [date.today() - timedelta(days=61 + back) for back in range(40)]
    take_in(write_focus(folder / "recent.csv", *(row_of(initiative, day, "0.05") for day in days)), "season")


def spent(initiative) -> Decimal:
    """Return what counts against the initiative's money."""
    return spent_since({initiative.pk: RELEASED_AT.date()}, on=date.today())[initiative.pk]
