"""The shared cache is an aid: while its server is down pages answer, sign-in stays limited, and the log says so once."""

import logging
import socket
import threading
import time

import pytest
from django.core.cache import cache, caches
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError as NoConnection

from launch.broker import Broker
from projects.common import shared_cache
from projects.common.shared_cache import Outage
from projects.people.models import User

SHARED = "projects.common.shared_cache.SharedCache"


@pytest.fixture(autouse=True)
def _every_process_begins_anew(monkeypatch):
    monkeypatch.setattr(shared_cache, "_outages", {})


@pytest.fixture
def use(settings):
    """Let the product use a server as its cache."""

    def given(address, backend=SHARED):
        settings.CACHES = {**settings.CACHES, "default": {"BACKEND": backend, "LOCATION": address}}

    return given


@pytest.fixture
def nobody(use):
    """A server at whose port nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    use(f"redis://:secret@127.0.0.1:{port}/0")
    return port


@pytest.fixture
def valkey(tmp_path, use):
    server = Broker(tmp_path / "s" / "valkey.sock", tmp_path / "valkey.log")
    server.start()
    use(f"unix://{server.socket}")
    yield server
    server.stop()


def told(caplog):
    return [record.getMessage() for record in caplog.records if "shared_cache" in record.getMessage()]


def test_the_librarys_own_cache_lets_a_page_fail_where_nobody_listens(nobody, use):
    use(f"redis://127.0.0.1:{nobody}/0", "django.core.cache.backends.redis.RedisCache")

    with pytest.raises(NoConnection):
        cache.get("a")


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/", "/home/", "/portfolio/", "/spend/", "/spend/unclaimed/", "/spend/rules/"])
def test_pages_answer_where_nobody_listens(address, nobody, client, fiona):
    client.force_login(fiona)

    assert client.get(address, follow=True).status_code == 200
    assert isinstance(caches["default"], RedisCache)


@pytest.mark.django_db
def test_a_person_signs_in_where_nobody_listens_and_guesses_stay_limited(nobody, client, settings):
    settings.ACCOUNT_RATE_LIMITS = {}
    for name in ("olga", "mallory"):
        person = User(username=name)
        person.set_password("correct horse battery")
        person.save()

    answer = client.post("/account/login/", {"login": "olga", "password": "correct horse battery"})
    client.logout()
    for guess in range(5):
        client.post("/account/login/", {"login": "mallory", "password": f"guess {guess}"})
    refused = client.post("/account/login/", {"login": "mallory", "password": "correct horse battery"})

    assert answer.status_code == 302
    assert refused.status_code == 200
    assert "Too many failed login attempts" in refused.content.decode()


def test_the_log_says_once_that_the_cache_is_down_and_never_its_password(nobody, caplog):
    with caplog.at_level(logging.INFO):
        for number in range(20):
            cache.set(f"a{number}", number)
            cache.get(f"a{number}")

    (line,) = told(caplog)
    assert "shared_cache_is_down" in line
    assert f"127.0.0.1:{nobody}" in line
    assert "secret" not in line


def test_a_process_remembers_by_itself_while_nobody_listens(nobody):
    cache.set("a", 1)
    cache.set_many({"b": 2, "c": 3})

    assert cache.add("a", 9) is False
    assert cache.add("d", 4) is True
    assert cache.incr("a", 2) == 3
    assert cache.get_many(["a", "b", "x"]) == {"a": 3, "b": 2}
    assert cache.get_many([]) == {}
    assert cache.touch("b", 30) is True
    assert cache.has_key("b") is True
    assert (cache.delete("b"), cache.delete("b"), cache.get("b", "gone")) == (True, False, "gone")
    cache.delete_many(["c"])
    assert cache.get("c") is None
    cache.clear()
    assert cache.get("a") is None


def test_a_server_that_is_down_is_not_asked_at_every_call(use):
    asked = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=lambda: hang_up(server, asked), daemon=True).start()
        use(f"redis://127.0.0.1:{server.getsockname()[1]}/0")
        for _ in range(20):
            cache.get("a")

    assert 1 <= len(asked) <= 2, "once, and once more in case only the connection was old"


def hang_up(server, asked):
    while True:
        try:
            caller, _ = server.accept()
        except OSError:
            return
        asked.append(caller)
        caller.close()


def test_a_server_that_never_answers_keeps_a_page_no_longer_than_two_seconds(use):
    with socket.create_server(("127.0.0.1", 0)) as server:
        use(f"redis://127.0.0.1:{server.getsockname()[1]}/0")
        began = time.monotonic()

        for _ in range(20):
            cache.get("a")

        assert time.monotonic() - began < 2


def test_a_server_that_comes_back_is_used_again_and_the_log_says_so(valkey, monkeypatch, caplog):
    monkeypatch.setattr(shared_cache, "AGAIN_AFTER", 0.0)
    with caplog.at_level(logging.INFO):
        cache.set("a", "shared")
        seen = RedisCache(f"unix://{valkey.socket}", {}).get("a")
        valkey.stop()
        cache.set("a", "own")
        alone = cache.get("a")
        valkey.start()
        back = cache.get("a")
        cache.set("a", "shared again")

    assert (seen, alone, back) == ("shared", "own", None)
    assert RedisCache(f"unix://{valkey.socket}", {}).get("a") == "shared again"
    assert [line.split("'event': '")[-1].split("'")[0] for line in told(caplog)] == [
        "shared_cache_is_down",
        "shared_cache_answers_again",
    ]


def test_a_mistake_of_ours_is_not_taken_for_an_outage(valkey, caplog):
    cache.set("a", "text")

    with pytest.raises(Exception, match="not an integer"):
        cache.incr("a")
    with pytest.raises(ValueError, match="not found"):
        cache.incr("b")

    assert cache.get("a") == "text"
    assert told(caplog) == []


def test_of_many_that_could_try_again_one_does(monkeypatch):
    outage = Outage("server")
    outage.begin(OSError("gone"))
    monkeypatch.setattr(shared_cache.time, "monotonic", lambda at=outage.again_at: at)

    assert [outage.lasts() for _ in range(3)] == [False, True, True]
