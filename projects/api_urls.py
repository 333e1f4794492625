"""Addresses of the API, version 1."""

from django.urls import URLPattern, URLResolver, path, re_path

from projects.initiatives import api as initiatives
from projects.interface.views import Nothing, Schema
from projects.quality import api as quality
from projects.value import api as value

app_name = "api"
urlpatterns: list[URLPattern | URLResolver] = [
    path("schema", Schema.as_view(), name="schema"),
    path("initiatives", initiatives.Initiatives.as_view(), name="initiatives"),
    path("initiatives/<str:key>", initiatives.OneInitiative.as_view(), name="initiative"),
    path("initiatives/<str:key>/quality-metrics", quality.Metrics.as_view(), name="quality-metrics"),
    path(
        "initiatives/<str:key>/quality-metrics/<int:gate_id>/readings",
        quality.Readings.as_view(),
        name="quality-readings",
    ),
    path("initiatives/<str:key>/quality-readings", quality.ManyReadings.as_view(), name="quality-readings-many"),
    path("initiatives/<str:key>/kpis", value.Kpis.as_view(), name="kpis"),
    path("initiatives/<str:key>/kpis/<int:card_id>/readings", value.KpiReadings.as_view(), name="kpi-readings"),
    path("initiatives/<str:key>/kpi-readings", value.ManyKpiReadings.as_view(), name="kpi-readings-many"),
    re_path(r"^.*$", Nothing.as_view(), name="nothing"),
]
