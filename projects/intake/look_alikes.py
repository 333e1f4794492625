"""Initiatives that look like the one somebody is about to register."""

from dataclasses import dataclass

from django.contrib.postgres.search import TrigramSimilarity, TrigramWordSimilarity
from django.db.models import F
from django.db.models.functions import Greatest

from projects.initiatives.choices import Condition
from projects.initiatives.models import Initiative
from projects.people.models import User

ALIKE = 0.35
SHOWN = 5


@dataclass(frozen=True)
class LookAlike:
    """An initiative like the new one, with what became of it."""

    initiative: Initiative
    likeness: int

    @property
    def may_join(self) -> bool:
        """Say whether it is still open to others."""
        return bool(self.initiative.condition != Condition.CLOSED)

    @property
    def became(self) -> str:
        """Say where it stands, or how it ended."""
        if self.initiative.closed_as:
            return f"Closed: {self.initiative.get_closed_as_display().lower()}"
        return f"{self.initiative.get_stage_display()}, {self.initiative.get_condition_display().lower()}"


def look_alikes(name: str, text: str, user: User) -> list[LookAlike]:
    """Return up to five initiatives that a person may see and whose name or text is alike, the most alike first.

    Likeness is trigram similarity of the names, or half of what the texts share, in whole percent.
    """
    if len(name.strip()) < 3:
        return []
    rows = (
        Initiative.objects.visible_to(user)
        .annotate(
            by_name=Greatest(TrigramSimilarity("name", name), TrigramWordSimilarity(name, "name") * 0.8),
            by_text=TrigramSimilarity("value_proposition", text),
        )
        .annotate(likeness=Greatest(F("by_name"), F("by_text")))
        .filter(likeness__gte=ALIKE)
        .select_related("business_owner")
        .order_by("-likeness", "key")[:SHOWN]
    )
    return [LookAlike(row, round(likeness * 100)) for row in rows if (likeness := getattr(row, "likeness", 0))]
