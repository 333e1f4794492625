from datetime import timedelta

import pytest

from council.escalations.sweeps import sweep
from tests.browser.looking import THEMES, WIDTHS, keep_picture, look_at
from tests.factories.council import AT
from tests.factories.gates import cast, concept, drafted
from tests.factories.spend import spent

TABS = ("", "gates/", "funding/", "spend/", "value/", "milestones/", "guardrails/", "history/")


@pytest.fixture
def people(transactional_db, settings):
    settings.TOLLGATE_NOW = AT.isoformat()
    return cast()


@pytest.fixture
def silent(people):
    """A Concept that spent above the sandbox cap and then fell silent, with a draft request."""
    made = concept(people, "Redlining of supplier contracts in three languages")
    spent(made, AT.date() - timedelta(days=20), "31000", by=people.fay, at=AT)
    sweep(initiative_ids=[made.pk], on=AT.date(), at=AT)
    drafted(people, made)
    return made


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", THEMES)
def test_every_tab_and_the_pages_beside_it_read_well(open_browser, people, silent, width, dark):
    bare = concept(people, "Contract reminders")
    page = open_browser(people.olga, width=width, dark=dark)
    pages = [(f"initiative-{tab.strip('/') or 'overview'}", f"/initiatives/{silent.key}/{tab}") for tab in TABS]
    pages += [
        ("initiative-bare", f"/initiatives/{bare.key}/"),
        ("initiative-edit", f"/initiatives/{bare.key}/edit/"),
        ("home", "/home/"),
        ("search", "/search/?q=contract"),
        ("search-nothing", "/search/?q=astrology"),
    ]
    wrong = {}
    for name, path in pages:
        page.goto(path)
        try:
            look_at(page, name)
        except AssertionError as error:
            wrong[name] = str(error).splitlines()[0]
            keep_picture(page, name)
    assert not wrong, wrong


def test_a_tab_is_swapped_without_leaving_the_page_and_back_returns(open_browser, people, silent):
    page = open_browser(people.olga)
    page.goto(f"/initiatives/{silent.key}/")
    page.evaluate("window.stayed = true")

    page.get_by_role("link", name="Spend", exact=True).last.click()
    page.wait_for_url("**/spend/")
    page.wait_for_selector("#s-none, #s-layer")

    assert page.evaluate("window.stayed") is True
    assert page.title().startswith(f"{silent.key} {silent.name}, Spend")
    assert page.locator(".tabs a[aria-current=page]").inner_text() == "Spend"
    page.go_back()
    page.wait_for_url(f"**/initiatives/{silent.key}/")
    page.wait_for_selector("#o-next")
