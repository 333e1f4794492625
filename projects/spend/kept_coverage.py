"""Coverage of all spend, worked out once for what is delivered, given out and asked for, and then remembered.

It reads every charge of a month, so no page that many open works it out at each view. What it rests on is kept beside
it: a delivery, charges given out anew, another key or another role of a source ask for it anew.
"""

from dataclasses import fields
from datetime import date

from django.db.models import Count, Max

from projects.attribution.models import TaggingKey
from projects.sources.models import Delivery, Source
from projects.spend.coverage import TagCoverage, final_window, tag_coverage
from projects.spend.kept_figures import TAG_COVERAGE, remembered
from projects.spend.models import Reattribution


def kept_coverage(*, on: date) -> list[TagCoverage]:
    """Return the coverage of all spend by currency, from memory where nothing that it rests on has changed."""
    parts = [part.name for part in fields(TagCoverage)]
    return remembered(TAG_COVERAGE, parts, _rests_on(on), lambda: tag_coverage(on=on))


def _rests_on(on: date) -> list[object]:
    return [
        *final_window(on=on),
        Delivery.objects.aggregate(last=Max("pk"))["last"],
        Reattribution.objects.aggregate(last=Max("pk"))["last"],
        *TaggingKey.objects.order_by().aggregate(a=Count("pk"), b=Max("set_at"), c=Max("retired_at")).values(),
        sorted(Source.objects.order_by().values_list("role").annotate(Count("pk"), Max("pk"))),
    ]
