"""Sources, deliveries and their parts, closed periods, and the distinct things that charges are made for."""

import pgtrigger
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Left

from projects.common.models import AppendOnly


class SourceRole(models.TextChoices):
    """A bill, or a log of the same money."""

    FACT = "fact", "Fact: a bill"
    DETAIL = "detail", "Detail: a log of money that a bill has too"


class SourceScope(models.TextChoices):
    """What a newer delivery replaces."""

    ACCOUNT_PERIOD = "account_period", "Each billing account and billing period"
    PERIOD = "period", "Each billing period"


class Source(models.Model):
    """Whoever delivers: a cloud's export, a gateway, a SaaS bill."""

    name = models.CharField(max_length=100, unique=True)
    role = models.CharField(max_length=6, choices=SourceRole.choices)
    scope = models.CharField(max_length=14, choices=SourceScope.choices)
    lag_days = models.PositiveSmallIntegerField(default=3, help_text="Days until a day's charges are complete.")
    rhythm_days = models.PositiveSmallIntegerField(default=31, help_text="Days between two deliveries.")
    created_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(name="source_named", condition=~Q(name="")),
            models.CheckConstraint(name="source_role_known", condition=Q(role__in=["fact", "detail"])),
            models.CheckConstraint(name="source_scope_known", condition=Q(scope__in=["account_period", "period"])),
        )

    def __str__(self) -> str:
        return self.name


class Delivery(AppendOnly):
    """One file as it was taken in: what it was, what it held, where its evidence lies."""

    key = models.CharField(max_length=12, unique=True)
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="deliveries")
    kind = models.CharField(max_length=40)
    version = models.CharField(max_length=20, blank=True)
    title = models.CharField(max_length=200)
    file_name = models.CharField(max_length=300)
    file_sha256 = models.CharField(max_length=64)
    file_bytes = models.BigIntegerField()
    fingerprint = models.CharField(
        max_length=64, help_text="Of the rows: the same file renamed or packed again has it."
    )
    mapping = models.JSONField(default=dict)
    rows = models.BigIntegerField()
    accepted = models.BigIntegerField()
    refused = models.BigIntegerField(default=0)
    totals = models.JSONField(default=dict, help_text="Exact sums as text, by currency.")
    refused_totals = models.JSONField(default=dict, help_text='Of refused rows; "" stands for no readable currency.')
    good_rows_only = models.BooleanField(default=False, help_text="A person chose to load the good rows of a bad file.")
    notes = models.JSONField(default=list)
    moved = models.JSONField(default=list, help_text="What a restatement changed, by initiative and month.")
    evidence = models.CharField(max_length=200, help_text="Folder under the media root.")
    evidence_sha256 = models.CharField(max_length=64)
    imported_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(name="delivery_rows_add_up", condition=Q(rows=F("accepted") + F("refused"))),
            models.CheckConstraint(name="delivery_refuses_by_choice", condition=Q(refused=0) | Q(good_rows_only=True)),
            models.CheckConstraint(name="delivery_key_form", condition=Q(key__regex=r"^DL-[0-9]{4,}$")),
        )
        indexes = (
            models.Index(name="delivery_file", fields=["file_sha256"]),
            models.Index(name="delivery_fingerprint", fields=["fingerprint"]),
        )

    def __str__(self) -> str:
        return f"{self.key} {self.file_name}"

    @property
    def state(self) -> str:
        """Say whether all, some or none of its parts still count."""
        current = {part.is_current for part in self.parts.all()}
        if current == {True, False}:
            return "partly replaced"
        return "replaced" if current == {False} else "current"


