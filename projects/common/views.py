"""Pages that belong to no concept: the component gallery, the page about the product, the broken page."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET
from structlog.contextvars import get_contextvars

from projects.common import gallery, gallery_room, gallery_rows


@require_GET
def about(request: HttpRequest) -> HttpResponse:
    """Say what the product is, whose ideas and licences it stands on, and which keys it knows."""
    return render(request, "projects/common/about.html")


@login_required
@require_GET
def components(request: HttpRequest) -> HttpResponse:
    """Show every component with its hard cases side by side."""
    shown = gallery_rows.rows() | gallery_room.room() | gallery.charts()
    return render(request, "projects/common/components.html", shown)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer an unexpected failure with a reference number that stands in the log."""
    context = {"reference": get_contextvars().get("request_id", ""), "request": request}
    return HttpResponse(render_to_string("500.html", context), status=500)
