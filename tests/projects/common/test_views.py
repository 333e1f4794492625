from types import SimpleNamespace

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory
from structlog.contextvars import bound_contextvars

from projects.common import views

pytestmark = pytest.mark.django_db


def asked(path, user=None, htmx=False):
    request = RequestFactory().get(path)
    request.user = user or AnonymousUser()
    request.htmx = htmx
    return request


def person(**marks):
    return SimpleNamespace(**{"is_authenticated": True, "initials": "HM", "has_shortcuts": True, "theme": ""} | marks)


def test_about_credits_the_paper_to_anybody():
    page = views.about(asked("/about/")).content.decode()

    assert "Managing AI Value using FinOps Practice Operations" in page
    assert "CC BY 4.0" in page


def test_gallery_sends_a_stranger_to_sign_in():
    answer = views.components(asked("/setup/components/"))

    assert answer.status_code == 302


def test_page_carries_the_persons_theme_and_shortcuts():
    page = views.components(asked("/setup/components/", person(theme="dark", has_shortcuts=False))).content.decode()

    assert 'data-theme="dark"' in page
    assert 'data-keys="off"' in page


def test_page_follows_the_system_without_a_theme():
    page = views.components(asked("/setup/components/", person())).content.decode()

    assert "data-theme" not in page
    assert "data-keys" not in page


@pytest.mark.parametrize("view", [views.about, views.components])
def test_page_has_no_inline_style_or_script(view):
    page = view(asked("/", person())).content.decode()

    assert " style=" not in page
    assert "<style" not in page
    assert "onclick" not in page
    assert page.count("<script") == page.count("<script src=")


def test_broken_page_gives_the_reference_of_the_log():
    with bound_contextvars(request_id="7f3a"):
        answer = views.broken(asked("/"))

    assert answer.status_code == 500
    assert "7f3a" in answer.content.decode()


@pytest.mark.parametrize("name", ["400.html", "500.html"])
def test_page_for_a_failure_needs_no_request(name):
    assert "<h1>" in render_to_string(name)


def test_refusal_says_who_can():
    page = render_to_string("403.html", {"exception": PermissionError("Only the chair signs.")}, asked("/"))

    assert "Only the chair signs." in page
    assert "<main" in page


def test_refusal_to_a_fragment_is_a_banner_alone():
    page = render_to_string("403.html", {"exception": ""}, asked("/", htmx=True))

    assert "<main" not in page
    assert 'class="banner "' in page


def test_missing_page_does_not_repeat_the_query():
    page = render_to_string("404.html", {"exception": "No Initiative matches"}, asked("/"))

    assert "No Initiative matches" not in page


def test_gallery_shows_every_component():
    page = views.components(asked("/setup/components/", person())).content.decode()
    parts = [
        "stepper",
        "card",
        "kpis",
        "guard",
        "task",
        "errsum",
        "money",
        "row dates",
        "banner",
        "agenda",
        "spl",
        "vote",
        "choice",
    ]
    parts += [
        "steps-list",
        "pick",
        "empty",
        "toast",
        "bulk",
        "pager",
        "bul",
        "spark",
        "fit a",
        "fit c",
        "fit d",
        "pips",
        "mix",
    ]

    assert [part for part in parts if f'class="{part}' not in page] == []


def test_gallery_polls_nothing():
    page = views.components(asked("/setup/components/", person())).content.decode()

    assert "every 1s" not in page
