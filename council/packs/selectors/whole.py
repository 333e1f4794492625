"""The whole pack as its templates take it."""

from collections.abc import Callable
from typing import Any

from council.packs.selectors.basis import Basis
from council.packs.selectors.dossiers import dossier
from council.packs.selectors.front import changes, cover, portfolio
from council.packs.selectors.lists import appendix, conditions, escalations, spend_list, unclaimed
from projects.common import formats


def pack_context(basis: Basis, *, heard: Callable[[int], None] = lambda done: None) -> dict[str, Any]:
    """Return every page of a pack from the figures of the freeze; ``heard`` is told how many items are done."""
    dossiers = []
    for done, item in enumerate(basis.items):
        heard(done)
        dossiers.append(dossier(item, basis))
    heard(len(basis.items))
    held_on = basis.meeting.held_on
    frozen = formats.at_time(basis.local(basis.frozen_at))
    council = basis.organisation.council_name
    context: dict[str, Any] = {
        "title": f"{council} review pack, {formats.on_day_long(held_on)}",
        "author": f"{basis.organisation.name}, {council}",
        "description": f"Figures frozen {frozen}. Policy version {basis.policy.number}.",
        "meeting": f"{council}, {basis.meeting.title}",
        "foot": f"figures frozen {frozen}",
        "dossiers": dossiers,
        "portfolio": portfolio(basis),
        "changes": changes(basis),
        "escalations": escalations(basis),
        "conditions": conditions(basis),
        "unclaimed": unclaimed(basis),
        "spend_list": spend_list(basis),
        "appendix": appendix(basis),
    }
    return {**context, "cover": cover(basis), "contents": contents(context)}


def contents(context: dict[str, Any]) -> list[dict[str, Any]]:
    """List the pages that the pack has, in their order."""
    around = [
        ("escalations", "Escalations"),
        ("conditions", "Conditions due"),
        ("unclaimed", "Unclaimed spend"),
        ("spend_list", "Spend list for signature"),
        ("appendix", "Appendix"),
    ]
    rows: list[dict[str, Any]] = [{"anchor": "portfolio", "title": "Portfolio summary"}]
    if context["changes"]:
        rows.append({"anchor": "changes", "title": f"Since {context['changes']['since']}"})
    if context["dossiers"]:
        rows.append({"title": "Items", "is_group": True})
        rows += [{"anchor": row["anchor"], "title": row["name"], "note": row["section"]} for row in context["dossiers"]]
        rows.append({"title": "Lists", "is_group": True})
    return rows + [{"anchor": code.replace("_", "-"), "title": title} for code, title in around if context[code]]
