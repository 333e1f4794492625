"""Know a provider by its several spellings: by the names that finance keeps for the key provider, else by fixtures/providers.csv.

The provider that a page shows stays as delivered; only what is compared goes by one name.
"""

import csv
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.db.models import QuerySet

from projects.attribution.models import TagAlias

TAG_KEY = "provider"
# The same as `spelt`, in SQL.
SPELT = "coalesce(nullif(regexp_replace(lower({name}), '[^a-z0-9]', '', 'g'), ''), lower(btrim({name})))"
KEY = f"coalesce(%(providers)s::jsonb ->> {SPELT}, {SPELT})"


@dataclass(frozen=True)
class Providers:
    """Which spelling means which provider, both as compared; what is not among them means itself."""

    meanings: Mapping[str, str]

    def key(self, name: str) -> str:
        """Return a provider's name as bills and gateways are matched."""
        own = spelt(name)
        return self.meanings.get(own, own)

    @property
    def as_json(self) -> str:
        """Return the spellings as SQL asks for them."""
        return json.dumps(dict(self.meanings))

    def is_known(self, name: str) -> bool:
        """Say whether the name is a spelling that is kept, or one that such a spelling means."""
        own = spelt(name)
        return own in self.meanings or own in self.meanings.values()


def spelt(name: str) -> str:
    """Return a name by its letters and figures alone; a name in another script as it is, in lower case."""
    return re.sub(r"[^a-z0-9]", "", name.lower()) or name.strip().lower()


def meanings_of(shipped: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Let finance's names go before those that come with the product, and hold for what those mean too."""
    told = {spelt(name): spelt(meant) for name, meant in own.items()}
    known = {spelt(name): spelt(meant) for name, meant in shipped.items()}
    return {name: told.get(meant, meant) for name, meant in known.items()} | {
        name: told.get(meant) or known.get(meant, meant) for name, meant in told.items()
    }


def known_providers() -> Providers:
    """Return the spellings in force; one query."""
    kept: QuerySet[TagAlias] = TagAlias.objects.filter(retired_at__isnull=True, tag_key__in=("", TAG_KEY))
    return Providers(meanings_of(shipped_providers(), dict(kept.order_by("tag_key").values_list("alias", "value"))))


@cache
def shipped_providers() -> dict[str, str]:
    """Return the spellings that come with the product and the provider that each means."""
    with (settings.BASE_DIR / "fixtures" / "providers.csv").open(encoding="utf-8", newline="") as file:
        return {row["spelling"]: row["provider"] for row in csv.DictReader(file)}
