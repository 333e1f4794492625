"""Rules that give charges to initiatives, whole or by shares, or say what they are for; the other names that tags use."""

from decimal import Decimal

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from projects.common.fields import ExactField
from projects.common.models import AppendOnly


class RuleKind(models.TextChoices):
    """What a rule compares, in the order in which kinds take precedence."""

    CHARGE = "charge", "Charges exactly like one, by a person"
    RESOURCE = "resource", "One resource, by a person"
    INITIATIVE_TAG = "initiative_tag", "A tag that holds the initiative's key"
    TAG = "tag", "Tag"
    RESOURCE_PREFIX = "resource_prefix", "Resources that begin with"
    SUB_ACCOUNT = "sub_account", "Sub-account"
    COST_CENTRE = "cost_centre", "Cost centre"
    BILLING_ACCOUNT = "billing_account", "Billing account or API key"
    SERVICE = "service", "Service or model"


PRECEDENCE = {kind: number * 1000 for number, kind in enumerate(RuleKind.values)}
OVERRIDES = (RuleKind.CHARGE, RuleKind.RESOURCE)


class Basis(models.TextChoices):
    """Who receives what a rule takes, one initiative or several by shares; or that it says what the charges are for."""

    WHOLE = "whole", "One initiative"
    FIXED = "fixed", "Fixed shares"
    DIRECT_COST = "direct_cost", "In proportion to each one's own cost in the month"
    TOKENS = "tokens", "By tokens used in the month"
    CALLS = "calls", "By calls made in the month"
    DETAIL = "detail", "By gateway detail"
    PURPOSE = "purpose", "Nobody: says what it is for"


class Purpose(models.TextChoices):
    """What charges are for; unclassified is unknown, never a guess."""

    TRAINING = "training", "Training"
    FINE_TUNING = "fine_tuning", "Fine-tuning"
    INFERENCE = "inference", "Inference"
    EVALUATION = "evaluation", "Evaluation"
    EXPERIMENT = "experiment", "Experiment"
    SHARED = "shared", "Shared"
    UNCLASSIFIED = "unclassified", "Unclassified"


UNCLASSIFIED = Purpose.UNCLASSIFIED.value
MEASURED = (Basis.DIRECT_COST, Basis.TOKENS, Basis.CALLS)


class DetailAccount(models.TextChoices):
    """Which account has to be the same in a bill and in the log that splits it."""

    ANY = "", "Accounts need not agree"
    SUB_ACCOUNT = "sub_account", "The same sub-account, project or workspace"
    API_KEY = "api_key", "The same API key"


class RuleQuerySet(models.QuerySet["AttributionRule"]):
    """Rules by whether they still bind."""

    def in_force(self) -> "RuleQuerySet":
        """Return the versions that were not retired; those of one rule share no day."""
        return self.filter(retired_at__isnull=True)


