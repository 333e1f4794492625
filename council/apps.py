"""The council app."""

from django.apps import AppConfig


class CouncilConfig(AppConfig):
    """Register the council's models."""

    name = "council"
    verbose_name = "Council"

    def ready(self) -> None:
        """Add the council's verbs to the record and its seats to the roles; connect what reacts."""
        from council import receivers  # noqa: F401
        from council.celery import app
        from council.decisions.restated import frozen_figures
        from council.seats.selectors import seat_roles
        from council.verbs import VERBS as own
        from projects.people.selectors import add_role_source
        from projects.spend.restatements import add_frozen_source
        from projects.verbs import VERBS

        VERBS.update(own)
        add_role_source(seat_roles)
        add_frozen_source(frozen_figures)
        app.set_default()
