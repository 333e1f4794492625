"""Chromium on a live server, as somebody signed in."""

import os
import re
import shutil

import pytest
from django.conf import settings
from django.test import Client

from launch.places import CHECKOUT
from tests.harness import FAILED

ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PICTURES = CHECKOUT / "test-results"
# Refused requests are what some tests are about, and whoever leaves a page gives up what it was asking for.
NO_FAILURES = ("Failed to load resource", "htmx:sendAbort", "htmx:afterRequest")
MISSING = "Browser tests need Chromium. Type: sudo apt-get install -y chromium"


def chromium():
    """Return Chromium's path; the tests fail without it."""
    names = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((path for name in names if name and (path := shutil.which(name))), None) or pytest.fail(MISSING)


@pytest.fixture(scope="session")
def browser():
    """One Chromium for the run."""
    from playwright.sync_api import sync_playwright

    path = chromium()
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # the browser's loop runs in this thread, beside the ORM
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()
    os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")


@pytest.fixture
def open_browser(request, live_server, browser):
    """Open a window: `open_browser(user, width=1280, dark=False)`; the test fails if a script failed in it.

    Messages of NO_FAILURES are none.
    """
    contexts, failures = [], []

    def notice(message):
        if message.type == "error" and not any(words in message.text for words in NO_FAILURES):
            failures.append(message.text)

    def open_window(user=None, *, width=1280, height=900, dark=False):
        context = browser.new_context(
            base_url=live_server.url,
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale="en-GB",
        )
        contexts.append(context)
        context.set_default_timeout(30_000)
        if user:
            context.add_cookies([session_cookie(user, live_server.url)])
        page = context.new_page()
        page.on("pageerror", lambda error: failures.append(str(error)))
        page.on("console", notice)
        return page

    yield open_window
    if request.node.stash.get(FAILED, False):
        keep_pictures(contexts, request.node.name)
    for context in contexts:
        context.close()
    assert not failures, failures


@pytest.fixture
def page(open_browser):
    """A window of nobody in particular, 1280 px wide."""
    return open_browser()


def keep_pictures(contexts, name):
    """Show what the windows of a failed test looked like."""
    for number, page in enumerate(page for context in contexts for page in context.pages):
        page.screenshot(path=PICTURES / f"{re.sub(r'[^a-z0-9_-]+', '-', name.lower())}-{number}.png", full_page=True)


def session_cookie(user, url):
    """Sign `user` in without the form and return the cookie."""
    client = Client()
    client.force_login(user)
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": url,
    }
