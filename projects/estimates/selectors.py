"""Read estimates."""

from projects.estimates.models import Estimate
from projects.initiatives.models import Initiative


def latest_estimate(initiative: Initiative) -> Estimate | None:
    """Return the newest version with its lines at hand, or None where nothing was estimated yet."""
    return initiative.estimates.prefetch_related("lines").order_by("-version").first()
