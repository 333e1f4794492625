"""Seats and who holds them."""

from django.db import models
from django.db.models import F, Q

from council.seats.choices import Persona


class Seat(models.Model):
    """One seat of the council."""

    name = models.CharField(max_length=120, unique=True)
    persona = models.CharField(max_length=16, choices=Persona.choices)
    is_voting = models.BooleanField(default=True)
    is_chair = models.BooleanField(default=False)
    is_deputy_chair = models.BooleanField(default=False)
    deputy_of = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="deputies")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ("order", "name")
        constraints = (
            models.UniqueConstraint(name="one_chair", fields=["is_chair"], condition=Q(is_chair=True)),
            models.CheckConstraint(name="chair_is_not_deputy", condition=~Q(is_chair=True, is_deputy_chair=True)),
        )

    def __str__(self) -> str:
        return self.name


class SeatTerm(models.Model):
    """A person's time in a seat, granted by one person and confirmed by another."""

    seat = models.ForeignKey(Seat, on_delete=models.PROTECT, related_name="terms")
    user = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="seat_terms")
    granted_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(name="seat_held_by_one", fields=["seat"], condition=Q(until__isnull=True)),
            models.UniqueConstraint(name="person_holds_one_seat", fields=["user"], condition=Q(until__isnull=True)),
            models.CheckConstraint(name="no_seat_to_oneself", condition=~Q(user=F("granted_by"))),
            models.CheckConstraint(
                name="seat_confirmed_by_another",
                condition=Q(confirmed_by__isnull=True)
                | (~Q(confirmed_by=F("granted_by")) & ~Q(confirmed_by=F("user"))),
            ),
            models.CheckConstraint(
                name="seat_term_ends_after_it_begins", condition=Q(until__isnull=True) | Q(until__gte=F("since"))
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}, {self.seat}"
