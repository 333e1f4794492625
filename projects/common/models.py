"""Spoken keys that are never reused, and tables that only grow."""

from django.db import models

from projects.common.triggers import append_only


class AppendOnly(models.Model):
    """A table that the database lets grow and never lets change: UPDATE, DELETE and TRUNCATE raise."""

    class Meta:
        abstract = True
        triggers = append_only()


class KeyCounter(models.Model):
    """The last number given out under a prefix such as ``AI`` or ``AIC-2026``."""

    prefix = models.CharField(max_length=20, primary_key=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.prefix}: {self.last}"
