"""What every API view stands on, and the addresses that belong to the API as a whole."""

from collections.abc import Callable
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularJSONAPIView
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from projects.common.clock import now
from projects.interface.fields import StrictSerializer
from projects.interface.services import Call, answer_once
from projects.people.models import User
from projects.people.presence import called_by_token
from projects.tokens.rules import Scope


class ApiView(APIView):
    """A call by token: no act that needs the person's presence gets through, whatever the view calls."""

    writes = Scope.READINGS

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        """Answer with the person counted as absent."""
        with called_by_token():
            return super().dispatch(request, *args, **kwargs)

    def caller(self, request: Request) -> User:
        """Return whose token it is."""
        if not isinstance(request.user, User):
            raise TypeError("An API view needs a caller.")
        return request.user

    def sent(self, request: Request, shape: type[StrictSerializer]) -> dict[str, Any]:
        """Return what was sent in its shape. Raise ValidationError naming each place that is wrong."""
        serializer = shape(data=request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def once(self, request: Request, act: Callable[[], Any], *, status: int = 201) -> Response:
        """Answer with the act, done once for each Idempotency-Key."""
        key = request.headers.get("Idempotency-Key", "").strip()
        call = Call(self.caller(request), key, request.method or "", request.path, request.data)
        answer = answer_once(call, act, status=status, at=now())
        headers = {"Idempotency-Replayed": "true"} if answer.is_repeated else {}
        return Response(answer.body, status=answer.status, headers=headers)


class Nothing(ApiView):
    """Every address of the API that leads nowhere: a problem document, as everywhere in it."""

    authentication_classes = ()
    permission_classes = ()

    @extend_schema(exclude=True)
    def get(self, request: Request, **rest: Any) -> Response:
        """Say that there is nothing."""
        raise Http404

    post = put = patch = delete = get


class Schema(SpectacularJSONAPIView):
    """The API in OpenAPI 3.1; it holds no data, so anybody may read it."""

    authentication_classes = ()
    permission_classes = ()
