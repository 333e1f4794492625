"""Usage by delivery part, initiative, model and day, and the alarms about models that have no price."""

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce

from projects.common.fields import ExactField

COUNTS = (
    "calls",
    "failed_calls",
    "fallback_calls",
    "batch_calls",
    "cached_answers",
    "input_tokens",
    "cached_read_tokens",
    "cached_write_tokens",
    "output_tokens",
    "reasoning_tokens",
    "context_tokens",
    "retries",
    "tool_calls",
)

TOKENS = ("input_tokens", "cached_read_tokens", "cached_write_tokens", "output_tokens", "reasoning_tokens")


class UsageDayQuerySet(models.QuerySet["UsageDay"]):
    """Usage days by whether they count and whose they are."""

    def current(self) -> "UsageDayQuerySet":
        """Return those of parts that no newer delivery replaced; of what initiatives share, the shares."""
        return self.filter(part__is_current=True, is_shared=False)

    def told_once(self) -> "UsageDayQuerySet":
        """Leave out what a bill says where a gateway tells of the same model on the same day for the same initiative."""
        detail = UsageDay.objects.current().filter(
            part__source__role="detail", model=OuterRef("model"), day=OuterRef("day")
        )
        whose = detail.annotate(owner=Coalesce("initiative_id", 0)).filter(owner=Coalesce(OuterRef("initiative_id"), 0))
        return self.filter(Q(part__source__role="detail") | ~Exists(whose))

    def unpriced(self) -> "UsageDayQuerySet":
        """Return those whose computed cost is unknown."""
        return self.filter(computed_cost__isnull=True)


