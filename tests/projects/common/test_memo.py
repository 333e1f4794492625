import pytest
from django.http import HttpResponse
from django.test import RequestFactory

from projects.common.memo import ReadingMiddleware, once, reading


@pytest.fixture
def look_up():
    asked = []

    def look():
        asked.append(1)
        return len(asked)

    return look


def test_a_thing_is_looked_up_once_while_reading_and_again_afterwards(look_up):
    with reading():
        assert [once("law", look_up), once("law", look_up)] == [1, 1]
    with reading():
        assert once("law", look_up) == 2


def test_outside_of_reading_nothing_is_kept(look_up):
    assert [once("law", look_up), once("law", look_up)] == [1, 2]


def test_nothing_found_is_kept_too(look_up):
    with reading():
        assert once("nobody", lambda: None) is None
        assert once("nobody", look_up) is None


@pytest.mark.parametrize(("method", "seen"), [("GET", [1, 1]), ("HEAD", [1, 1]), ("POST", [1, 2])])
def test_only_safe_requests_keep_what_they_looked_up(look_up, method, seen):
    found = []

    def view(request):
        found.extend([once("law", look_up), once("law", look_up)])
        return HttpResponse()

    ReadingMiddleware(view)(RequestFactory().generic(method, "/"))

    assert found == seen
