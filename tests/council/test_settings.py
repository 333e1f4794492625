"""What a browser and a stranger are allowed."""

import subprocess
import sys

import pytest
from django.conf import settings
from django.contrib.auth.hashers import get_hashers
from django.urls import reverse

from launch.places import CHECKOUT
from projects.people.models import Organisation, User
from tests.launch.machine import empty_home, machine

pytestmark = pytest.mark.django_db
DIRECTIVES = (
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "default-src 'none'",
    "frame-ancestors 'none'",
)


def test_pages_run_no_foreign_and_no_inline_code(client):
    policy = client.get(reverse("account_login"))["Content-Security-Policy"]

    assert all(directive in policy.split("; ") for directive in DIRECTIVES)
    assert "unsafe" not in policy


def test_sign_in_stands_at_its_address_and_opens_the_home_page(client):
    User.objects.create_user("olga", "olga@example.org", "a long enough secret", full_name="Olga Okafor")

    answer = client.post("/account/login/", {"login": "olga", "password": "a long enough secret"})

    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_coming_in_and_going_out_need_no_message(client):
    User.objects.create_user("olga", "olga@example.org", "a long enough secret", full_name="Olga Okafor")

    came = client.post("/account/login/", {"login": "olga", "password": "a long enough secret"}, follow=True)
    went = client.post("/account/logout/", follow=True)

    assert [str(one) for answer in (came, went) for one in answer.context["messages"]] == []


def test_a_changed_password_is_told_in_our_words(client):
    User.objects.create_user("olga", "olga@example.org", "a long enough secret", full_name="Olga Okafor")
    client.login(username="olga", password="a long enough secret")
    words = {
        "oldpassword": "a long enough secret",
        "password1": "quite another secret",
        "password2": "quite another secret",
    }

    answer = client.post("/account/password/change/", words, follow=True)

    assert [str(one) for one in answer.context["messages"]] == ["Your password is changed."]


def test_a_browser_that_asks_for_the_old_icon_is_led_to_ours(client):
    answer = client.get("/favicon.ico")

    assert (answer.status_code, answer["Location"]) == (302, "/static/img/mark.svg")


def test_sign_in_with_a_wrong_password_says_so(client):
    User.objects.create_user("olga", "olga@example.org", "a long enough secret", full_name="Olga Okafor")

    answer = client.post("/account/login/", {"login": "olga", "password": "another"})

    assert answer.status_code == 200
    assert answer.context["form"].errors


def test_service_account_cannot_sign_in(client):
    User.objects.create_user("feed", "feed@example.org", "a long enough secret", full_name="Feed", is_service=True)

    answer = client.post("/account/login/", {"login": "feed", "password": "a long enough secret"})

    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session


def test_nobody_signs_up(client):
    answer = client.post(
        "/account/signup/",
        {
            "email": "max@example.org",
            "username": "max",
            "password1": "a long enough secret",
            "password2": "a long enough secret",
        },
    )

    assert not User.objects.exists()
    assert answer.status_code in {200, 403}


def test_every_page_knows_the_organisation(client):
    Organisation.objects.create(name="Meridian", council_name="Council of Meridian")

    assert "Council of Meridian" in client.get("/account/login/").content.decode()


@pytest.mark.parametrize(("is_demo", "shown"), [(True, True), (False, False)])
def test_sign_in_offers_people_only_in_the_demo(client, settings, tmp_path, is_demo, shown):
    settings.DEMO, settings.TOLLGATE_HOME = is_demo, tmp_path
    (tmp_path / "demo_logins.json").write_text(
        '[{"login": "olga", "password": "p", "name": "Olga Okafor", "role": "owner"}]'
    )

    assert ("Olga Okafor" in client.get("/account/login/").content.decode()) == shown


def settings_of_a_machine(expression, **environment):
    with empty_home() as home:
        done = subprocess.run(
            [sys.executable, "-c", f"from council import settings as s; print({expression})"],
            cwd=CHECKOUT,
            env=machine(home, DATABASE_URL="postgresql://a:b@host/x", **environment),
            capture_output=True,
            text=True,
            check=True,
        )
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("https", "expected"),
    [("1", "__Host-session True __Host-csrf True 31536000"), ("", "session False csrf False 0")],
)
def test_cookies_are_bound_to_the_host_on_https_only(https, expected):
    words = "s.SESSION_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_NAME, s.CSRF_COOKIE_SECURE, s.SECURE_HSTS_SECONDS"

    assert settings_of_a_machine(words, **({"HTTPS": https} if https else {})) == expected


def test_one_address_serves_both_roles_and_keeps_a_sockets_folder():
    words = "s.DATABASES['default']['USER'], s.DATABASES['default']['HOST']"

    assert settings_of_a_machine(words, TOLLGATE_DATABASE_ROLE="owner") == "a host"


def test_secret_key_is_never_the_same_by_accident():
    assert settings_of_a_machine("s.SECRET_KEY") != settings_of_a_machine("s.SECRET_KEY")


def test_passwords_are_kept_with_argon2_outside_tests():
    assert "Argon2" in settings_of_a_machine("s.PASSWORD_HASHERS[0]")
    assert get_hashers()[0].algorithm == "md5"


def test_tasks_survive_the_worker_that_held_them():
    assert settings.CELERY_TASK_ACKS_LATE
    assert settings.CELERY_TASK_REJECT_ON_WORKER_LOST
    assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] > settings.CELERY_TASK_TIME_LIMIT


def test_person_who_becomes_a_service_account_is_out_at_once(client):
    olga = User.objects.create_user("olga", "olga@example.org", "a long enough secret", full_name="Olga Okafor")
    client.force_login(olga)

    User.objects.filter(pk=olga.pk).update(is_service=True)

    assert not client.get("/account/login/").wsgi_request.user.is_authenticated


@pytest.mark.parametrize(
    ("address", "backend"),
    [
        ("redis://127.0.0.1:6399/0", "projects.common.shared_cache.SharedCache"),
        ("locmemcache://", "django.core.cache.backends.locmem.LocMemCache"),
    ],
)
def test_a_shared_cache_is_one_that_pages_can_do_without(address, backend):
    assert settings_of_a_machine("s.CACHES['default']['BACKEND']", CACHE_URL=address) == backend
