import pytest

from projects.gates.models import GateRequest
from projects.initiatives.models import Initiative
from projects.initiatives.services import move_stage
from tests.browser.looking import THEMES, WIDTHS, keep_picture, look_at
from tests.factories.gates import AT, cast, concept, drafted, in_review, sendable


@pytest.fixture
def people(transactional_db, settings):
    settings.TOLLGATE_NOW = "2026-11-16T09:00:00Z"
    return cast()


def mvp(people, name="Branch cash demand forecasting"):
    initiative = concept(people, name, autonomy="supervised")
    move_stage(
        initiative_id=initiative.pk,
        to="mvp",
        decision_reference="AIC-2026-001",
        template_version=1,
        by=people.fay,
        at=AT,
    )
    return Initiative.objects.get(pk=initiative.pk)


def look_at_each(page, pages):
    wrong = {}
    for name, path in pages:
        page.goto(path)
        try:
            look_at(page, name)
        except AssertionError as error:
            wrong[name] = str(error).splitlines()[0]
            keep_picture(page, name)
    assert not wrong, wrong


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", THEMES)
def test_owners_pages_read_well(open_browser, people, width, dark):
    gate = drafted(people, mvp(people))
    page = open_browser(people.olga, width=width, dark=dark)

    pages = (
        ("register", "/initiatives/new/"),
        ("requests", "/requests/"),
        ("request-new", f"/requests/new/?initiative={gate.initiative.key}"),
        ("tasks", f"/requests/{gate.key}/"),
        ("section-ask", f"/requests/{gate.key}/ask/"),
        ("section-value", f"/requests/{gate.key}/value/"),
        ("section-spend", f"/requests/{gate.key}/spend/"),
        ("section-guardrails", f"/requests/{gate.key}/guardrails/"),
        ("section-proofs", f"/requests/{gate.key}/proofs/"),
        ("check", f"/requests/{gate.key}/check/"),
    )
    look_at_each(page, pages)
    page.goto(f"/requests/{gate.key}/ask/")
    page.get_by_role("button", name="Save and continue").click()
    page.wait_for_selector(".errsum")
    look_at(page, "section-ask-wrong")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", THEMES)
def test_reviewers_pages_read_well(open_browser, people, width, dark):
    gate = in_review(people, mvp(people))
    draft = drafted(people, concept(people, "Invoice matching"))
    page = open_browser(people.rita, width=width, dark=dark)

    pages = (
        ("reviews", "/reviews/"),
        ("review", f"/reviews/{gate.key}/"),
        ("request", f"/requests/{gate.key}/"),
    )
    look_at_each(page, pages)
    page = open_browser(people.olga, width=width, dark=dark)
    page.goto(f"/requests/{draft.key}/estimate/")
    look_at(page, "section-estimate")
    page.goto(f"/requests/{gate.key}/sent/")
    look_at(page, "sent")


def test_draft_saves_itself_and_survives_leaving(open_browser, people):
    gate = drafted(people)
    page = open_browser(people.olga)
    page.goto(f"/requests/{gate.key}/risk/")

    page.get_by_label("What are the top risks?").fill("Branches may not use it.")
    page.wait_for_selector("[data-saved] :text('Saved 09:00')")
    page.goto(f"/requests/{gate.key}/")
    page.get_by_role("link", name="Risks and rebuttal").click()

    assert page.get_by_label("What are the top risks?").input_value() == "Branches may not use it."


def test_owner_sends_by_keyboard_on_a_narrow_screen_and_reviewer_accepts(open_browser, people):
    gate = sendable(people)
    page = open_browser(people.olga, width=390)
    page.goto(f"/requests/{gate.key}/check/")
    page.get_by_role("button", name=f"Send {gate.key}").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/requests/{gate.key}/sent/")

    page = open_browser(people.rita, width=390)
    for _ in range(GateRequest.objects.get(pk=gate.pk).reviews.count()):
        page.goto("/reviews/")
        page.locator(".task a").first.focus()
        page.keyboard.press("Enter")
        page.wait_for_selector("#review-form")
        for radio in page.locator("input[type=radio][value=met]").all():
            radio.focus()
            page.keyboard.press("Space")
        page.get_by_label("Ready", exact=True).focus()
        page.keyboard.press("Space")
        page.get_by_role("button", name="Finish review").focus()
        page.keyboard.press("Enter")
        page.wait_for_url("**/reviews/")

    assert GateRequest.objects.get(pk=gate.pk).state == "ready"
