"""The projects app."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """Register the projects' models."""

    name = "projects"
    verbose_name = "Projects"

    def ready(self) -> None:
        """Connect what reacts to the projects' signals."""
        from projects import receivers  # noqa: F401
