"""KPI cards and their readings over the API."""

from datetime import timedelta
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.common.clock import now
from projects.common.small_tables import MOST_ROWS, Row
from projects.initiatives.api import IDEMPOTENCY, PAGING, STOPPED, STOPPED_WRITE, InitiativeView
from projects.interface.fields import Day, Figure, LineOfText, StrictSerializer
from projects.interface.paging import page
from projects.quality.api import KeptShape
from projects.value import services
from projects.value.models import Direction, KpiCard, KpiReading, ReadingSource
from projects.value.reading_files import keep_kpi_rows


class KpiShape(StrictSerializer):
    """One KPI card."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    unit = serializers.CharField()
    direction = serializers.ChoiceField(Direction.choices)
    baseline = serializers.DecimalField(max_digits=24, decimal_places=6, allow_null=True)
    target = serializers.DecimalField(max_digits=24, decimal_places=6, allow_null=True)
    floor = serializers.DecimalField(max_digits=24, decimal_places=6, allow_null=True)
    ceiling = serializers.DecimalField(max_digits=24, decimal_places=6, allow_null=True)
    cadence = serializers.CharField()


class KpisPage(StrictSerializer):
    """A page of KPI cards."""

    items = KpiShape(many=True)
    next = serializers.CharField(allow_null=True)


class KpiReadingIn(StrictSerializer):
    """The figure of one period, both days included; numerator and denominator where it is a division."""

    first_day = Day()
    last_day = Day()
    value = Figure()
    numerator = Figure(required=False, allow_null=True, default=None)
    denominator = Figure(required=False, allow_null=True, default=None)
    note = LineOfText(lines=True, max_length=400, required=False, allow_blank=True, default="")


class NamedKpiReadingIn(KpiReadingIn):
    """The figure of one period of a KPI."""

    kpi = LineOfText(max_length=200)


class KpiReadingsIn(StrictSerializer):
    """Readings that are kept together or not at all."""

    readings = serializers.ListField(child=NamedKpiReadingIn(), min_length=1, max_length=MOST_ROWS)


class KpiReadingShape(StrictSerializer):
    """One reading."""

    id = serializers.IntegerField()
    first_day = serializers.DateField()
    last_day = serializers.DateField()
    value = serializers.DecimalField(max_digits=24, decimal_places=6)
    numerator = serializers.DecimalField(max_digits=24, decimal_places=6, allow_null=True)
    denominator = serializers.DecimalField(max_digits=24, decimal_places=6, allow_null=True)
    note = serializers.CharField(allow_blank=True)
    source = serializers.ChoiceField(ReadingSource.choices)  # type: ignore[assignment]
    is_proving = serializers.BooleanField()
    recorded_at = serializers.DateTimeField()


class KpiReadingsPage(StrictSerializer):
    """A page of readings."""

    items = KpiReadingShape(many=True)
    next = serializers.CharField(allow_null=True)


def shown(reading: KpiReading) -> dict[str, Any]:
    """Return one reading as it is answered."""
    return {
        "id": reading.pk,
        "first_day": reading.period_start,
        "last_day": reading.last_day,
        "value": reading.value,
        "numerator": reading.numerator,
        "denominator": reading.denominator,
        "note": reading.note,
        "source": reading.source,
        "is_proving": reading.is_proving,
        "recorded_at": reading.recorded_at,
    }


def _card(card: KpiCard) -> dict[str, Any]:
    return {
        "id": card.pk,
        "name": card.name,
        "unit": card.unit,
        "direction": card.direction,
        "baseline": card.baseline,
        "target": card.target,
        "floor": card.floor,
        "ceiling": card.ceiling,
        "cadence": card.cadence,
    }


class Kpis(InitiativeView):
    """The KPI cards of an initiative."""

    @extend_schema(operation_id="list_kpis", parameters=PAGING, responses={200: KpisPage} | STOPPED)
    def get(self, request: Request, key: str) -> Response:
        """List the cards."""
        return Response(page(request, self.initiative(request, key).kpis.all(), _card))


class KpiReadings(InitiativeView):
    """The readings of one KPI."""

    @extend_schema(operation_id="list_kpi_readings", parameters=PAGING, responses={200: KpiReadingsPage} | STOPPED)
    def get(self, request: Request, key: str, card_id: int) -> Response:
        """List readings in the order in which they were entered; of one period the last one counts."""
        return Response(page(request, self._found(request, key, card_id).readings.all(), shown))

    @extend_schema(
        operation_id="enter_kpi_reading",
        parameters=[IDEMPOTENCY],
        request=KpiReadingIn,
        responses={201: KpiReadingShape} | STOPPED_WRITE,
    )
    def post(self, request: Request, key: str, card_id: int) -> Response:
        """Enter the figure of a period; finance without an interest in the initiative enters it as imported."""
        card, by = self._found(request, key, card_id), self.caller(request)
        reading = _reading(self.sent(request, KpiReadingIn))
        keep = services.import_kpi_reading if services.may_import(by, card.initiative) else services.record_kpi_reading
        return self.once(request, lambda: shown(keep(card_id=card.pk, reading=reading, by=by, at=now())))

    def _found(self, request: Request, key: str, card_id: int) -> KpiCard:
        cards = KpiCard.objects.select_related("initiative")
        return get_object_or_404(cards, pk=card_id, initiative=self.initiative(request, key))


class ManyKpiReadings(InitiativeView):
    """Readings of several KPIs at once."""

    @extend_schema(
        operation_id="enter_kpi_readings",
        parameters=[IDEMPOTENCY],
        request=KpiReadingsIn,
        responses={201: KeptShape} | STOPPED_WRITE,
    )
    def post(self, request: Request, key: str) -> Response:
        """Enter up to 2,000 readings in one act: all or none; those that are here already stay as they are."""
        initiative, by = self.initiative(request, key), self.caller(request)
        sent = self.sent(request, KpiReadingsIn)["readings"]
        rows = [_row(number, one) for number, one in enumerate(sent, 1)]

        def enter() -> dict[str, Any]:
            kept = keep_kpi_rows(initiative_id=initiative.pk, rows=rows, by=by, at=now())
            return {"new": kept.new, "known": kept.known, "is_imported": kept.is_imported}

        return self.once(request, enter)


def _reading(sent: dict[str, Any]) -> services.Reading:
    end = sent["last_day"] + timedelta(days=1)
    return services.Reading(sent["first_day"], end, sent["value"], sent["numerator"], sent["denominator"], sent["note"])


def _row(number: int, sent: dict[str, Any]) -> Row:
    columns = {"measure": "kpi", "from": "first_day", "to": "last_day"}
    names = ("measure", "from", "to", "value", "numerator", "denominator", "note")
    values = {name: sent[columns.get(name, name)] for name in names}
    return Row(number, {name: "" if value is None else str(value) for name, value in values.items()})
