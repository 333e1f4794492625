"""The room's frame with the mock's case in it, as members see it on a desk and in the hand."""

import pytest
from django.template import Context, Template

from projects.common.gallery_room import room
from tests.browser.looking import THEMES, WIDTHS, look_at

ROOM = """
{% extends "base_room.html" %}{% load tollgate marks %}
{% block title %}November council{% endblock %}
{% block room_name %}November council{% endblock %}
{% block room_meta %}<span class="hide-s sm">8 of 9 present, quorum 6 met</span>{% endblock %}
{% block room_acts %}<span class="sm">Item 5 of 9</span><a class="btn" href="#main">End</a>{% endblock %}
{% block content %}
<section class="agenda-col panel" aria-labelledby="ag"><h2 id="ag" class="vh">Agenda</h2>
<ol class="agenda">{% for row in agenda %}{% include "components/agenda_row.html" %}{% endfor %}</ol></section>
<section class="panel case" aria-labelledby="cs"><div class="in"><h1 id="cs">Contact-centre agent assist</h1>
{% include "components/ask.html" with amount=ask purpose="to reach “Handle time 8% lower” by 26 Feb 2027" %}
{% include "components/choices.html" with legend="Your straw view" name="view" options=outcomes %}
<ul class="votes mt4">{% for member in votes %}{% include "components/vote_row.html" %}{% endfor %}</ul></div></section>
<aside class="running stack room-side" aria-label="Approved so far">{% include "components/spend_list.html" %}</aside>
{% endblock %}
{% block room_foot %}<nav class="room-foot n-only" aria-label="Spend list so far"><span>Approved so far <b>$160,000</b></span>
<a href="#spend-list">Spend list</a></nav>{% endblock %}
"""


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("dark", THEMES)
def test_room_reads_well_in_every_width_and_theme(open_browser, width, dark):
    page = open_browser(width=width, dark=dark)
    drawn = Template(ROOM).render(Context(room()))
    page.route("**/room/", lambda route: route.fulfill(content_type="text/html", body=drawn))
    page.goto("/room/")

    look_at(page, "room")


def test_targets_in_the_room_are_large_enough_for_a_finger(open_browser):
    page = open_browser(width=390)
    drawn = Template(ROOM).render(Context(room()))
    page.route("**/room/", lambda route: route.fulfill(content_type="text/html", body=drawn))
    page.goto("/room/")

    heights = page.evaluate(
        "Array.from(document.querySelectorAll('.opt, .agenda a, .btn')).map((e) => e.getBoundingClientRect().height)"
    )

    assert heights
    assert min(heights) >= 44


def test_case_stands_between_agenda_and_list(open_browser):
    page = open_browser()
    drawn = Template(ROOM).render(Context(room()))
    page.route("**/room/", lambda route: route.fulfill(content_type="text/html", body=drawn))
    page.goto("/room/")

    agenda, case, spend = (page.locator(css).bounding_box() for css in (".agenda-col", ".case", ".room-side"))

    assert agenda["y"] == case["y"] == spend["y"]
    assert agenda["x"] < case["x"] < spend["x"]
    assert case["width"] > spend["width"] > agenda["width"]
