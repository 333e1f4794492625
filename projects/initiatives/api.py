"""Initiatives over the API, and the view that everything of one initiative stands on."""

from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.initiatives.choices import Condition, Stage
from projects.initiatives.models import Initiative
from projects.interface.fields import StrictSerializer
from projects.interface.paging import page
from projects.interface.views import ApiView

PAGING = [
    OpenApiParameter("after", int, description="The id of the last row you have; the list goes on after it."),
    OpenApiParameter("limit", int, description="Rows in one page, 1 to 200, usually 100."),
]
IDEMPOTENCY = OpenApiParameter(
    "Idempotency-Key",
    str,
    OpenApiParameter.HEADER,
    description="Up to 200 letters. The same call under the same key is done once and answered the same for a week.",
)


class InitiativeShape(StrictSerializer):
    """One initiative."""

    id = serializers.IntegerField()
    key = serializers.CharField()
    name = serializers.CharField()
    stage = serializers.ChoiceField(Stage.choices)
    condition = serializers.ChoiceField(Condition.choices)
    currency = serializers.CharField()


class InitiativesPage(StrictSerializer):
    """A page of initiatives."""

    items = InitiativeShape(many=True)
    next = serializers.CharField(allow_null=True)


class ProblemShape(StrictSerializer):
    """Why a call was stopped (RFC 9457)."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    code = serializers.CharField()
    blockers = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))


STOPPED = {(number, "application/problem+json"): ProblemShape for number in (401, 403, 404, 422, 429)}
STOPPED_WRITE = STOPPED | {(number, "application/problem+json"): ProblemShape for number in (400, 409, 413, 415)}


def shown(initiative: Initiative) -> dict[str, Any]:
    """Return one initiative as it is answered."""
    return {
        "id": initiative.pk,
        "key": initiative.key,
        "name": initiative.name,
        "stage": initiative.stage,
        "condition": initiative.condition,
        "currency": initiative.currency,
    }


class Initiatives(ApiView):
    """The initiatives that the caller may read."""

    @extend_schema(operation_id="list_initiatives", parameters=PAGING, responses={200: InitiativesPage} | STOPPED)
    def get(self, request: Request) -> Response:
        """List initiatives in the order of their ids."""
        rows = Initiative.objects.visible_to(self.caller(request))
        return Response(page(request, rows, shown))


class InitiativeView(ApiView):
    """Something of one initiative: whoever may not see it finds nothing."""

    def initiative(self, request: Request, key: str) -> Initiative:
        """Return the initiative. Raise Http404 for a stranger as for a key that nobody has."""
        return get_object_or_404(Initiative.objects.visible_to(self.caller(request)), key=key)


class OneInitiative(InitiativeView):
    """One initiative."""

    @extend_schema(operation_id="read_initiative", responses={200: InitiativeShape} | STOPPED)
    def get(self, request: Request, key: str) -> Response:
        """Read an initiative."""
        return Response(shown(self.initiative(request, key)))
