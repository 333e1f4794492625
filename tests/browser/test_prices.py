import pytest

from projects.people.roles import Role
from projects.prices.services import load_catalogue, load_shipped_sheets, propose_override
from tests.browser.looking import THEMES, WIDTHS, look_at
from tests.factories.people import person
from tests.factories.prices import AT, terms

ROW = {"provider": "openai", "tier": "frontier", "review_on": "2027-03-01", "review_note": "No training on our data."}


@pytest.fixture
def fiona(transactional_db):
    load_shipped_sheets(at=AT)
    rows = [{**ROW, "model": "gpt-5.4", "status": "approved"}, {**ROW, "model": "gpt-4o", "status": "retiring"}]
    load_catalogue(rows=rows, at=AT)
    felix = person("felix", Role.FINANCE)
    propose_override(terms=terms(), by=felix, at=AT)
    return person("fiona", Role.FINANCE)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", THEMES)
def test_pages_of_prices_read_well_in_every_width_and_theme(open_browser, fiona, width, dark):
    page = open_browser(fiona, width=width, dark=dark)

    for name, path in (
        ("prices", "/spend/prices/?q=gpt-5"),
        ("own-prices", "/spend/prices/own/"),
        ("catalogue", "/spend/prices/catalogue/"),
        ("usage", "/spend/prices/in-use/"),
    ):
        page.goto(path)
        look_at(page, name)


def test_search_answers_while_typing_and_stands_in_the_address(open_browser, fiona):
    page = open_browser(fiona)
    page.goto("/spend/prices/")

    page.get_by_label("Model or provider").fill("claude-haiku-4-5")

    page.wait_for_url("**q=claude-haiku-4-5**")
    page.get_by_role("rowheader", name="claude-haiku-4-5", exact=True).first.wait_for()
    assert page.get_by_role("rowheader", name="gpt-5.4", exact=True).count() == 0


def test_a_second_person_approves_a_price_on_the_page(open_browser, fiona):
    page = open_browser(fiona)
    page.goto("/spend/prices/own/")

    page.get_by_role("button", name="Approve").click()

    page.get_by_text("price counts from").wait_for()
    page.get_by_text("Approved", exact=True).wait_for()


def test_a_line_of_the_catalogue_is_changed_by_keyboard(open_browser, fiona):
    page = open_browser(fiona)
    page.goto("/spend/prices/catalogue/")

    page.get_by_role("link", name="Change gpt-4o of openai").press("Enter")
    page.wait_for_url("**#keep")
    page.get_by_role("heading", name="Change gpt-4o of openai").wait_for()
    page.keyboard.press("Tab")
    focused = page.evaluate("document.activeElement.name")
    page.get_by_label("Status").select_option("barred")
    page.get_by_role("button", name="Keep change").press("Enter")

    page.get_by_text("gpt-4o is kept as barred.").wait_for()
    assert focused == "tier"
