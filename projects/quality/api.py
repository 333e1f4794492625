"""Quality metrics and their readings over the API."""

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
from projects.quality import services
from projects.quality.models import Direction, QualityGate, QualityKind, QualityReading
from projects.quality.reading_files import imports_quality, keep_quality_rows


class MetricShape(StrictSerializer):
    """One metric that is watched, with the threshold it must keep to."""

    id = serializers.IntegerField()
    metric = serializers.CharField()
    kind = serializers.ChoiceField(QualityKind.choices)
    unit = serializers.CharField()
    direction = serializers.ChoiceField(Direction.choices)
    threshold = serializers.DecimalField(max_digits=20, decimal_places=6)
    cadence_days = serializers.IntegerField()


class MetricsPage(StrictSerializer):
    """A page of metrics."""

    items = MetricShape(many=True)
    next = serializers.CharField(allow_null=True)


class ReadingIn(StrictSerializer):
    """One figure for one day."""

    day = Day()
    value = Figure()
    source = LineOfText(max_length=200)  # type: ignore[assignment]
    evidence = LineOfText(lines=True, max_length=4000, required=False, allow_blank=True, default="")


class QualityReadingShape(StrictSerializer):
    """One reading."""

    id = serializers.IntegerField()
    day = serializers.DateField()
    value = serializers.DecimalField(max_digits=20, decimal_places=6)
    source = serializers.CharField()  # type: ignore[assignment]
    evidence_sha256 = serializers.CharField(allow_blank=True)
    is_imported = serializers.BooleanField()
    is_proven = serializers.BooleanField()
    entered_by = serializers.CharField()
    entered_at = serializers.DateTimeField()


class QualityReadingsPage(StrictSerializer):
    """A page of readings."""

    items = QualityReadingShape(many=True)
    next = serializers.CharField(allow_null=True)


class NamedReadingIn(StrictSerializer):
    """One figure of a metric for one day."""

    metric = LineOfText(max_length=120)
    day = Day()
    value = Figure()
    source = LineOfText(max_length=200)  # type: ignore[assignment]


class ReadingsIn(StrictSerializer):
    """Readings that are kept together or not at all."""

    readings = serializers.ListField(child=NamedReadingIn(), min_length=1, max_length=MOST_ROWS)


class KeptShape(StrictSerializer):
    """What became of readings: new ones, ones known already, and whether they count as imported."""

    new = serializers.IntegerField()
    known = serializers.IntegerField()
    is_imported = serializers.BooleanField()


def shown(reading: QualityReading) -> dict[str, Any]:
    """Return one reading as it is answered."""
    return {
        "id": reading.pk,
        "day": reading.read_on,
        "value": reading.value,
        "source": reading.source,
        "evidence_sha256": reading.evidence_hash,
        "is_imported": reading.is_imported,
        "is_proven": reading.is_proven,
        "entered_by": str(reading.entered_by),
        "entered_at": reading.entered_at,
    }


def _metric(gate: QualityGate) -> dict[str, Any]:
    return {
        "id": gate.pk,
        "metric": gate.metric,
        "kind": gate.kind,
        "unit": gate.unit,
        "direction": gate.direction,
        "threshold": gate.threshold,
        "cadence_days": gate.cadence_days,
    }


class Metrics(InitiativeView):
    """The quality metrics of an initiative."""

    @extend_schema(operation_id="list_quality_metrics", parameters=PAGING, responses={200: MetricsPage} | STOPPED)
    def get(self, request: Request, key: str) -> Response:
        """List the metrics that are watched now."""
        gates = self.initiative(request, key).quality_gates.filter(retired_at__isnull=True)
        return Response(page(request, gates, _metric))


class Readings(InitiativeView):
    """The readings of one metric."""

    @extend_schema(
        operation_id="list_quality_readings", parameters=PAGING, responses={200: QualityReadingsPage} | STOPPED
    )
    def get(self, request: Request, key: str, gate_id: int) -> Response:
        """List readings in the order in which they were entered."""
        gate = self._gate(request, key, gate_id)
        return Response(page(request, gate.readings.select_related("entered_by"), shown))

    @extend_schema(
        operation_id="enter_quality_reading",
        parameters=[IDEMPOTENCY],
        request=ReadingIn,
        responses={201: QualityReadingShape} | STOPPED_WRITE,
    )
    def post(self, request: Request, key: str, gate_id: int) -> Response:
        """Enter one reading; finance without an interest in the initiative enters it as imported."""
        gate, by = self._gate(request, key, gate_id), self.caller(request)
        sent = self.sent(request, ReadingIn)

        def enter() -> dict[str, Any]:
            reading = services.record_quality_reading(
                gate_id=gate.pk,
                value=sent["value"],
                read_on=sent["day"],
                source=sent["source"],
                evidence=sent["evidence"],
                is_imported=imports_quality(by, gate.initiative),
                by=by,
                at=now(),
            )
            return shown(reading)

        return self.once(request, enter)

    def _gate(self, request: Request, key: str, gate_id: int) -> QualityGate:
        gates = QualityGate.objects.select_related("initiative")
        return get_object_or_404(gates, pk=gate_id, initiative=self.initiative(request, key))


class ManyReadings(InitiativeView):
    """Readings of several metrics at once."""

    @extend_schema(
        operation_id="enter_quality_readings",
        parameters=[IDEMPOTENCY],
        request=ReadingsIn,
        responses={201: KeptShape} | STOPPED_WRITE,
    )
    def post(self, request: Request, key: str) -> Response:
        """Enter up to 2,000 readings in one act: all or none; those that are here already stay as they are."""
        initiative, by = self.initiative(request, key), self.caller(request)
        sent = self.sent(request, ReadingsIn)["readings"]
        rows = [Row(number, {name: str(value) for name, value in one.items()}) for number, one in enumerate(sent, 1)]

        def enter() -> dict[str, Any]:
            kept = keep_quality_rows(initiative_id=initiative.pk, rows=rows, by=by, at=now())
            return {"new": kept.new, "known": kept.known, "is_imported": kept.is_imported}

        return self.once(request, enter)
