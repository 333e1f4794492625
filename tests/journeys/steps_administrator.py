"""What administrators do in the browser: draft a threshold, approve somebody else's draft."""

from datetime import date

from projects.limits.models import PolicyVersion


def draft_threshold(page, name: str, value: str, reason: str) -> PolicyVersion:
    """Draft one changed threshold and send it for approval."""
    page.goto("/policy/")
    page.get_by_role("button", name="Draft a change").click()
    page.wait_for_selector("form#draft")
    page.locator(f"form#draft [name={name}]").fill(value)
    page.get_by_label("Why the thresholds change").fill(reason)
    page.get_by_role("button", name="Save draft").click()
    page.wait_for_selector("text=Nothing is in force before it is approved.")
    page.get_by_role("button", name="Send for approval").click()
    page.wait_for_selector("text=sent for approval")
    return PolicyVersion.objects.get()


def approve_from(page, version: PolicyVersion, day: date) -> PolicyVersion:
    """Approve a proposed version from a day on."""
    page.goto("/policy/")
    page.get_by_label("In force from").fill(day.isoformat())
    page.get_by_role("button", name=f"Approve version {version.number}").click()
    page.wait_for_selector(f"text=Version {version.number} approved.")
    return PolicyVersion.objects.get(pk=version.pk)