class AttributionRule(models.Model):
    """One version of a rule: what it compares, for which charge days, and whose the charge is."""

    number = models.PositiveIntegerField(help_text="Spoken as rule 12; versions share it.")
    version = models.PositiveIntegerField(default=1)
    kind = models.CharField(max_length=16, choices=RuleKind.choices)
    position = models.PositiveIntegerField(help_text="The lowest that matches wins.")
    tag_key = models.CharField(max_length=200, blank=True, help_text="As compared: lower case, no hyphens or spaces.")
    value = models.CharField(max_length=500, blank=True, help_text="For services a pattern with * for any text.")
    source = models.ForeignKey("projects.Source", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    initiative = models.ForeignKey(
        "projects.Initiative", on_delete=models.PROTECT, null=True, blank=True, related_name="attribution_rules"
    )
    basis = models.CharField(max_length=12, choices=Basis.choices, default=Basis.WHOLE)
    purpose = models.CharField(
        max_length=12, blank=True, choices=Purpose.choices, help_text="What the charges are for, where it says that."
    )
    detail = models.ForeignKey(
        "projects.Source",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="splits",
        help_text="The log that splits what the rule takes.",
    )
    detail_provider = models.CharField(
        max_length=200, blank=True, help_text="As the log writes it, with * for any text; empty means all of the log."
    )
    detail_by_month = models.BooleanField(default=False, help_text="Else day by day.")
    detail_by_model = models.BooleanField(default=False)
    detail_account = models.CharField(
        max_length=12, blank=True, choices=DetailAccount.choices, default=DetailAccount.ANY
    )
    cost_key = models.ForeignKey(
        "projects.CostKey", on_delete=models.PROTECT, null=True, blank=True, db_constraint=False, related_name="+"
    )
    starts_on = models.DateField(null=True, blank=True, help_text="First charge day; empty means always.")
    ends_on = models.DateField(null=True, blank=True, help_text="First charge day that is no longer taken.")
    note = models.TextField(blank=True)
    made_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)

    objects = RuleQuerySet.as_manager()

    class Meta:
        ordering = ("position", "number", "version")
        constraints = (
            models.UniqueConstraint(name="rule_version_once", fields=["number", "version"]),
            ExclusionConstraint(
                name="rule_one_version_a_day",
                expressions=[
                    ("number", RangeOperators.EQUAL),
                    (Func("starts_on", "ends_on", function="daterange"), RangeOperators.OVERLAPS),
                ],
                condition=Q(retired_at__isnull=True),
            ),
            models.CheckConstraint(
                name="rule_retired_whole",
                condition=Q(retired_at__isnull=True, retired_by__isnull=True)
                | Q(retired_at__isnull=False, retired_by__isnull=False),
            ),
            models.CheckConstraint(
                name="rule_days_in_order",
                condition=Q(starts_on__isnull=True) | Q(ends_on__isnull=True) | Q(ends_on__gt=F("starts_on")),
            ),
            models.CheckConstraint(
                name="rule_names_who_receives",
                condition=Q(kind="initiative_tag", basis="whole", initiative__isnull=True)
                | ~Q(kind="initiative_tag") & Q(basis="whole", initiative__isnull=False)
                | ~Q(kind="initiative_tag") & ~Q(basis="whole") & Q(initiative__isnull=True),
            ),
            models.CheckConstraint(
                name="rule_basis_known",
                condition=Q(basis__in=["whole", "fixed", "direct_cost", "tokens", "calls", "detail", "purpose"]),
            ),
            models.CheckConstraint(
                name="rule_says_a_purpose",
                condition=Q(
                    basis="purpose",
                    purpose__in=["training", "fine_tuning", "inference", "evaluation", "experiment", "shared"],
                    starts_on__isnull=True,
                    ends_on__isnull=True,
                )
                & ~Q(kind__in=["charge", "initiative_tag"])
                | ~Q(basis="purpose") & Q(purpose=""),
            ),
            models.CheckConstraint(
                name="rule_names_its_detail",
                condition=Q(basis="detail", detail__isnull=False, source__isnull=False) & ~Q(detail=F("source"))
                | ~Q(basis="detail")
                & Q(
                    detail__isnull=True,
                    detail_provider="",
                    detail_by_month=False,
                    detail_by_model=False,
                    detail_account="",
                ),
            ),
            models.CheckConstraint(
                name="rule_names_a_charge",
                condition=Q(kind="charge", cost_key__isnull=False) | ~Q(kind="charge") & Q(cost_key__isnull=True),
            ),
            models.CheckConstraint(
                name="rule_names_a_value",
                condition=Q(kind__in=["initiative_tag", "charge"]) | ~Q(value="") & ~Q(value__regex=r"^\s*$"),
            ),
            models.CheckConstraint(
                name="rule_tag_has_a_key", condition=Q(kind="tag") & ~Q(tag_key="") | ~Q(kind="tag") & Q(tag_key="")
            ),
        )

    def __str__(self) -> str:
        what = f"{self.get_kind_display()} {self.tag_key}".strip()
        return f"Rule {self.number}: {what} {self.value}".strip()

    @property
    def audit_stream(self) -> str:
        """Return the stream that all versions of a rule share."""
        return f"attribution:{self.number}"

    @property
    def is_override(self) -> bool:
        """Say whether a person gave away charges by name, before any rule."""
        return self.kind in OVERRIDES

    @property
    def is_standing(self) -> bool:
        """Say whether it stands in every organisation and cannot be changed."""
        return self.kind == RuleKind.INITIATIVE_TAG

    @property
    def is_of_purpose(self) -> bool:
        """Say whether it says what charges are for, and gives them to nobody."""
        return self.basis == Basis.PURPOSE

    @property
    def is_by_detail(self) -> bool:
        """Say whether a log decides who receives."""
        return self.basis == Basis.DETAIL


class RuleShare(AppendOnly):
    """Who takes part in what a rule splits; the percent of fixed shares. The last one takes the rest."""

    rule = models.ForeignKey(AttributionRule, on_delete=models.PROTECT, related_name="shares")
    ordinal = models.PositiveSmallIntegerField()
    initiative = models.ForeignKey("projects.Initiative", on_delete=models.PROTECT, related_name="+")
    percent = ExactField(null=True, blank=True)

    class Meta(AppendOnly.Meta):
        ordering = ("rule", "ordinal")
        constraints = (
            models.UniqueConstraint(name="rule_share_once", fields=["rule", "ordinal"]),
            models.UniqueConstraint(name="rule_shares_an_initiative_once", fields=["rule", "initiative"]),
            models.CheckConstraint(
                name="rule_share_is_a_part", condition=Q(percent__isnull=True) | Q(percent__gt=0, percent__lt=100)
            ),
        )

    def __str__(self) -> str:
        return f"{self.rule}: share {self.ordinal + 1}"


