"""Addresses of the projects' pages."""

from django.urls import URLPattern, URLResolver, path

from projects.common import views as common

app_name = "projects"
urlpatterns: list[URLPattern | URLResolver] = [
    path("about/", common.about, name="about"),
    path("setup/components/", common.components, name="components"),
]
