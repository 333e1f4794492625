"""Users, teams, role grants and the organisation itself."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import F, Q


class Organisation(models.Model):
    """The one organisation that runs this council; exactly one row."""

    name = models.CharField(max_length=200)
    council_name = models.CharField(max_length=200, default="AI Investment Council")
    currency = models.CharField(max_length=3, default="USD")
    time_zone = models.CharField(max_length=64, default="UTC")
    fiscal_year_starts_in = models.PositiveSmallIntegerField(default=1)
    is_demo = models.BooleanField(default=False)
    singleton = models.BooleanField(default=True, unique=True, editable=False)

    class Meta:
        constraints = (
            models.CheckConstraint(name="organisation_is_one", condition=Q(singleton=True)),
            models.CheckConstraint(name="organisation_currency_iso", condition=Q(currency__regex=r"^[A-Z]{3}$")),
        )

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """A team; its business unit is its parent."""

    name = models.CharField(max_length=200, unique=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="teams")
    cost_per_day = models.DecimalField(max_digits=18, decimal_places=2, null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class User(AbstractUser):
    """A person, or a service account that cannot log in to pages."""

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    full_name = models.CharField(max_length=200)
    title = models.CharField(max_length=200, blank=True)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, null=True, blank=True, related_name="people")
    line_manager = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="reports")
    theme = models.CharField(
        max_length=8, choices=[("", "System"), ("light", "Light"), ("dark", "Dark")], blank=True, default=""
    )
    has_shortcuts = models.BooleanField(default=True)
    is_service = models.BooleanField(default=False)

    class Meta:
        constraints = (models.CheckConstraint(name="nobody_manages_themselves", condition=~Q(line_manager=F("id"))),)

    def __str__(self) -> str:
        return self.full_name or self.username

    @property
    def initials(self) -> str:
        """Return at most two capitals for the avatar."""
        parts = (self.full_name or self.username).split()
        return "".join(part[0] for part in (parts[:1] + parts[-1:] if len(parts) > 1 else parts)).upper()


class RoleGrant(models.Model):
    """One role of one person, granted by two others, from a moment until it is revoked."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20)
    topic = models.CharField(max_length=20, blank=True, help_text="For expert reviewers: what they judge.")
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    granted_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = (
            models.CheckConstraint(name="no_grant_to_oneself", condition=~Q(user=F("granted_by"))),
            models.CheckConstraint(
                name="grant_confirmed_by_another",
                condition=Q(confirmed_by__isnull=True)
                | (~Q(confirmed_by=F("granted_by")) & ~Q(confirmed_by=F("user"))),
            ),
            models.CheckConstraint(
                name="grant_confirmation_whole",
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="grant_revocation_whole",
                condition=Q(revoked_by__isnull=True, revoked_at__isnull=True)
                | Q(revoked_by__isnull=False, revoked_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="one_live_grant", fields=["user", "role", "topic"], condition=Q(revoked_at__isnull=True)
            ),
        )

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"
