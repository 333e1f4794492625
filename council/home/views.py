"""The initiative page: one address for each tab, of which htmx gets the region and everybody else the whole page."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from council.home.decided import conditions_of, decisions_of, money_of
from council.home.gate_tab import gate_tab
from council.home.guardrail_tab import guardrail_tab
from council.home.heads import TABS, Head, head_of, tab_url, tabs_of, visible_initiative
from council.home.history_tab import history_tab
from council.home.overview import overview
from council.home.spend_tab import spend_tab
from council.home.value_tab import value_tab
from projects.common.clock import now
from projects.funding.selectors import funding_panel
from projects.initiatives.models import Initiative
from projects.limits.rules import Policy
from projects.limits.selectors import policy_on
from projects.milestones.selectors import milestone_panel
from projects.people.models import User
from projects.people.views import is_partial, signed_in
from projects.sources.eyes import eyes_of

Builder = Callable[[HttpRequest, Head, User, Policy], dict[str, Any]]


@login_required
@require_GET
def initiative(request: HttpRequest, key: str, tab: str = "overview") -> HttpResponse:
    """Show one tab of an initiative; strangers get 404."""
    if tab not in BUILDERS:
        raise Http404
    user, at = signed_in(request), now()
    try:
        found = visible_initiative(key, user)
    except Initiative.DoesNotExist:
        raise Http404 from None
    policy = policy_on(at.date())
    head = head_of(found, user, at=at, policy=policy)
    context = {
        "head": head,
        "initiative": found,
        "tab": tab,
        "tab_name": dict(TABS)[tab],
        "tabs": tabs_of(head, tab),
        "template": f"council/home/_{tab}.html",
        "crumbs": [{"label": "Portfolio", "url": "/portfolio/"}, {"label": found.key}],
        "urls": {code: tab_url(found.key, code) for code, _ in TABS},
        "currency": head.position.currency,
    } | BUILDERS[tab](request, head, user, policy)
    name = "council/home/_tab.html" if is_partial(request) else "council/home/initiative.html"
    response = render(request, name, context)
    response["Vary"] = "HX-Request"
    return response


def _overview(request: HttpRequest, head: Head, user: User, policy: Policy) -> dict[str, Any]:
    return overview(head, user, policy=policy)


def _gates(request: HttpRequest, head: Head, user: User, policy: Policy) -> dict[str, Any]:
    return gate_tab(head)


def _funding(request: HttpRequest, head: Head, user: User, policy: Policy) -> dict[str, Any]:
    decided = decisions_of(head.initiative, on=head.on)
    given = next((row for row in decided if row.tranche is not None), None)
    conditions = conditions_of(head.initiative, on=head.on)
    return {
        "panel": funding_panel(head.initiative, on=head.on, policy=policy),
        "last": given,
        "last_money": money_of(given, on=head.on) if given else None,
        "conditions": [row for rows in conditions.values() for row in rows],
    }


def _milestones(request: HttpRequest, head: Head, user: User, policy: Policy) -> dict[str, Any]:
    return {
        "panel": milestone_panel(head.initiative, on=head.on, policy=policy),
        "may_plan": head.may["edit"],
    }


def _spend(request: HttpRequest, head: Head, user: User, policy: Policy) -> dict[str, Any]:
    return spend_tab(head, eyes_of(user))


def _value(request: HttpRequest, head: Head, user: User, policy: Policy) -> dict[str, Any]:
    return value_tab(head, user)


def _guardrails(request: HttpRequest, head: Head, user: User, policy: Policy) -> dict[str, Any]:
    return guardrail_tab(head)


def _history(request: HttpRequest, head: Head, user: User, policy: Policy) -> dict[str, Any]:
    return history_tab(head, eyes_of(user), request.GET.get("after", ""))


BUILDERS: dict[str, Builder] = {
    "overview": _overview,
    "gates": _gates,
    "funding": _funding,
    "spend": _spend,
    "value": _value,
    "milestones": _milestones,
    "guardrails": _guardrails,
    "history": _history,
}
