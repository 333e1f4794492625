"""A made pack: which meeting, which version, for whom, with the hashes that prove it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from projects.common.models import AppendOnly


class Pack(AppendOnly):
    """One PDF with its snapshot; ``left_out`` holds the items that a recused reader does not get."""

    meeting = models.ForeignKey("council.Meeting", on_delete=models.PROTECT, related_name="packs")
    version = models.PositiveSmallIntegerField()
    left_out = ArrayField(models.PositiveSmallIntegerField(), default=list, blank=True)
    snapshot_sha256 = models.CharField(max_length=64)
    snapshot_as = models.CharField(max_length=200, help_text="The compressed page, under the media root.")
    pdf_sha256 = models.CharField(max_length=64)
    pdf_as = models.CharField(max_length=200, help_text="The PDF, under the media root.")
    pages = models.PositiveIntegerField()
    size = models.PositiveBigIntegerField(help_text="Bytes of the PDF.")
    policy_version = models.PositiveIntegerField()
    figures_at = models.DateTimeField()
    heads = models.JSONField(default=list, help_text="Heads of the audit record at the freeze.")
    built_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    built_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ("meeting", "version", "left_out")
        constraints = (
            models.UniqueConstraint(name="pack_version_once", fields=["meeting", "version", "left_out"]),
            models.CheckConstraint(
                name="pack_hash_form",
                condition=Q(snapshot_sha256__regex=r"^[0-9a-f]{64}$", pdf_sha256__regex=r"^[0-9a-f]{64}$"),
            ),
            models.CheckConstraint(name="pack_has_pages", condition=Q(pages__gt=0, size__gt=0)),
        )

    def __str__(self) -> str:
        return f"Review pack {self.meeting.held_on.isoformat()}, version {self.version}"

    @property
    def audit_stream(self) -> str:
        """Return the stream of the meeting."""
        return self.meeting.audit_stream

    @property
    def file_name(self) -> str:
        """Return the name under which the PDF is handed out."""
        without = f"-without-{'-'.join(map(str, self.left_out))}" if self.left_out else ""
        return f"review-pack-{self.meeting.held_on.isoformat()}-v{self.version}{without}.pdf"
