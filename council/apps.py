"""The council app."""

from django.apps import AppConfig


class CouncilConfig(AppConfig):
    """Register the council's models."""

    name = "council"
    verbose_name = "Council"

    def ready(self) -> None:
        """Add the council's verbs to the record and its seats to the roles; give tasks their application."""
        from council.celery import app
        from council.verbs import VERBS as own
        from projects.verbs import VERBS

        VERBS.update(own)
        app.set_default()
