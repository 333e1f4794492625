"""The projects app."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    """Register the projects' models."""

    name = "projects"
    verbose_name = "Projects"

    def ready(self) -> None:
        """Connect what reacts to the projects' signals, and know every kind of job, so that each goes to its queue."""
        from projects import receivers, tasks  # noqa: F401
