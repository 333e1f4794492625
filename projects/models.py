"""The index of the projects' models, for Django."""

from projects.audit.models import AuditEvent, AuditHead
from projects.common.models import KeyCounter
from projects.initiatives.models import Initiative, OpeningDecision, Participation, StageMove
from projects.jobs.models import Job
from projects.limits.models import PolicyAcknowledgement, PolicyVersion
from projects.people.models import Organisation, RoleGrant, Team, User

__all__ = [
    "AuditEvent",
    "AuditHead",
    "Initiative",
    "Job",
    "KeyCounter",
    "OpeningDecision",
    "Organisation",
    "Participation",
    "PolicyAcknowledgement",
    "PolicyVersion",
    "RoleGrant",
    "StageMove",
    "Team",
    "User",
]
