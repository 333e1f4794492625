"""Addresses of the projects' pages."""

from django.urls import URLPattern, URLResolver, path

from projects.common import views as common
from projects.jobs import views as jobs

app_name = "projects"
urlpatterns: list[URLPattern | URLResolver] = [
    path("about/", common.about, name="about"),
    path("setup/components/", common.components, name="components"),
    path("jobs/<int:job_id>/", jobs.job, name="job"),
    path("jobs/<int:job_id>/cancel/", jobs.cancel, name="job-cancel"),
    path("jobs/<int:job_id>/retry/", jobs.retry, name="job-retry"),
]
