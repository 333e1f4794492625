"""Addresses of the product."""

from django.contrib import admin
from django.urls import include, path

from council import health

urlpatterns = [
    path("site-admin/", admin.site.urls),
    path("account/", include("allauth.urls")),
    path("health/web/", health.web, name="health-web"),
    path("health/worker/", health.worker, name="health-worker"),
    path("health/scheduler/", health.scheduler, name="health-scheduler"),
    path("", include("projects.urls")),
]

handler500 = "projects.common.views.broken"
