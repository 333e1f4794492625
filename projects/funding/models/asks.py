"""Asks for money, and the dated events that they plan."""

from django.db import models
from django.db.models import F, Q
from django_fsm import transition

from projects.common.fields import StateField
from projects.common.triggers import lawful_states
from projects.funding.choices import REQUEST_MOVES, RequestState
from projects.funding.models.laws import LARGEST, currency_iso


class FundingRequest(models.Model):
    """The money part of a gate request: one next milestone, its least, asked and largest amount, until a last day."""

    request_key = models.CharField(max_length=12, unique=True, help_text="The gate request, such as GR-0127.")
    initiative = models.ForeignKey("projects.Initiative", on_delete=models.PROTECT, related_name="funding_requests")
    state = StateField(max_length=10, choices=RequestState.choices, default=RequestState.DRAFT, protected=True)
    currency = models.CharField(max_length=3)
    minimum = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    ask = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    maximum = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)
    milestone_name = models.CharField(max_length=200, blank=True)
    acceptance_test = models.TextField(blank=True)
    measure = models.CharField(max_length=200, blank=True)
    milestone_due_on = models.DateField(null=True, blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True, help_text="The first day after the money's window.")
    funds_harness = models.BooleanField(default=False, help_text="Part of the ask is for harness lines.")
    carry_unspent = models.BooleanField(default=True)
    revision = models.PositiveIntegerField(default=1)
    saved_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        constraints = (
            currency_iso("ask_currency_iso"),
            models.CheckConstraint(
                name="ask_in_order",
                condition=Q(state__in=["draft", "withdrawn"])
                | Q(minimum__isnull=False, ask__isnull=False, maximum__isnull=False)
                & Q(minimum__gt=0, ask__gte=F("minimum"), maximum__gte=F("ask"), maximum__lt=LARGEST),
            ),
            models.CheckConstraint(
                name="ask_names_one_milestone",
                condition=Q(state__in=["draft", "withdrawn"])
                | Q(milestone_due_on__isnull=False, ends_on__isnull=False)
                & ~Q(milestone_name="")
                & ~Q(acceptance_test=""),
            ),
            models.UniqueConstraint(name="one_open_ask_for_money", fields=["initiative"], condition=Q(state="open")),
        )
        triggers = lawful_states("state", start="draft", moves=REQUEST_MOVES)

    def __str__(self) -> str:
        return f"Funding of {self.request_key}"

    @property
    def audit_stream(self) -> str:
        """Return the initiative's stream."""
        return self.initiative.audit_stream

    @transition(field=state, source=RequestState.DRAFT, target=RequestState.OPEN)
    def open(self) -> None:
        """Ask, together with the gate request."""

    @transition(field=state, source=RequestState.OPEN, target=RequestState.DRAFT)
    def take_back(self) -> None:
        """Return it to the owner with the gate request."""

    @transition(field=state, source=RequestState.OPEN, target=RequestState.DECIDED)
    def decide(self) -> None:
        """End it with the council's decision."""

    @transition(field=state, source=[RequestState.DRAFT, RequestState.OPEN], target=RequestState.WITHDRAWN)
    def withdraw(self) -> None:
        """Give it up."""


class PlannedEvent(models.Model):
    """Something dated that will cost money: a training run, a load test, a migration."""

    request = models.ForeignKey(FundingRequest, on_delete=models.CASCADE, related_name="planned_events")
    on = models.DateField()
    name = models.CharField(max_length=120)
    amount = models.DecimalField(max_digits=18, decimal_places=2)

    class Meta:
        ordering = ("on", "id")
        constraints = (
            models.CheckConstraint(name="planned_event_costs", condition=Q(amount__gt=0, amount__lt=LARGEST)),
        )

    def __str__(self) -> str:
        return self.name
