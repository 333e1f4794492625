import pytest

from projects.people.models import User
from tests.harness import browser as harness


def test_stranger_sees_the_sign_in_page(page):
    page.goto("/account/login/")

    assert page.get_by_role("heading", name="Sign in").is_visible()


def test_signed_in_window_belongs_to_the_user(open_browser):
    olga = User.objects.create(username="olga", full_name="Olga Okafor")

    page = open_browser(olga, width=390, dark=True)
    page.goto("/about/")

    assert page.get_by_role("heading").first.is_visible()
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")


def test_missing_chromium_fails_with_the_line_to_type(monkeypatch):
    monkeypatch.setattr(harness.shutil, "which", lambda name: None)

    with pytest.raises(pytest.fail.Exception, match="apt-get install"):
        harness.chromium()
