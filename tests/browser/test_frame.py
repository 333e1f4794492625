import pytest

from projects.people.models import User
from tests.browser.looking import THEMES, WIDTHS, look_at


@pytest.fixture
def helena(transactional_db):
    return User.objects.create(username="helena", full_name="Helena Marsh")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", THEMES)
@pytest.mark.parametrize(
    ("name", "path"), [("components", "/setup/components/"), ("about", "/about/"), ("404", "/nowhere/")]
)
def test_page_reads_well_in_every_width_and_theme(open_browser, helena, name, path, width, dark):
    page = open_browser(helena, width=width, dark=dark)
    page.goto(path)

    look_at(page, name)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", THEMES)
def test_sign_in_reads_well_in_every_width_and_theme(open_browser, width, dark):
    page = open_browser(width=width, dark=dark)
    page.goto("/account/login/")

    look_at(page, "login")


def test_refused_sign_in_takes_the_reader_to_the_error(open_browser):
    page = open_browser()
    page.goto("/account/login/")
    page.get_by_label("Email or user name").fill("nobody")
    page.get_by_label("Password").fill("wrong-password-here")
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_selector(".errsum")

    assert page.title().startswith("Error:")
    assert page.evaluate("document.activeElement.className") == "errsum"
    look_at(page, "login-error")


def test_first_pages_ask_for_nothing_that_is_missing(open_browser, helena):
    missing = []
    for user, path in ((None, "/account/login/"), (helena, "/"), (helena, "/site-admin/")):
        page = open_browser(user)
        page.on("response", lambda answer: missing.append(answer.url) if answer.status == 404 else None)
        page.goto(path)
        page.wait_for_load_state("networkidle")

    assert missing == []


def test_account_theme_wins_over_the_system(open_browser, helena):
    helena.theme = "dark"
    helena.save()
    page = open_browser(helena)
    page.goto("/about/")

    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(15, 17, 19)"


def test_typeface_is_our_own(open_browser, helena):
    page = open_browser(helena)
    page.goto("/about/")

    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('600 16px Inter'))")
    assert page.evaluate(
        "Array.from(document.fonts).some((face) => face.family.includes('Inter') && face.status === 'loaded')"
    )


def test_single_keys_find_and_go(open_browser, helena):
    page = open_browser(helena)
    page.goto("/about/")

    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "q"

    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("g")
    page.keyboard.press("p")
    page.wait_for_url("**/portfolio/")


def test_single_keys_can_be_switched_off(open_browser, helena):
    helena.has_shortcuts = False
    helena.save()
    page = open_browser(helena)
    page.goto("/about/")

    page.keyboard.press("/")

    assert page.evaluate("document.activeElement.id") != "q"


def test_menu_opens_without_script_and_closes_with_escape(open_browser, helena):
    page = open_browser(helena, width=390)
    page.goto("/about/")

    page.get_by_text("Menu", exact=True).click()
    assert page.get_by_role("link", name="Escalations").is_visible()

    page.keyboard.press("Escape")
    assert not page.get_by_role("link", name="Escalations").is_visible()


def test_skip_link_leads_past_the_bar(open_browser, helena):
    page = open_browser(helena)
    page.goto("/about/")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"

    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    ("name", "path"),
    [("password", "/account/password/reset/"), ("second-factor", "/account/2fa/"), ("sign-out", "/account/logout/")],
)
def test_identity_pages_have_our_frame(open_browser, helena, name, path, width):
    page = open_browser(None if name == "password" else helena, width=width)
    page.goto(path)

    assert page.locator("header.bar").is_visible()
    look_at(page, name)


def test_page_prints_without_navigation_and_tools(open_browser, helena):
    page = open_browser(helena, dark=True)
    page.goto("/setup/components/")
    page.emulate_media(media="print")

    assert not page.locator("header.bar").is_visible()
    assert not page.locator(".bulk").first.is_visible()
    assert not page.get_by_role("link", name="Record decision").is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(22, 24, 27)"
