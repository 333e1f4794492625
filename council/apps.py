"""The council app."""

from django.apps import AppConfig


class CouncilConfig(AppConfig):
    """Register the council's models."""

    name = "council"
    verbose_name = "Council"

    def ready(self) -> None:
<<<<<<< HEAD
        """Add the council's verbs to the record and its seats to the roles; give tasks their application."""
        from council.celery import app
=======
        """Add the council's verbs to the record and its seats to the roles."""
        from council.seats.selectors import seat_roles
>>>>>>> 222370b (Seat the council and give escalations their life)
        from council.verbs import VERBS as own
        from projects.people.selectors import add_role_source
        from projects.verbs import VERBS

        VERBS.update(own)
<<<<<<< HEAD
        app.set_default()
=======
        add_role_source(seat_roles)
>>>>>>> 222370b (Seat the council and give escalations their life)
