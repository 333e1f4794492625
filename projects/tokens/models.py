"""Tokens, kept as digests."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from projects.tokens.rules import SCOPE_WORDS, Scope


class ApiToken(models.Model):
    """One token of a person: only its digest and its first letters are kept, and only its use and end are added."""

    user = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="api_tokens")
    name = models.CharField(max_length=100)
    scopes = ArrayField(models.CharField(max_length=20))
    digest = models.CharField(max_length=128, unique=True)
    begins_with = models.CharField(max_length=12)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = (
            models.CheckConstraint(name="token_ends_after_it_begins", condition=Q(expires_at__gt=F("created_at"))),
            models.CheckConstraint(name="token_is_for_something", condition=~Q(scopes=[])),
        )
        triggers = (
            pgtrigger.ReadOnly(
                name="grant_stays",
                fields=["user", "name", "scopes", "digest", "begins_with", "created_at", "expires_at"],
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def audit_stream(self) -> str:
        """Return the stream of its person's tokens."""
        return f"tokens:{self.user_id}"

    @property
    def uses(self) -> list[str]:
        """Return in words what it may be used for."""
        return [SCOPE_WORDS[Scope(scope)] for scope in self.scopes]
