"""Signed lists and the ticket that binds a signature to a person and a list."""

from django.db import models
from django.db.models import Q

from projects.common.models import AppendOnly


class SpendList(AppendOnly):
    """One signed list of a meeting."""

    number = models.CharField(max_length=30, unique=True)
    meeting = models.ForeignKey("council.Meeting", on_delete=models.PROTECT, related_name="spend_lists")
    version = models.PositiveSmallIntegerField()
    supersedes = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="superseded_by"
    )
    content = models.TextField(help_text="The canonical JSON over which the hash is taken.")
    sha256 = models.CharField(max_length=64)
    totals = models.JSONField()
    signed_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    signed_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ("meeting", "version")
        constraints = (
            models.UniqueConstraint(name="list_version_once", fields=["meeting", "version"]),
            models.CheckConstraint(name="list_hash_form", condition=Q(sha256__regex=r"^[0-9a-f]{64}$")),
        )

    def __str__(self) -> str:
        return f"Approved spend list {self.number}"

    @property
    def audit_stream(self) -> str:
        """Return the stream of the meeting."""
        return self.meeting.audit_stream


class SpendListLine(AppendOnly):
    """One approved amount: for whom, for which milestone, until when, under which conditions."""

    spend_list = models.ForeignKey(SpendList, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveSmallIntegerField()
    initiative = models.ForeignKey("projects.Initiative", on_delete=models.PROTECT, related_name="+")
    decision_reference = models.CharField(max_length=30)
    outcome = models.CharField(max_length=20)
    tranche_label = models.CharField(max_length=10, blank=True)
    amount = models.DecimalField(max_digits=18, decimal_places=2)
    currency = models.CharField(max_length=3)
    milestone = models.CharField(max_length=200, blank=True)
    release_by = models.DateField(null=True, blank=True)
    conditions = models.JSONField(default=list)
    caps = models.JSONField(default=list)
    owner = models.CharField(max_length=200)

    class Meta(AppendOnly.Meta):
        ordering = ("spend_list", "position")
        constraints = (
            models.UniqueConstraint(name="list_position_once", fields=["spend_list", "position"]),
            models.CheckConstraint(name="list_amount_not_negative", condition=Q(amount__gte=0)),
        )

    def __str__(self) -> str:
        return f"{self.spend_list_id} {self.position}"


class SignatureTicket(models.Model):
    """Proof that a person re-authenticated for one list: bound to its hash, one use, five minutes."""

    user = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    meeting = models.ForeignKey("council.Meeting", on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    issued_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"Ticket of {self.user_id}"
