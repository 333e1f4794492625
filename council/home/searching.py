"""Find initiatives, requests, decisions and escalations by key and by words."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.urls import reverse

from council.decisions.models import Decision
from council.escalations.models import Escalation
from projects.gates.models import GateRequest
from projects.initiatives.models import Initiative
from projects.people.models import User

MOST = 20
LONGEST = 100


@dataclass(frozen=True)
class Hit:
    """One thing found."""

    key: str
    title: str
    note: str
    url: str


def search(text: str, user: User) -> list[tuple[str, list[Hit]]]:
    """Return what a person may see and every word names, by kind, twenty of each at most; one query a kind."""
    words = text[:LONGEST].split()
    if not words:
        return []
    visible = Initiative.objects.visible_to(user).values("pk")
    groups = [
        ("Initiatives", _initiatives(words, user)),
        ("Requests", _requests(words, user)),
        ("Decisions", _decisions(words, visible)),
        ("Escalations", _escalations(words, visible)),
    ]
    return [(title, hits) for title, hits in groups if hits]


def _all(words: list[str], *fields: str) -> Q:
    """Return the condition that each word stands in one of the fields."""
    every = Q()
    for word in words:
        one = Q()
        for field in fields:
            one |= Q(**{f"{field}__icontains": word})
        every &= one
    return every


def _initiatives(words: list[str], user: User) -> list[Hit]:
    rows = Initiative.objects.visible_to(user).filter(
        _all(words, "key", "name", "value_proposition", "use_case", "business_owner__full_name")
    )
    return [
        Hit(
            row.key,
            row.name,
            f"{row.get_stage_display()}, {row.business_owner}",
            reverse("council:initiative", args=[row.key]),
        )
        for row in rows.select_related("business_owner").order_by("key")[:MOST]
    ]


def _requests(words: list[str], user: User) -> list[Hit]:
    rows = GateRequest.objects.visible_to(user).filter(
        _all(words, "key", "initiative__key", "initiative__name", "milestone_name")
    )
    return [
        Hit(
            row.key,
            f"{row.get_kind_display()}: {row.initiative.name}",
            row.get_state_display(),
            reverse("projects:request", args=[row.key]),
        )
        for row in rows.select_related("initiative").order_by("-pk")[:MOST]
    ]


def _decisions(words: list[str], visible: Any) -> list[Hit]:
    rows = Decision.objects.filter(
        _all(words, "reference", "initiative__key", "initiative__name", "reason"), initiative__in=visible
    )
    return [
        Hit(
            row.reference,
            f"{row.get_outcome_display()}: {row.initiative.name}",
            row.reason,
            reverse("council:initiative-tab", args=[row.initiative.key, "gates"]),
        )
        for row in rows.select_related("initiative").order_by("-decided_at", "-pk")[:MOST]
    ]


def _escalations(words: list[str], visible: Any) -> list[Hit]:
    rows = Escalation.objects.filter(_all(words, "key", "initiative__key", "initiative__name"), initiative__in=visible)
    return [
        Hit(
            row.key,
            f"{row.get_rule_display()}: {row.initiative.name}",
            row.get_state_display(),
            reverse("council:escalation", args=[row.key]),
        )
        for row in rows.select_related("initiative").order_by("-raised_at", "-pk")[:MOST]
    ]
