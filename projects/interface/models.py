"""Answers kept for calls that may be sent again."""

import pgtrigger
from django.db import models


class KeptAnswer(models.Model):
    """What a call with an idempotency key was answered; written in the transaction of its act, forgotten after days."""

    user = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.JSONField()
    kept_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = (models.UniqueConstraint(name="answer_once_a_key", fields=["user", "key"]),)
        triggers = (pgtrigger.Protect(name="answer_stays", operation=pgtrigger.Update),)

    def __str__(self) -> str:
        return self.key
