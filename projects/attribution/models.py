"""Rules that give charges to initiatives."""

from django.db import models
from django.db.models import F, Q


class RuleKind(models.TextChoices):
    """What a rule compares, in the order in which kinds take precedence."""

    RESOURCE = "resource", "One resource, by a person"
    INITIATIVE_TAG = "initiative_tag", "A tag that holds the initiative's key"
    TAG = "tag", "Tag"
    RESOURCE_PREFIX = "resource_prefix", "Resources that begin with"
    SUB_ACCOUNT = "sub_account", "Sub-account"
    COST_CENTRE = "cost_centre", "Cost centre"
    BILLING_ACCOUNT = "billing_account", "Billing account or API key"
    SERVICE = "service", "Service or model"


PRECEDENCE = {kind: (number + 1) * 1000 for number, kind in enumerate(RuleKind.values)}


class RuleQuerySet(models.QuerySet["AttributionRule"]):
    """Rules by whether they still bind."""

    def in_force(self) -> "RuleQuerySet":
        """Return the newest version of each rule that was not retired."""
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
            models.UniqueConstraint(
                name="rule_one_version_in_force", fields=["number"], condition=Q(retired_at__isnull=True)
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
                name="rule_names_an_initiative",
                condition=Q(kind="initiative_tag", initiative__isnull=True)
                | ~Q(kind="initiative_tag") & Q(initiative__isnull=False),
            ),
            models.CheckConstraint(
                name="rule_names_a_value", condition=Q(kind="initiative_tag") | ~Q(value="") & ~Q(value__regex=r"^\s*$")
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
