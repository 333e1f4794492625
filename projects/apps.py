"""The projects app."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """Register the projects' models."""

    name = "projects"
    verbose_name = "Projects"
