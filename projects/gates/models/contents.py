"""What a request holds: sections, evidence, proofs and frozen inputs."""

from django.db import models
from django.db.models import F, Q

from projects.common.models import AppendOnly
from projects.gates.choices import ProofState
from projects.gates.models.requests import GateRequest
from projects.gates.models.templates import Criterion


class RequestSection(models.Model):
    """One section of a draft: what was typed, whole or not. ``set_aside`` keeps what a conflict would have lost."""

    request = models.ForeignKey(GateRequest, on_delete=models.PROTECT, related_name="sections")
    code = models.CharField(max_length=20)
    answers = models.JSONField(default=dict)
    problems = models.JSONField(default=dict)
    set_aside = models.JSONField(default=list)
    revision = models.PositiveIntegerField(default=0)
    is_finished = models.BooleanField(default=False)
    saved_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        constraints = (models.UniqueConstraint(name="section_once", fields=["request", "code"]),)

    def __str__(self) -> str:
        return f"{self.code} of {self.request_id}"

    @property
    def audit_stream(self) -> str:
        """Return the initiative's stream."""
        return self.request.audit_stream


class EvidenceFile(AppendOnly):
    """A stored file with its hash. A bare link proves nothing; a file that was judged is never removed."""

    request = models.ForeignKey(GateRequest, on_delete=models.PROTECT, related_name="files")
    about = models.CharField(max_length=40, help_text="A criterion's code, or guardrail: and its code.")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=100)
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    stored_as = models.CharField(max_length=200)
    added_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()

    class Meta(AppendOnly.Meta):
        ordering = ("id",)
        constraints = (models.CheckConstraint(name="evidence_not_empty", condition=Q(size__gt=0)),)

    def __str__(self) -> str:
        return self.name

    @property
    def audit_stream(self) -> str:
        """Return the initiative's stream."""
        return self.request.audit_stream


class CriterionProof(models.Model):
    """What stands for one criterion of one request."""

    request = models.ForeignKey(GateRequest, on_delete=models.PROTECT, related_name="proofs")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="proofs")
    state = models.CharField(max_length=16, choices=ProofState.choices, default=ProofState.UNPROVED)
    figure = models.CharField(max_length=200, blank=True)
    note = models.TextField(blank=True)
    text = models.TextField(blank=True)
    text_hash = models.CharField(max_length=64, blank=True)
    file = models.ForeignKey(EvidenceFile, on_delete=models.PROTECT, null=True, blank=True, related_name="proofs")
    proved_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    proved_at = models.DateTimeField(null=True, blank=True)
    waived_by = models.ForeignKey("projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    waived_second_by = models.ForeignKey(
        "projects.User", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    waived_until = models.DateField(null=True, blank=True)
    waiver_reason = models.TextField(blank=True)

    class Meta:
        ordering = ("criterion__position", "id")
        constraints = (
            models.UniqueConstraint(name="proof_once", fields=["request", "criterion"]),
            models.CheckConstraint(
                name="proof_has_time",
                condition=~Q(state__in=["proved", "stale", "failed"]) | Q(proved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="waived_by_two",
                condition=~Q(state="waived")
                | Q(waived_by__isnull=False, waived_second_by__isnull=False, waived_until__isnull=False)
                & ~Q(waived_by=F("waived_second_by"))
                & ~Q(waiver_reason=""),
            ),
        )

    def __str__(self) -> str:
        return f"{self.criterion_id} of {self.request_id}: {self.state}"

    @property
    def audit_stream(self) -> str:
        """Return the initiative's stream."""
        return self.request.audit_stream


class FrozenInputs(AppendOnly):
    """The five required inputs, what changed, and the triggers, as computed at one submission."""

    request = models.ForeignKey(GateRequest, on_delete=models.PROTECT, related_name="frozen")
    round = models.PositiveSmallIntegerField()
    inputs = models.JSONField()
    changes = models.JSONField()
    triggers = models.JSONField()
    ask = models.JSONField()
    computed_at = models.DateTimeField()
    policy_version = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)

    class Meta(AppendOnly.Meta):
        ordering = ("round",)
        constraints = (models.UniqueConstraint(name="inputs_once_a_round", fields=["request", "round"]),)

    def __str__(self) -> str:
        return f"Inputs of {self.request_id}, round {self.round}"