class UsageDay(models.Model):
    """What one part says of one key, model and UTC day; rebuilt with its part, never added to."""

    part = models.ForeignKey("projects.DeliveryPart", on_delete=models.PROTECT, related_name="usage_days")
    initiative = models.ForeignKey(
        "projects.Initiative", on_delete=models.PROTECT, null=True, blank=True, related_name="usage_days"
    )
    cost_key = models.ForeignKey("projects.CostKey", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    is_shared = models.BooleanField(default=False, help_text="Divided: its shares count in its place.")
    shared_of = models.ForeignKey("self", on_delete=models.CASCADE, null=True, blank=True, related_name="shares")
    provider = models.CharField(max_length=200, blank=True)
    model = models.CharField(max_length=300, blank=True)
    version = models.CharField(max_length=120, blank=True)
    day = models.DateField()

    calls = models.BigIntegerField(default=0)
    failed_calls = models.BigIntegerField(default=0)
    fallback_calls = models.BigIntegerField(default=0)
    batch_calls = models.BigIntegerField(default=0)
    cached_answers = models.BigIntegerField(default=0)
    calls_by_type = models.JSONField(default=dict)
    input_tokens = models.BigIntegerField(default=0, help_text="Not cached.")
    cached_read_tokens = models.BigIntegerField(default=0)
    cached_write_tokens = models.BigIntegerField(default=0)
    output_tokens = models.BigIntegerField(default=0, help_text="Without reasoning.")
    reasoning_tokens = models.BigIntegerField(default=0)
    context_tokens = models.BigIntegerField(default=0, help_text="Retrieved context, a part of the input.")
    retries = models.BigIntegerField(default=0)
    tool_calls = models.BigIntegerField(default=0)
    users = models.PositiveIntegerField(null=True, blank=True)

    output_tokens_max = models.BigIntegerField(null=True, blank=True)
    output_limit = models.BigIntegerField(null=True, blank=True)
    calls_over_limit = models.BigIntegerField(null=True, blank=True)
    longest_answers = models.JSONField(
        default=list, help_text="Line in the evidence and output tokens of the longest answers, the longest first."
    )
    iterations_max = models.BigIntegerField(null=True, blank=True, help_text="Most calls of one task.")
    task_tool_calls_max = models.BigIntegerField(null=True, blank=True)
    task_tokens_max = models.BigIntegerField(null=True, blank=True)
    task_seconds_max = models.BigIntegerField(null=True, blank=True)
    latency_p50_ms = models.BigIntegerField(null=True, blank=True)
    latency_p95_ms = models.BigIntegerField(null=True, blank=True)

    currency = models.CharField(max_length=3, blank=True)
    stated_cost = ExactField(help_text="The source's own figure.")
    cost_p95 = ExactField(null=True, blank=True)
    cost_p99 = ExactField(null=True, blank=True)
    computed_cost = ExactField(null=True, blank=True, help_text="By the price of the day; unknown without one.")
    computed_currency = models.CharField(max_length=3, blank=True)
    tier_assumed = models.BooleanField(default=False)
    unpriced_reason = models.TextField(blank=True)
    sheet = models.CharField(max_length=120, blank=True)

    objects = UsageDayQuerySet.as_manager()

    class Meta:
        ordering = ("day", "provider", "model")
        constraints = (
            models.UniqueConstraint(
                name="usage_day_once",
                fields=[
                    "part",
                    "initiative",
                    "cost_key",
                    "provider",
                    "model",
                    "version",
                    "day",
                    "currency",
                    "shared_of",
                ],
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="usage_shared_is_nobodys",
                condition=Q(is_shared=False) | Q(initiative__isnull=True, shared_of__isnull=True),
            ),
            models.CheckConstraint(
                name="usage_counts_not_negative", condition=Q(**{f"{name}__gte": 0 for name in COUNTS})
            ),
            models.CheckConstraint(
                name="usage_cost_known_or_explained",
                condition=Q(computed_cost__isnull=False, unpriced_reason="") & ~Q(computed_currency="")
                | Q(computed_cost__isnull=True, computed_currency="") & ~Q(unpriced_reason=""),
            ),
            models.CheckConstraint(
                name="usage_limit_whole",
                condition=Q(output_limit__isnull=True, calls_over_limit__isnull=True)
                | Q(output_limit__isnull=False, calls_over_limit__isnull=False),
            ),
        )
        indexes = (
            models.Index(name="usage_initiative_day", fields=["initiative", "day"]),
            models.Index(name="usage_model", fields=["provider", "model"]),
        )

    def __str__(self) -> str:
        return f"{self.model} on {self.day}"


class AlarmKind(models.TextChoices):
    """What is wrong with a model that was used."""

    NO_PRICE = "no_price", "No price"
    OUTSIDE_CATALOGUE = "outside_catalogue", "Outside the catalogue"


class AlarmQuerySet(models.QuerySet["UsageAlarm"]):
    """Alarms by whether their cause holds."""

    def open(self) -> "AlarmQuerySet":
        """Return those whose cause holds."""
        return self.filter(cleared_at__isnull=True)


class UsageAlarm(models.Model):
    """A model that was used and has no price, or is not in the catalogue; one open alarm a model and kind."""

    kind = models.CharField(max_length=20, choices=AlarmKind.choices)
    provider = models.CharField(max_length=200, blank=True)
    model = models.CharField(max_length=300, blank=True)
    reason = models.TextField()
    first_day = models.DateField()
    last_day = models.DateField()
    calls = models.BigIntegerField()
    tokens = models.BigIntegerField()
    raised_at = models.DateTimeField()
    cleared_at = models.DateTimeField(null=True, blank=True)

    objects = AlarmQuerySet.as_manager()

    class Meta:
        ordering = ("-tokens", "provider", "model")
        constraints = (
            models.UniqueConstraint(
                name="one_open_usage_alarm",
                fields=["kind", "provider", "model"],
                condition=Q(cleared_at__isnull=True),
            ),
            models.CheckConstraint(name="usage_alarm_days_in_order", condition=Q(last_day__gte=F("first_day"))),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.model or 'unnamed model'} of {self.provider or 'unnamed provider'}"

    @property
    def audit_stream(self) -> str:
        """Return the stream that all usage alarms share."""
        return "usage"
