"""What the scripts promise, on a page whose answers the test gives."""

import pytest

REGION = """
<div id="region"><p id="kept">What was here before</p>
  <button id="ask" hx-get="/answer/" hx-target="#region" hx-swap="outerHTML">Ask</button></div>
"""
DRAFT = """
<form id="draft" method="post" action="/draft/" data-autosave="/draft/">
  <input type="hidden" name="version" value="3"><label>Note <input id="note" name="note"></label><p data-saved></p></form>
"""


@pytest.fixture
def stage(open_browser):
    """Open a page, put markup into it, and say how the server answers the next requests."""

    def set_up(markup, *answers, path="/answer/"):
        page = open_browser()
        queue = list(answers)
        page.route(f"**{path}", lambda route: route.fulfill(content_type="text/html", **queue.pop(0)))
        page.goto("/about/")
        page.evaluate(
            "markup => { const main = document.getElementById('main'); main.innerHTML = markup; htmx.process(main); }",
            markup,
        )
        return page

    return set_up


def focused(page):
    return page.evaluate("document.activeElement.id || document.activeElement.className")


def test_refusal_stands_above_what_was_there(stage):
    page = stage(
        REGION, {"status": 403, "body": '<section class="banner" role="alert"><h2>Only the chair signs.</h2></section>'}
    )

    page.get_by_role("button", name="Ask").click()
    page.get_by_text("Only the chair signs.").wait_for()

    assert page.locator("#kept").is_visible()
    assert page.evaluate("document.querySelector('#region').firstElementChild.className") == "banner"


@pytest.mark.parametrize("status", [404, 500])
def test_whole_error_page_becomes_a_banner(stage, status):
    page = stage(REGION, {"status": status, "body": "<html><body><main><h1>Broken</h1></main></body></html>"})

    page.get_by_role("button", name="Ask").click()
    page.get_by_text("That did not work").wait_for()

    assert page.locator("#kept").is_visible()
    assert page.locator("#region main").count() == 0


def test_next_answer_takes_the_refusal_away(stage):
    page = stage(
        REGION, {"status": 500, "body": "x"}, {"status": 200, "body": '<div id="region"><p>Fine now</p></div>'}
    )

    page.get_by_role("button", name="Ask").click()
    page.get_by_text("That did not work").wait_for()
    page.get_by_role("button", name="Ask").click()
    page.get_by_text("Fine now").wait_for()

    assert page.get_by_text("That did not work").count() == 0


def test_refusal_of_a_row_stands_outside_its_table(stage):
    row = '<table><tbody><tr id="row"><td><button hx-get="/answer/" hx-target="#row">Ask</button></td></tr></tbody></table>'
    page = stage(row, {"status": 403, "body": '<div class="banner" role="alert">No.</div>'})

    page.get_by_role("button", name="Ask").click()
    page.get_by_text("No.").wait_for()

    assert page.locator("table .banner").count() == 0


def test_failed_form_takes_the_focus_to_its_summary(stage):
    body = '<div id="region"><div class="errsum" tabindex="-1">There is a problem</div><input></div>'
    page = stage(REGION, {"status": 422, "body": body})

    page.get_by_role("button", name="Ask").click()
    page.get_by_text("There is a problem").wait_for()
    page.wait_for_selector(".errsum:focus")


def test_new_region_takes_the_focus_to_its_heading(stage):
    page = stage(
        REGION, {"status": 200, "body": '<div id="region"><h2 id="title" tabindex="-1" data-focus>Funding</h2></div>'}
    )

    page.get_by_role("button", name="Ask").click()
    page.wait_for_selector("#title:focus")


def test_polling_leaves_the_focus_alone(stage):
    markup = f'<input id="open">{REGION.replace("<div id", "<div data-quiet id")}'
    page = stage(
        markup, {"status": 200, "body": '<div data-quiet id="region"><h2 tabindex="-1" data-focus>Later</h2></div>'}
    )

    page.locator("#open").focus()
    page.evaluate("htmx.trigger('#ask', 'click')")
    page.get_by_text("Later").wait_for()
    page.wait_for_timeout(100)

    assert focused(page) == "open"


def test_second_press_sends_nothing(stage):
    page = stage('<form method="post" action="/answer/"><button>Send</button></form>', {"status": 204})
    sent = []
    page.on("request", lambda request: sent.append(request.url))

    page.get_by_role("button", name="Send").dblclick()
    page.wait_for_timeout(300)

    assert len([url for url in sent if url.endswith("/answer/")]) == 1


