"""An owner with a telephone and a keyboard: register, sandbox, gate, returned, sent again, ready."""

import pytest

from projects.gates.models import GateRequest
from projects.initiatives.models import Initiative
from projects.prices.services import load_shipped_sheets
from projects.reviews.selectors import items_for
from projects.reviews.services import Opinion, submit_review
from tests.browser.looking import assert_no_overflow
from tests.factories.gates import AT, cast


@pytest.fixture
def people(transactional_db, settings):
    settings.TOLLGATE_NOW = "2026-11-16T09:00:00Z"
    load_shipped_sheets(at=AT)
    return cast()


def type_into(page, name, text):
    """Reach a field by the keyboard's focus and write into it."""
    page.locator(f"[name={name}]").first.focus()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def choose(page, name, label):
    """Choose in a list by typing the beginning of a choice."""
    page.locator(f"select[name={name}]").focus()
    page.keyboard.type(label)


def press(page, role, name):
    """Reach a button or a link by focus and press Enter."""
    page.get_by_role(role, name=name).first.focus()
    page.keyboard.press("Enter")


def fill(page, gate, code, values, choices=()):
    """Write a section and save it."""
    page.goto(f"/requests/{gate.key}/{code}/")
    assert_no_overflow(page)
    for name, text in values.items():
        type_into(page, name, text)
    for name, label in dict(choices).items():
        choose(page, name, label)
    press(page, "button", "Save and continue")
    page.wait_for_url(f"**/requests/{gate.key}/")


def send(page, gate):
    """Check the answers and send them."""
    page.goto(f"/requests/{gate.key}/")
    press(page, "link", "Check answers and send")
    page.wait_for_url(f"**/requests/{gate.key}/check/")
    assert_no_overflow(page)
    press(page, "button", f"Send {gate.key}")
    page.wait_for_url(f"**/requests/{gate.key}/sent/")


def judge(gate, answer):
    """Let every expert answer alike."""
    for review in gate.reviews.filter(state="open"):
        items = [item.code for item in items_for(review)]
        opinion = Opinion(dict.fromkeys(items, answer), dict.fromkeys(items, "Name who is harmed."), "ready")
        submit_review(review_id=review.pk, opinion=opinion, by=review.reviewer, at=AT)


ASK = {
    "milestone_name": "Error below 9% in 12 branches",
    "milestone_test": "Twelve branches report six weeks below 9%.",
    "due_day": "26",
    "due_month": "3",
    "due_year": "2027",
    "ends_day": "26",
    "ends_month": "4",
    "ends_year": "2027",
    "minimum": "10,000",
    "ask": "15,000",
    "maximum": "20,000",
    "model_api": "15,000",
    "assumption": "Branches use the forecast.",
    "if_refused": "We stop at the end of December.",
}
ESTIMATE = {
    "shortlist": "openai:gpt-4o\nopenai:gpt-4o-mini",
    "model_usage_low": "3,000",
    "model_usage_likely": "5,000",
    "model_usage_high": "9,000",
}


def test_owner_comes_from_an_idea_to_ready_without_a_mouse(open_browser, people):
    page = open_browser(people.olga, width=390)
    page.goto("/initiatives/new/")
    for name, text in {
        "name": "Branch cash demand forecasting",
        "value_proposition": "Tills hold what branches need.",
        "cost_centre": "CC-3305",
        "expected_monthly_cost": "9,000",
    }.items():
        type_into(page, name, text)
    press(page, "button", "Register")
    page.wait_for_url("**/requests/new/**")
    initiative = Initiative.objects.get()

    page.goto(f"/initiatives/{initiative.key}/")
    assert_no_overflow(page)
    assert "Goes on without review" in page.locator("main").inner_text()

    page.goto(f"/requests/new/?initiative={initiative.key}")
    press(page, "button", "Begin the draft")
    page.wait_for_selector("text=sections finished")
    gate = GateRequest.objects.get()
    fill(page, gate, "ask", ASK)
    fill(page, gate, "value", {"statement": "Branches order cash twice a week without guessing."})
    fill(page, gate, "estimate", ESTIMATE)
    fill(page, gate, "risk", {"top_risks": "Branches may not use it."})
    fill(page, gate, "ownership", {}, {"technical_owner": str(people.tom), "budget_owner": str(people.olga)})
    send(page, gate)
    assert GateRequest.objects.get().state == "expert_review"

    judge(gate, "ask")
    page.goto(f"/requests/{gate.key}/")
    assert "The reviewers ask for more" in page.locator("main").inner_text()
    assert "Name who is harmed." in page.locator("main").inner_text()

    fill(page, gate, "risk", {"top_risks": "Branches may not use it; clerks in small towns wait longer."})
    send(page, gate)
    judge(gate, "accept")

    page.goto(f"/requests/{gate.key}/")
    assert_no_overflow(page)
    assert "Ready" in page.locator("main").inner_text()
    assert (GateRequest.objects.get().state, GateRequest.objects.get().round) == ("ready", 2)
