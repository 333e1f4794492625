"""The process that renders ends inside its limits, reads nothing but our own files, and stops when asked."""

import time

import pytest

from projects.common.apart import Limits, RenderFailed, limits_for, render_apart

PAGE = '<html lang="en"><head><title>T</title></head><body>{}</body></html>'
ENOUGH = Limits(60, 2048)


class Stopped(Exception):
    pass


def test_page_becomes_a_pdf_in_another_process():
    assert render_apart(PAGE.format("<p>One</p>"), limits=ENOUGH).startswith(b"%PDF")


def test_page_that_takes_too_long_is_stopped():
    began = time.monotonic()

    with pytest.raises(RenderFailed, match="longer than 1 seconds"):
        render_apart(PAGE.format("<p>word</p>" * 50_000), limits=Limits(1, 2048))

    assert time.monotonic() - began < 60


def test_page_that_takes_too_much_memory_fails():
    with pytest.raises(RenderFailed, match="could not be rendered"):
        render_apart(PAGE.format("<p>One</p>"), limits=Limits(60, 40))


@pytest.mark.parametrize("source", ["https://example.org/x.png", "file:///etc/passwd"])
def test_page_that_asks_for_what_is_not_ours_fails(source):
    with pytest.raises(RenderFailed, match="NotOurs"):
        render_apart(PAGE.format(f'<img alt="x" src="{source}">'), limits=ENOUGH)


def test_asked_to_stop_it_stops_at_once():
    began = time.monotonic()
    asked = []

    def check():
        asked.append(1)
        if len(asked) > 2:
            raise Stopped

    with pytest.raises(Stopped):
        render_apart(PAGE.format("<p>word</p>" * 50_000), limits=ENOUGH, check=check)

    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    ("items", "seconds", "megabytes"), [(0, 30, 1024), (1, 60, 1536), (6, 210, 4096), (50, 1530, 4096)]
)
def test_limits_grow_with_the_items(items, seconds, megabytes):
    assert limits_for(items) == Limits(seconds, megabytes)
