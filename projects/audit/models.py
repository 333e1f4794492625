"""Audit events and the head of each stream."""

from django.db import models

from projects.common.models import AppendOnly


class AuditEvent(AppendOnly):
    """One act: who did what to what and when, with the image of the row it left behind."""

    stream = models.CharField(max_length=60)
    sequence = models.PositiveIntegerField()
    verb = models.CharField(max_length=80)
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=200)
    target_type = models.CharField(max_length=80)
    target_id = models.CharField(max_length=40)
    target_label = models.CharField(max_length=300)
    data = models.JSONField(default=dict)
    image = models.JSONField(default=dict)
    at = models.DateTimeField()
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    class Meta(AppendOnly.Meta):
        constraints = (models.UniqueConstraint(name="audit_sequence", fields=["stream", "sequence"]),)
        indexes = (
            models.Index(name="audit_target", fields=["target_type", "target_id"]),
            models.Index(name="audit_at", fields=["at"]),
        )

    def __str__(self) -> str:
        return f"{self.stream} {self.sequence} {self.verb}"


class AuditHead(models.Model):
    """The newest sequence and hash of a stream; locked while an event is added."""

    stream = models.CharField(max_length=60, primary_key=True)
    sequence = models.PositiveIntegerField()
    hash = models.CharField(max_length=64)

    def __str__(self) -> str:
        return f"{self.stream} at {self.sequence}"
