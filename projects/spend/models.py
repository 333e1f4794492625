"""Facts of spend and their rollups. Facts are loaded by COPY and never by the ORM."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from projects.common.fields import ExactField
from projects.common.models import AppendOnly


class SpendFact(models.Model):
    """One charge of one delivery; the table is partitioned by billing month (see the migration)."""

    pk = models.CompositePrimaryKey("part_id", "row_number", "share")
    billing_month = models.DateField()
    part = models.ForeignKey(
        "projects.DeliveryPart", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    row_number = models.BigIntegerField(help_text="Line of the record in the file.")
    share = models.SmallIntegerField(default=0, help_text="Above zero where a rule splits the charge.")
    charge_on = models.DateField(help_text="UTC day of the charge period's start.")
    cost_key = models.ForeignKey(
        "projects.CostKey", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    initiative = models.ForeignKey(
        "projects.Initiative",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )
    rule = models.ForeignKey(
        "projects.AttributionRule",
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        null=True,
        related_name="+",
    )
    currency = models.CharField(max_length=3)
    billed_cost = ExactField()
    effective_cost = ExactField()

    class Meta:
        indexes = (
            BrinIndex(
                name="fact_initiative_day",
                fields=["initiative", "charge_on", "part", "row_number"],
                pages_per_range=16,
            ),
        )

    def __str__(self) -> str:
        return f"{self.part_id} line {self.row_number}"


class SpendDay(models.Model):
    """What a current part says about one group of charges on one day, for one initiative or nobody.

    Nobody looks one up by its id, so the database keeps no index of ids.
    """

    part = models.ForeignKey(
        "projects.DeliveryPart", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    group = models.ForeignKey(
        "projects.CostGroup", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    initiative = models.ForeignKey(
        "projects.Initiative",
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    currency = models.CharField(max_length=3)
    charge_on = models.DateField()
    rows = models.BigIntegerField()
    billed_cost = ExactField()
    effective_cost = ExactField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="spend_day_once",
                fields=["part", "group", "charge_on", "initiative", "currency"],
                nulls_distinct=False,
            ),
        )
        indexes = (
            models.Index(name="spend_day_initiative", fields=["initiative", "charge_on"]),
            BrinIndex(name="spend_day_ranges", fields=["charge_on"], pages_per_range=32),
        )

    def __str__(self) -> str:
        return f"{self.charge_on} {self.effective_cost} {self.currency}"


class SpendMonth(models.Model):
    """The same by calendar month over all current parts."""

    group = models.ForeignKey(
        "projects.CostGroup", on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    initiative = models.ForeignKey(
        "projects.Initiative",
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )
    currency = models.CharField(max_length=3)
    month = models.DateField()
    rows = models.BigIntegerField()
    billed_cost = ExactField()
    effective_cost = ExactField()

    class Meta:
        constraints = (
            models.UniqueConstraint(
                name="spend_month_once", fields=["group", "month", "initiative", "currency"], nulls_distinct=False
            ),
        )
        indexes = (models.Index(name="spend_month_initiative", fields=["initiative", "month"]),)

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.effective_cost} {self.currency}"


class SwitchOff(models.Model):
    """Unclaimed charges of one service in one account that somebody sees to the end of, by a day."""

    source = models.ForeignKey("projects.Source", on_delete=models.PROTECT, related_name="+")
    billing_account = models.TextField(blank=True)
    sub_account = models.TextField(blank=True)
    service = models.TextField(blank=True)
    owner = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    reason = models.CharField(max_length=400)
    marked_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    marked_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, blank=True, choices=[("done", "Switched off"), ("dropped", "Kept on")])
    ended_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("due_on", "pk")
        constraints = (
            models.UniqueConstraint(
                name="switched_off_once",
                fields=["source", "billing_account", "sub_account", "service"],
                condition=Q(ended_at__isnull=True),
            ),
            models.CheckConstraint(
                name="switch_off_ended_whole",
                condition=Q(outcome="", ended_by__isnull=True, ended_at__isnull=True)
                | ~Q(outcome="") & Q(ended_by__isnull=False, ended_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"Switch off {self.service or 'what is charged'} in {self.sub_account or self.billing_account or self.source}"

    @property
    def audit_stream(self) -> str:
        """Return the stream that all switch-offs share."""
        return "spend:switch-offs"

    @property
    def place(self) -> tuple[int, str, str, str]:
        """Return what tells it apart from other switch-offs, as a heap is told apart from others."""
        return self.source_id, self.billing_account, self.sub_account, self.service


class KeptFigures(models.Model):
    """Figures that all processes remember: the table of the cache named "figures", which reads and writes it."""

    cache_key = models.CharField(max_length=255, primary_key=True)
    value = models.TextField()
    expires = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return self.cache_key


class Reattribution(AppendOnly):
    """One time that history was given out again by the rules then in force, and what moved by that."""

    rows = models.BigIntegerField()
    moved = models.JSONField(default=list, help_text="From and to which initiative, with exact sums as text.")
    initiatives = models.JSONField(default=list, help_text="By initiative and month, before and after, as text.")
    closed_rows = models.BigIntegerField(default=0, help_text="Rows of closed months, left as they were.")
    purposes = models.JSONField(default=list, help_text="From and to which purpose by month, exact sums as text.")
    made_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.rows} rows on {self.made_at:%Y-%m-%d}"