class RefusedRow(AppendOnly):
    """What was wrong in a row that was left out of a delivery by choice; a row may stand here more than once."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="refused_rows")
    line = models.BigIntegerField(null=True, help_text="Physical line where the record starts.")
    column = models.TextField(blank=True)
    value = models.TextField(blank=True)
    reason = models.TextField()

    class Meta(AppendOnly.Meta):
        ordering = ("delivery_id", "id")

    def __str__(self) -> str:
        return f"Line {self.line}: {self.reason}"


class DeliveryPart(models.Model):
    """What a delivery says about one scope; exactly one part of a scope is current."""

    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="parts")
    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="parts")
    billing_account_id = models.TextField(blank=True)
    billing_period_start = models.DateField()
    number = models.PositiveIntegerField()
    rows = models.BigIntegerField()
    totals = models.JSONField(default=dict, help_text="Exact sums as text, by currency.")
    first_day = models.DateField()
    last_day = models.DateField()
    is_current = models.BooleanField(default=True)
    superseded_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="supersedes"
    )

    class Meta:
        ordering = ("delivery_id", "number")
        constraints = (
            models.UniqueConstraint(
                name="one_current_part",
                fields=["source", "billing_account_id", "billing_period_start"],
                condition=Q(is_current=True),
            ),
            models.UniqueConstraint(name="part_number_once", fields=["delivery", "number"]),
            models.CheckConstraint(
                name="part_superseded_whole",
                condition=Q(is_current=True, superseded_by__isnull=True)
                | Q(is_current=False, superseded_by__isnull=False),
            ),
        )
        triggers = (
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
            pgtrigger.ReadOnly(
                name="figures_fixed",
                fields=[
                    "delivery",
                    "source",
                    "billing_account_id",
                    "billing_period_start",
                    "number",
                    "rows",
                    "totals",
                    "first_day",
                    "last_day",
                ],
            ),
        )

    def __str__(self) -> str:
        account = f" of {self.billing_account_id}" if self.billing_account_id else ""
        return f"{self.billing_period_start:%Y-%m-%d}{account}"


class ClosedPeriod(models.Model):
    """A billing month that finance has closed: no delivery changes it until two people reopen it."""

    month = models.DateField()
    closed_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    closed_at = models.DateTimeField()
    reopen_asked_by = models.ForeignKey(
        "projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reopen_asked_at = models.DateTimeField(null=True, blank=True)
    reopened_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    reopen_confirmed_by = models.ForeignKey(
        "projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    reopened_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(blank=True)

    class Meta:
        ordering = ("-month",)
        constraints = (
            models.UniqueConstraint(name="month_closed_once", fields=["month"], condition=Q(reopened_at__isnull=True)),
            models.CheckConstraint(name="closed_month_is_a_first", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="reopening_asked_whole",
                condition=Q(reopen_asked_at__isnull=True, reopen_asked_by__isnull=True)
                | Q(reopen_asked_at__isnull=False, reopen_asked_by__isnull=False) & ~Q(reason=""),
            ),
            models.CheckConstraint(
                name="reopened_by_two",
                condition=Q(reopened_at__isnull=True, reopened_by__isnull=True, reopen_confirmed_by__isnull=True)
                | Q(reopened_at__isnull=False, reopened_by__isnull=False, reopen_confirmed_by__isnull=False)
                & ~Q(reopened_by=F("reopen_confirmed_by")),
            ),
        )

    def __str__(self) -> str:
        return f"{self.month:%B %Y}"


class CostGroup(models.Model):
    """What rollups and pages tell apart: a service of a provider in an account, in one layer and environment, for one purpose."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="+")
    digest = models.UUIDField()
    provider_name = models.TextField(null=True)  # noqa: DJ001  null means that the file says nothing
    service_name = models.TextField(null=True)  # noqa: DJ001
    service_category = models.TextField(null=True)  # noqa: DJ001
    service_subcategory = models.TextField(null=True)  # noqa: DJ001
    billing_account_id = models.TextField(null=True)  # noqa: DJ001
    billing_account_name = models.TextField(null=True)  # noqa: DJ001
    sub_account_id = models.TextField(null=True)  # noqa: DJ001
    sub_account_name = models.TextField(null=True)  # noqa: DJ001
    charge_category = models.TextField(null=True)  # noqa: DJ001
    charge_class = models.TextField(null=True)  # noqa: DJ001
    charge_frequency = models.TextField(null=True)  # noqa: DJ001
    model = models.TextField(null=True)  # noqa: DJ001
    cost_centre = models.TextField(null=True)  # noqa: DJ001
    environment = models.TextField(null=True)  # noqa: DJ001
    layer = models.CharField(max_length=14, help_text="Of a charge that nobody owns.")
    owned_layer = models.CharField(max_length=14, help_text="Of a charge that belongs to an initiative.")
    purpose = models.CharField(
        max_length=12,
        default="unclassified",
        db_default="unclassified",
        help_text="What it is for, by the rules in force; not part of the digest.",
    )

    is_unused = models.BooleanField(
        default=False, db_default=False, help_text="Commitments and capacity bought ahead that nobody used."
    )

    class Meta:
        constraints = (
            models.UniqueConstraint(name="cost_group_once", fields=["source", "digest", "purpose"]),
            models.CheckConstraint(
                name="cost_group_purpose_known",
                condition=Q(
                    purpose__in=[
                        "training",
                        "fine_tuning",
                        "inference",
                        "evaluation",
                        "experiment",
                        "shared",
                        "unclassified",
                    ]
                ),
            ),
        )

    def __str__(self) -> str:
        return f"{self.provider_name} {self.service_name}"


class CostKey(models.Model):
    """One distinct combination of everything that rules look at; attribution is worked out a key, not a row."""

    source = models.ForeignKey(Source, on_delete=models.PROTECT, db_constraint=False, db_index=False, related_name="+")
    digest = models.UUIDField()
    group = models.ForeignKey(CostGroup, on_delete=models.PROTECT, db_constraint=False, related_name="keys")
    resource_id = models.TextField(null=True)  # noqa: DJ001
    resource_type = models.TextField(null=True)  # noqa: DJ001
    api_key_id = models.TextField(null=True)  # noqa: DJ001
    region_id = models.TextField(null=True)  # noqa: DJ001
    sku_meter = models.TextField(null=True)  # noqa: DJ001
    tags = models.JSONField(null=True, help_text="As delivered.")
    tag_index = models.JSONField(default=dict, help_text="The same with comparable keys.")

    class Meta:
        constraints = (models.UniqueConstraint(name="cost_key_once", fields=["source", "digest"]),)
        indexes = (
            models.Index(
                "group", Left("api_key_id", 200), name="cost_key_api_key", condition=Q(api_key_id__isnull=False)
            ),
        )

    def __str__(self) -> str:
        return f"{self.group_id} {self.resource_id or ''}".strip()
