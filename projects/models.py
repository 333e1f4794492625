"""The index of the projects' models, for Django."""

from projects.audit.models import AuditEvent, AuditHead
from projects.common.models import KeyCounter
from projects.jobs.models import Job
from projects.people.models import Organisation, RoleGrant, Team, User

__all__ = ["AuditEvent", "AuditHead", "Job", "KeyCounter", "Organisation", "RoleGrant", "Team", "User"]
