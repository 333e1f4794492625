"""Which charges are meant: days, a currency, and what they are told apart by. Kept in an address, read from it, in SQL.

The explorer, its export and the rows behind a figure all narrow by this, so that they cannot differ.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from projects.attribution.layers import HARNESS_SOURCE, UNCLASSIFIED
from projects.attribution.models import Purpose

UNCLAIMED = "unclaimed"
CLAIMED = "claimed"
NOT_NAMED = "-"
EVERYTHING = "everything"
WITHOUT = "no"
EARLIEST, LATEST = date(2000, 1, 1), date(2100, 12, 31)

# Aliases: m a rollup or the facts, g their group, s the source, i the initiative, t its team, u the team's business unit.
LAYER = f"CASE WHEN m.initiative_id IS NULL THEN '{UNCLAIMED}' ELSE g.owned_layer END"
DIMENSIONS = {
    "layer": LAYER,
    "initiative": "i.key",
    "team": "t.name",
    "unit": "u.name",
    "model": "coalesce(g.model, g.service_name)",
    "service": "g.service_name",
    "provider": "g.provider_name",
    "environment": "g.environment",
    "purpose": "g.purpose",
    "source": "s.name",
    "use": "CASE WHEN g.is_unused THEN 'unused' ELSE 'used' END",
}
NAMES = {
    "layer": "Layer",
    "initiative": "Initiative",
    "team": "Team",
    "unit": "Business unit",
    "model": "Model",
    "service": "Technology",
    "provider": "Provider",
    "environment": "Environment",
    "purpose": "Purpose",
    "source": "Source",
    "use": "Use",
    "currency": "Currency",
    "since": "From",
    "on": "To",
    "tax": "Tax",
    "harness": "Harness lines",
}
JOINS = """
JOIN projects_costgroup g ON g.id = {group}
JOIN projects_source s ON s.id = g.source_id
LEFT JOIN projects_initiative i ON i.id = m.initiative_id
LEFT JOIN projects_team t ON t.id = i.team_id
LEFT JOIN projects_team u ON u.id = coalesce(t.parent_id, t.id)
"""


@dataclass(frozen=True)
class Narrowing:
    """Charges of some days, both ends included; an empty currency means all of them, each apart.

    `words` narrow by dimension: "-" means that the file names none; as initiative, "unclaimed" means that nobody owns
    the charge and "claimed" that somebody does.
    Charges that nobody owns and no rule knows as AI are left out unless `everything` is asked for.
    """

    since: date = EARLIEST
    on: date = LATEST
    currency: str = ""
    words: Mapping[str, str] = field(default_factory=dict)
    everything: bool = False
    with_tax: bool = True
    with_harness: bool = True

    def only(self, **words: str) -> "Narrowing":
        """Return the same, narrowed further."""
        return replace(self, words={**self.words, **words})

    def where(self, *, day: str) -> str:
        """Return the condition in SQL; `day` is the column that holds the charge day or the first of its month."""
        parts = [f"{day} >= %(since)s", f"{day} <= %(on)s"]
        # A log of money that a bill has too counts only where it is asked for by its name.
        parts += [] if "source" in self.words else ["s.role = 'fact'"]
        parts += ["m.currency = %(currency)s"] if self.currency else []
        parts += [] if self.everything else [f"(m.initiative_id IS NOT NULL OR g.layer <> '{UNCLASSIFIED}')"]
        parts += [] if self.with_tax else ["g.charge_category IS DISTINCT FROM 'Tax'"]
        parts += [] if self.with_harness else [f"s.name <> '{HARNESS_SOURCE}'"]
        return " AND ".join([*parts, *(self._condition(name, word) for name, word in sorted(self.words.items()))])

    @staticmethod
    def _condition(name: str, word: str) -> str:
        if name == "initiative" and word in {UNCLAIMED, CLAIMED}:
            return f"m.initiative_id IS {'' if word == UNCLAIMED else 'NOT '}NULL"
        # What has no initiative has no team either, so it is not what "no team" asks for.
        owned = " AND m.initiative_id IS NOT NULL" if name in {"team", "unit"} else ""
        return f"{DIMENSIONS[name]} " + (f"IS NULL{owned}" if word == NOT_NAMED else f"= %({name})s")

    def bound(self) -> dict[str, Any]:
        """Return the parameters of the condition."""
        return {"since": self.since, "on": self.on, "currency": self.currency, **self.words}

    def pairs(self) -> dict[str, str]:
        """Return what an address must hold to mean the same."""
        pairs = {"since": self.since.isoformat() if self.since != EARLIEST else ""}
        pairs |= {"on": self.on.isoformat() if self.on != LATEST else "", "currency": self.currency, **self.words}
        pairs |= {"scope": EVERYTHING if self.everything else "", "tax": "" if self.with_tax else WITHOUT}
        pairs |= {"harness": "" if self.with_harness else WITHOUT}
        return {name: value for name, value in pairs.items() if value}

    def query(self, **more: str) -> str:
        """Return the same as the query of an address."""
        return urlencode({**self.pairs(), **more})


def word_said(name: str, word: str) -> str:
    """Say a word that narrows as people read it."""
    if word == NOT_NAMED:
        return "not named"
    if name == "use":
        return "bought ahead, not used" if word == "unused" else "used"
    return str(dict(Purpose.choices).get(word, word)) if name == "purpose" else word


def narrowing_of(said: Mapping[str, Any]) -> Narrowing:
    """Read what an address says; what cannot be read narrows nothing."""
    words = {name: str(said[name])[:500] for name in DIMENSIONS if said.get(name)}
    words = {name: word for name, word in words.items() if "\0" not in word}
    return Narrowing(
        since=day_of(said.get("since"), EARLIEST),
        on=day_of(said.get("on"), LATEST),
        currency=_currency(said.get("currency")),
        words=words,
        everything=said.get("scope") == EVERYTHING,
        with_tax=said.get("tax") != WITHOUT,
        with_harness=said.get("harness") != WITHOUT,
    )


def day_of(text: Any, otherwise: date) -> date:
    """Read a day between the earliest and the latest; what cannot be read is the other one."""
    try:
        day = date.fromisoformat(str(text))
    except ValueError:
        return otherwise
    return day if EARLIEST <= day <= LATEST else otherwise


def _currency(text: Any) -> str:
    code = str(text or "")
    return code if len(code) == 3 and code.isascii() and code.isalpha() and code.isupper() else ""