class SplitMeasure(models.Model):
    """What was measured of one participant in a month; holds until the next month that was measured."""

    rule = models.ForeignKey(AttributionRule, on_delete=models.PROTECT, related_name="measures")
    month = models.DateField()
    ordinal = models.PositiveSmallIntegerField()
    initiative = models.ForeignKey("projects.Initiative", on_delete=models.PROTECT, related_name="+")
    weight = ExactField()

    class Meta:
        ordering = ("rule", "month", "ordinal")
        constraints = (
            models.UniqueConstraint(name="split_measured_once", fields=["rule", "month", "ordinal"]),
            models.CheckConstraint(name="split_weight_positive", condition=Q(weight__gt=0)),
            models.CheckConstraint(name="split_month_is_a_first", condition=Q(month__day=1)),
        )

    def __str__(self) -> str:
        return f"{self.rule} {self.month:%Y-%m}: {self.weight}"


class DetailCover(models.Model):
    """How much of a month's bill a log covers where a rule splits the one by the other."""

    rule = models.ForeignKey(AttributionRule, on_delete=models.PROTECT, related_name="covers")
    month = models.DateField()
    currency = models.CharField(max_length=3)
    provider = models.TextField(blank=True, help_text="As the bill writes it; empty where the rule takes several.")
    billed = ExactField(help_text="Effective cost of what the rule takes.")
    logged = ExactField(null=True, blank=True, help_text="What the log says it cost; empty where it names no cost.")
    covered = ExactField(help_text="Of the bill, what has detail: never more than the bill.")

    class Meta:
        ordering = ("-month", "rule", "currency")
        constraints = (
            models.UniqueConstraint(name="detail_covered_once", fields=["rule", "month", "currency"]),
            models.CheckConstraint(name="detail_month_is_a_first", condition=Q(month__day=1)),
            models.CheckConstraint(name="detail_covers_no_debt", condition=Q(covered__gte=0)),
        )

    def __str__(self) -> str:
        return f"{self.rule} {self.month:%Y-%m}: {self.covered} of {self.billed} {self.currency}"

    @property
    def uncovered(self) -> Decimal:
        """Return what of the bill has no detail and stays where other rules put it."""
        rest: Decimal = self.billed - self.covered
        return rest

    @property
    def difference(self) -> Decimal | None:
        """Return bill less log; None where the log names no cost or no bill has come."""
        return None if self.logged is None or not self.billed else self.billed - self.logged


class TagAlias(models.Model):
    """Another name for a tag's value: what carries the alias is compared as if it carried the value."""

    tag_key = models.CharField(max_length=200, blank=True, help_text="As compared; empty means any key.")
    alias = models.CharField(max_length=500)
    value = models.CharField(max_length=500)
    made_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    retired_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("tag_key", "alias")
        constraints = (
            models.UniqueConstraint(
                name="alias_once", fields=["tag_key", "alias"], condition=Q(retired_at__isnull=True)
            ),
            models.CheckConstraint(name="alias_differs", condition=~Q(alias=F("value")) & ~Q(alias="") & ~Q(value="")),
            models.CheckConstraint(
                name="alias_retired_whole",
                condition=Q(retired_at__isnull=True, retired_by__isnull=True)
                | Q(retired_at__isnull=False, retired_by__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.alias} means {self.value}"

    @property
    def audit_stream(self) -> str:
        """Return the stream that all aliases share."""
        return "attribution:aliases"


class Carrier(models.TextChoices):
    """What may carry a mandatory key beside a tag of its name: a column of the bill, or the rule that gave the charge."""

    TAG = "tag", "A tag only"
    ATTRIBUTION = "attribution", "A tag, or the rule that gives the charge to an initiative"
    PROVIDER = "provider_name", "A tag, or the provider's name"
    SERVICE = "service_name", "A tag, or the service's name"
    MODEL = "model", "A tag, or the model's name"
    COST_CENTRE = "cost_centre", "A tag, or the cost centre"
    ENVIRONMENT = "environment", "A tag, or the environment"
    SUB_ACCOUNT = "sub_account_name", "A tag, or the sub-account's name"
    ACCOUNT = "billing_account_name", "A tag, or the billing account's name"


class TaggingKey(models.Model):
    """One mandatory key of the tagging schema: what carries it, which values it may have, which sources are exempt."""

    title = models.CharField(max_length=80)
    tag_key = models.CharField(max_length=200, help_text="As compared: lower case, no hyphens or spaces.")
    other_keys = models.JSONField(default=list, help_text="Other tags that carry it, as compared.")
    carrier = models.CharField(max_length=24, choices=Carrier.choices, default=Carrier.TAG)
    allowed = models.JSONField(default=list, help_text="Lower case; empty means any value.")
    exempt = models.ManyToManyField("projects.Source", related_name="+", blank=True)
    set_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, related_name="+")
    set_at = models.DateTimeField(null=True)
    retired_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(name="tagging_key_once", fields=["tag_key"], condition=Q(retired_at__isnull=True)),
            models.CheckConstraint(name="tagging_key_named", condition=~Q(tag_key="") & ~Q(title="")),
            models.CheckConstraint(
                name="tagging_key_retired_whole",
                condition=Q(retired_at__isnull=True, retired_by__isnull=True)
                | Q(retired_at__isnull=False, retired_by__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def audit_stream(self) -> str:
        """Return the stream that the whole schema shares."""
        return "attribution:schema"
