"""Know content that was delivered before: by the same source it changes nothing, by another it must be confirmed."""

from typing import Any

from django.db.models import Q, QuerySet

from projects.common.outcomes import Refused
from projects.sources.models import Delivery, Source


class SameContentElsewhere(Refused):
    """Another source delivered the same rows; importing them twice would count them twice."""

    code = "same_content_elsewhere"


def standing_delivery(source: Source, **same: Any) -> Delivery | None:
    """Return a delivery of this source with the same content whose parts all still count."""
    for delivery in source.deliveries.filter(**same).prefetch_related("parts"):
        if delivery.state == "current":
            return delivery
    return None


def same_of_another(source_name: str, *, file_sha256: str, fingerprint: str) -> Delivery | None:
    """Return a delivery of another source that still counts and was the same file, or had the same rows."""
    same = Q(file_sha256=file_sha256) | Q(fingerprint=fingerprint)
    return _of_others(source_name).filter(same).order_by("id").first()


def warning_of(same: Delivery) -> str:
    """Say what importing the content of another source's delivery would do."""
    return f"{same.source} delivered the same content as {same.key}. Counting both counts the money twice."


def unconfirmed(same: Delivery, source: Source) -> SameContentElsewhere:
    """Return the refusal, with the way to confirm."""
    return SameContentElsewhere(
        f"{warning_of(same)} Nothing was imported. If you want it under {source} too, confirm it: on the page by its "
        "box, on the command line with --confirm-same-content."
    )


def _of_others(source_name: str) -> QuerySet[Delivery]:
    counting = Delivery.objects.exclude(source__name=source_name).filter(parts__is_current=True)
    return counting.select_related("source").distinct()
