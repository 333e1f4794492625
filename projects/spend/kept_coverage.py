"""Coverage of all spend, worked out once for what is delivered, given out and asked for, and then remembered.

It reads every charge of a month, so no page that many open works it out at each view. What it rests on is part of the
name under which it is kept: a delivery, charges given out anew, another key or another role of a source ask for it anew.
"""

from datetime import date
from hashlib import sha256

from django.core.cache import cache
from django.db.models import Count, Max

from projects.attribution.models import TaggingKey
from projects.sources.models import Delivery, Source
from projects.spend.coverage import TagCoverage, final_window, tag_coverage
from projects.spend.models import Reattribution

KEPT_SECONDS = 24 * 3600


def kept_coverage(*, on: date) -> list[TagCoverage]:
    """Return the coverage of all spend by currency, from memory where nothing that it rests on has changed."""
    name = _name(on)
    known: list[TagCoverage] | None = cache.get(name)
    if known is None:
        known = tag_coverage(on=on)
        cache.set(name, known, KEPT_SECONDS)
    return known


def _name(on: date) -> str:
    rests_on = [
        *final_window(on=on),
        Delivery.objects.aggregate(last=Max("pk"))["last"],
        Reattribution.objects.aggregate(last=Max("pk"))["last"],
        *TaggingKey.objects.order_by().aggregate(a=Count("pk"), b=Max("set_at"), c=Max("retired_at")).values(),
        sorted(Source.objects.order_by().values_list("role").annotate(Count("pk"), Max("pk"))),
    ]
    return f"tag-coverage:{sha256(repr(rests_on).encode()).hexdigest()}"