def test_draft_saves_itself_after_a_pause_and_keeps_the_version(stage):
    saved = {"status": 200, "body": '<p class="saved">Saved 14:32</p>', "headers": {"X-Version": "4"}}
    page = stage(DRAFT, saved, path="/draft/")

    page.locator("#note").fill("Error below 9%")
    page.get_by_text("Saved 14:32").wait_for()

    assert page.locator("input[name=version]").input_value() == "4"
    assert focused(page) == "note"


def test_draft_that_cannot_be_saved_says_so_and_tries_again(stage):
    page = stage(DRAFT, {"status": 503, "body": ""}, {"status": 200, "body": "Saved 14:33"}, path="/draft/")

    page.locator("#note").fill("x")
    page.get_by_text("Not saved since").wait_for()
    page.get_by_text("Saved 14:33").wait_for()


def test_conflict_is_shown_and_the_field_kept(stage):
    page = stage(DRAFT, {"status": 409, "body": "Yara Haddad changed this at 14:31"}, path="/draft/")

    page.locator("#note").fill("mine")
    page.get_by_text("Yara Haddad changed this").wait_for()

    assert page.locator("#note").input_value() == "mine"


def test_leaving_with_unsaved_words_warns(stage):
    page = stage('<form data-warn-unsaved><input id="note"></form>')
    asked = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))

    page.locator("#note").fill("x")
    page.goto("/about/")

    assert asked == ["beforeunload"]


def test_bulk_bar_counts_what_is_chosen(stage):
    rows = "".join(f'<tr><td><input type="checkbox" name="row" value="{n}"></td></tr>' for n in range(3))
    bar = '<div class="bulk" hidden><b data-count>0</b> selected</div>'
    page = stage(
        f'<form data-bulk><table><thead><tr><th><input type="checkbox" data-all></th></tr></thead><tbody>{rows}</tbody></table>{bar}</form>'
    )

    page.locator("tbody input").first.check()
    assert page.locator("[data-count]").inner_text() == "1"
    assert page.locator(".bulk").is_visible()

    page.locator("[data-all]").check()
    assert page.locator("[data-count]").inner_text() == "3"

    page.locator("[data-all]").uncheck()
    assert not page.locator(".bulk").is_visible()


def test_keys_walk_the_rows(stage):
    rows = "".join(f'<tr><td><a id="row{n}" href="#r{n}">Row {n}</a></td></tr>' for n in range(3))
    page = stage(f'<table class="tbl"><tbody>{rows}</tbody></table>')

    page.keyboard.press("j")
    page.keyboard.press("j")
    assert focused(page) == "row1"

    page.keyboard.press("k")
    assert focused(page) == "row0"


def test_words_typed_into_a_field_are_no_shortcut(stage):
    page = stage('<input id="note">')

    page.locator("#note").press_sequentially("gp?/")

    assert page.locator("#note").input_value() == "gp?/"
    assert page.url.endswith("/about/")


def test_control_enter_sends_the_form(stage):
    page = stage('<form><textarea id="note"></textarea></form>')
    page.evaluate(
        "document.querySelector('form').addEventListener('submit', (event) => { event.preventDefault(); window.sent = true; })"
    )

    page.locator("#note").press("Control+Enter")

    assert page.evaluate("window.sent")


def test_form_sent_while_a_save_is_on_its_way_waits_for_its_version(open_browser):
    page, waiting, sent = open_browser(), [], []

    def answer(route):
        if "x-autosave" in route.request.headers:
            waiting.append(route)
        else:
            sent.append(route.request.post_data)
            route.fulfill(content_type="text/html", body="<p>Sent</p>")

    page.route("**/draft/", answer)
    page.goto("/about/")
    button = DRAFT.replace("</form>", '<button name="way" value="on">Send</button></form>')
    page.evaluate("markup => { document.getElementById('main').innerHTML = markup }", button)
    page.locator("#note").fill("Half")
    page.get_by_role("button", name="Send").click()
    page.wait_for_timeout(300)

    assert (len(waiting), sent) == (1, [])
    waiting[0].fulfill(content_type="text/html", headers={"X-Version": "4"}, body="Saved")
    page.get_by_text("Sent").wait_for()

    assert sent == ["version=4&note=Half&way=on"]
