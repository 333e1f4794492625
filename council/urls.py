"""Addresses of the product."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("site-admin/", admin.site.urls),
    path("account/", include("allauth.urls")),
    path("", include("projects.urls")),
]

handler500 = "projects.common.views.broken"
