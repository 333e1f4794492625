from decimal import Decimal

import pytest

from council.portfolio.models import SavedView
from council.portfolio.rules import PAGE, Line, turned
from council.portfolio.services import MOST, ViewRefused, forget_view, kept_query, save_view, views_of
from projects.common.marks.bullets import Budget
from projects.common.outcomes import NotPermitted
from projects.people.roles import Role
from tests.factories.gates import AT
from tests.factories.initiatives import initiative
from tests.factories.people import person

SAVE = "/portfolio/views/save/"


def line(number):
    budget = Budget(name="x", approved=Decimal(0), spent=Decimal(0), limit_ratio=Decimal(1))
    return Line(
        pk=number,
        key=f"AI-{number:03d}",
        name="x",
        owner="",
        team="",
        stage="mvp",
        stage_name="MVP",
        status="on_track",
        alert="",
        budget=budget,
        committed=Decimal(0),
        value=None,
    )


def saved(user, name="Pilots", shared=False, **pairs):
    pairs = pairs or {"stage": "pilot", "sort": "-spent"}
    return save_view(name=name, pairs=pairs.items(), is_shared=shared, by=user, at=AT)


@pytest.mark.parametrize(
    ("count", "after", "first", "last", "back", "ahead"),
    [
        (PAGE, "", 1, PAGE, None, None),
        (PAGE + 1, "", 1, PAGE, None, "AI-050"),
        (PAGE + 1, "AI-050", 51, 51, "", None),
        (120, "AI-100", 101, 120, "AI-050", None),
        (120, "AI-999", 1, 50, None, "AI-050"),
    ],
)
def test_pages_turn_by_key(count, after, first, last, back, ahead):
    page, behind, following = turned([line(number) for number in range(1, count + 1)], after)

    assert (page[0].pk, page[-1].pk) == (first, last)
    assert (behind, following) == (back, ahead)


def test_no_rows_are_one_empty_page():
    assert turned([], "AI-001") == ([], None, None)


def test_view_keeps_filters_and_order_and_not_the_page():
    pairs = [("stage", "pilot"), ("stage", "mvp"), ("sort", "-spent"), ("after", "AI-050"), ("evil", "1"), ("q", "")]

    assert kept_query(pairs) == "stage=pilot&stage=mvp&sort=-spent"


def test_own_and_shared_views_are_seen(people):
    saved(people.olga)
    saved(people.tom, "Mine alone")
    saved(people.tom, "For all", shared=True)

    assert [view.name for view in views_of(people.olga)] == ["For all", "Pilots"]


@pytest.mark.parametrize("name", ["Pilots", "PILOTS"])
def test_same_name_again_replaces_one_s_own(people, name):
    saved(people.olga)

    saved(people.olga, name, stage="scale")

    assert SavedView.objects.get().query == "stage=scale"


def test_views_have_a_name_and_an_end(people):
    with pytest.raises(ViewRefused):
        saved(people.olga, " ")
    with pytest.raises(ViewRefused):
        saved(people.olga, q="x" * 1001)
    for number in range(MOST):
        saved(people.olga, f"View {number}")
    with pytest.raises(ViewRefused, match="Forget one"):
        saved(people.olga, "One more")
    assert saved(people.olga, "View 1").name == "View 1"


def test_nobody_forgets_somebody_else_s(people):
    view = saved(people.olga, shared=True)

    with pytest.raises(NotPermitted):
        forget_view(view_id=view.pk, by=people.tom, at=AT)
    assert forget_view(view_id=view.pk, by=people.olga, at=AT) == "Pilots"
    assert not SavedView.objects.exists()


def test_auditor_changes_nothing(people):
    with pytest.raises(NotPermitted):
        saved(person("audrey", Role.AUDITOR))


def test_view_is_saved_shared_opened_and_forgotten_on_the_page(client, people, settings):
    settings.TOLLGATE_NOW = AT.isoformat()
    initiative(people.olga, "pilot")
    assert client.post(SAVE, {"name": "x"}).status_code == 302
    client.force_login(people.reader)
    assert client.post(SAVE, {"name": " ", "query": ""}).status_code == 422

    answer = client.post(SAVE, {"name": "Pilots", "query": "stage=pilot&after=AI-1", "is_shared": "1"})

    assert answer["Location"] == "/portfolio/?stage=pilot"
    view = SavedView.objects.get()
    client.force_login(people.fay)
    shown = client.get("/portfolio/").content.decode()
    assert '<a href="/portfolio/?stage=pilot">Pilots</a>' in shown
    assert client.post(f"/portfolio/views/{view.pk}/forget/").status_code == 403
    client.force_login(people.reader)
    assert "forgotten" in client.post(f"/portfolio/views/{view.pk}/forget/", follow=True).content.decode()
