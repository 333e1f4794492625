"""Read estimates."""

from collections.abc import Collection

from projects.estimates.models import Estimate
from projects.initiatives.models import Initiative


def latest_estimates(initiative_ids: Collection[int]) -> dict[int, Estimate]:
    """Return the newest version of each initiative that has one, with its lines at hand; two queries for any number."""
    newest = Estimate.objects.filter(initiative_id__in=initiative_ids).order_by("initiative_id", "-version")
    return {row.initiative_id: row for row in newest.distinct("initiative_id").prefetch_related("lines")}


def latest_estimate(initiative: Initiative) -> Estimate | None:
    """Return the newest version with its lines at hand, or None where nothing was estimated yet."""
    return initiative.estimates.prefetch_related("lines").order_by("-version").first()
