"""Portfolios that came in, the mappings that read them, and what each row told beyond the initiative's own fields."""

import gzip

from django.db import models
from django.db.models import F, Q

from projects.common.models import AppendOnly
from projects.initiatives.choices import Stage


class PortfolioMapping(models.Model):
    """A mapping under a name, found again by the header it was made for."""

    name = models.CharField(max_length=120, unique=True)
    mapping = models.JSONField(default=dict)
    header_sha256 = models.CharField(max_length=64, blank=True)
    saved_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)
        indexes = (models.Index(name="mapping_of_header", fields=["header_sha256", "saved_at"]),)

    def __str__(self) -> str:
        return self.name


class PortfolioFile(models.Model):
    """The bytes of a file as they came, packed; known by the checksum of the unpacked ones."""

    sha256 = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    size = models.PositiveBigIntegerField()
    packed = models.BinaryField()
    received_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name

    @property
    def content(self) -> bytes:
        """Return the bytes as they were delivered."""
        return gzip.decompress(bytes(self.packed))


class PortfolioUpload(models.Model):
    """A file on its way in: previewed with its mapping, signed by a second person where that is needed, imported."""

    file = models.ForeignKey(PortfolioFile, on_delete=models.PROTECT, related_name="uploads")
    milestones = models.ForeignKey(PortfolioFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    mapping = models.JSONField(default=dict)
    uploaded_by = models.ForeignKey("projects.User", on_delete=models.CASCADE, related_name="+")
    uploaded_at = models.DateTimeField()
    proposed_at = models.DateTimeField(null=True, blank=True, help_text="Since then it waits for a second signature.")
    job = models.ForeignKey("projects.Job", on_delete=models.SET_NULL, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    report = models.JSONField(default=dict)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.file.name


class PortfolioImport(AppendOnly):
    """One import that changed something: whose file, read by which mapping, with every count and refusal."""

    key = models.CharField(max_length=12, unique=True)
    file = models.ForeignKey(PortfolioFile, on_delete=models.PROTECT, related_name="imports")
    milestones = models.ForeignKey(PortfolioFile, on_delete=models.PROTECT, null=True, related_name="+")
    mapping = models.JSONField(default=dict)
    rows = models.PositiveIntegerField()
    accepted = models.PositiveIntegerField()
    merged = models.PositiveIntegerField()
    refused = models.PositiveIntegerField()
    report = models.JSONField()
    opening = models.ForeignKey("projects.OpeningDecision", on_delete=models.PROTECT, null=True, related_name="+")
    imported_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, related_name="+")
    imported_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ("-id",)
        constraints = (
            models.CheckConstraint(
                name="import_loses_no_row", condition=Q(rows=F("accepted") + F("merged") + F("refused"))
            ),
        )

    def __str__(self) -> str:
        return self.key


class ImportedRow(AppendOnly):
    """What a row told about the initiative it became; the stage is the file's, signed or not."""

    portfolio_import = models.ForeignKey(PortfolioImport, on_delete=models.PROTECT, related_name="imported_rows")
    initiative = models.OneToOneField("projects.Initiative", on_delete=models.PROTECT, related_name="imported_row")
    line = models.PositiveIntegerField()
    unit = models.TextField(blank=True)
    stage = models.CharField(max_length=10, choices=Stage.choices)
    stage_label = models.TextField(blank=True)
    owner = models.TextField(blank=True)
    start_on = models.DateField(null=True)
    end_on = models.DateField(null=True)
    budget = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    actual = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    forecast = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    notes = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"line {self.line} of {self.portfolio_import_id}"


class ImportedMilestone(AppendOnly):
    """What a row told about the milestone it became, and the id by which the same row is known again."""

    portfolio_import = models.ForeignKey(PortfolioImport, on_delete=models.PROTECT, related_name="imported_milestones")
    initiative = models.ForeignKey("projects.Initiative", on_delete=models.PROTECT, related_name="imported_milestones")
    milestone = models.OneToOneField("projects.Milestone", on_delete=models.PROTECT, related_name="imported_row")
    external_id = models.CharField(max_length=200)
    line = models.PositiveIntegerField()
    planned_start = models.DateField(null=True)
    due_on = models.DateField()
    finished_on = models.DateField(null=True)
    status = models.TextField(blank=True)
    cost = models.DecimalField(max_digits=18, decimal_places=2, null=True)
    notes = models.JSONField(default=list)

    class Meta(AppendOnly.Meta):
        constraints = (models.UniqueConstraint(name="imported_milestone_once", fields=["initiative", "external_id"]),)

    def __str__(self) -> str:
        return f"line {self.line} of {self.portfolio_import_id}"
