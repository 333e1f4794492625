"""Standing declarations."""

from datetime import datetime

import pgtrigger
from django.db import models
from django.db.models import F, Q

from projects.initiatives.models import Initiative


class ConflictQuerySet(models.QuerySet["StandingConflict"]):
    """Declarations by time and by what they touch."""

    def live(self, *, at: datetime) -> "ConflictQuerySet":
        """Return those declared and not ended at a moment."""
        return self.filter(declared_at__lte=at).filter(Q(ended_at__isnull=True) | Q(ended_at__gt=at))

    def touching(self, initiative: Initiative) -> "ConflictQuerySet":
        """Return those that name the initiative, its team, its team's unit, or one of its providers."""
        team = initiative.team
        teams = [pk for pk in (initiative.team_id, team.parent_id if team else None) if pk]
        about = Q(initiative=initiative) | Q(team_id__in=teams)
        for provider in (initiative.primary_provider, initiative.fallback_provider):
            if provider:
                about |= Q(provider__iexact=provider)
        return self.filter(about)


class StandingConflict(models.Model):
    """One person's declaration about one initiative, team or provider."""

    user = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="standing_conflicts")
    initiative = models.ForeignKey(
        "projects.Initiative", on_delete=models.PROTECT, null=True, blank=True, related_name="standing_conflicts"
    )
    team = models.ForeignKey("projects.Team", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    provider = models.CharField(max_length=120, blank=True)
    reason = models.TextField()
    declared_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    declared_at = models.DateTimeField()
    ended_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.TextField(blank=True)

    objects = ConflictQuerySet.as_manager()

    class Meta:
        ordering = ("-declared_at", "id")
        constraints = (
            models.CheckConstraint(
                name="conflict_names_one_thing",
                condition=Q(initiative__isnull=False, team__isnull=True, provider="")
                | Q(initiative__isnull=True, team__isnull=False, provider="")
                | Q(initiative__isnull=True, team__isnull=True) & ~Q(provider=""),
            ),
            models.CheckConstraint(
                name="conflict_end_whole",
                condition=Q(ended_at__isnull=True, ended_by__isnull=True)
                | Q(ended_at__isnull=False, ended_by__isnull=False, ended_at__gte=F("declared_at")),
            ),
        )
        triggers = (
            pgtrigger.ReadOnly(
                name="declaration_stays",
                fields=["user", "initiative", "team", "provider", "reason", "declared_by", "declared_at"],
            ),
            pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.subject}"

    @property
    def audit_stream(self) -> str:
        """Return the stream of all declarations."""
        return "conflicts"

    @property
    def subject(self) -> str:
        """Return what the declaration is about."""
        return str(self.initiative or self.team or self.provider)
