"""Each role's sentence and its permissions: with permissions.py, the terms of reference."""

from dataclasses import dataclass
from enum import StrEnum

from projects.people.permissions import Permission


class Role(StrEnum):
    """Roles of the product.

    Owner and contributor are held in an initiative; chair, deputy, member, FinOps lead and risk by a seat.
    """

    OWNER = "owner"
    CONTRIBUTOR = "contributor"
    REGISTRANT = "registrant"
    REVIEWER = "reviewer"
    MEMBER = "member"
    ADVISER = "adviser"
    CHAIR = "chair"
    DEPUTY_CHAIR = "deputy_chair"
    SECRETARY = "secretary"
    FINANCE = "finance"
    FINOPS_LEAD = "finops_lead"
    RISK = "risk"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    IMPORTER = "importer"


@dataclass(frozen=True)
class RoleDefinition:
    """A role's name, its sentence, and what it may do."""

    name: str
    sentence: str
    may: frozenset[Permission]


READS = (Permission.READ, Permission.EXPORT)

ROLES: dict[Role, RoleDefinition] = {
    Role.OWNER: RoleDefinition(
        "the initiative's owner",
        "Answers for an initiative: files requests, milestones and readings, and never judges them.",
        frozenset(
            (
                *READS,
                Permission.EDIT_INITIATIVE,
                Permission.DRAFT_FOR_OWNER,
                Permission.SUBMIT_REQUEST,
                Permission.RECORD_READING,
                Permission.FILE_PLAN,
                Permission.DECLARE_CONFLICT,
            )
        ),
    ),
    Role.CONTRIBUTOR: RoleDefinition(
        "a contributor",
        "Works on an initiative: drafts for the owner and enters readings.",
        frozenset((*READS, Permission.DRAFT_FOR_OWNER, Permission.RECORD_READING, Permission.DECLARE_CONFLICT)),
    ),
    Role.REGISTRANT: RoleDefinition(
        "anyone who may own initiatives",
        "May register an initiative and so become its owner.",
        frozenset((*READS, Permission.REGISTER_INITIATIVE, Permission.DECLARE_CONFLICT)),
    ),
    Role.REVIEWER: RoleDefinition(
        "an expert reviewer",
        "Judges criteria and guardrails on requests routed to them, never where interested.",
        frozenset(
            (*READS, Permission.REVIEW, Permission.ACCEPT_MILESTONE, Permission.DECLARE_CONFLICT, Permission.READ_PACK)
        ),
    ),
    Role.MEMBER: RoleDefinition(
        "a council member",
        "Reads packs, declares conflicts and votes in person.",
        frozenset(
            (*READS, Permission.READ_PACK, Permission.DECLARE_CONFLICT, Permission.VOTE, Permission.ACCEPT_MILESTONE)
        ),
    ),
    Role.ADVISER: RoleDefinition(
        "an adviser of the council",
        "Reads packs and speaks, and never votes.",
        frozenset((*READS, Permission.READ_PACK, Permission.DECLARE_CONFLICT)),
    ),
    Role.CHAIR: RoleDefinition(
        "the chair",
        "Opens and closes meetings, puts motions, declares results and signs the list.",
        frozenset(
            (
                *READS,
                Permission.READ_PACK,
                Permission.DECLARE_CONFLICT,
                Permission.VOTE,
                Permission.ACCEPT_MILESTONE,
                Permission.OPEN_MEETING,
                Permission.PUT_MOTION,
                Permission.DECLARE_RESULT,
                Permission.SIGN_LIST,
                Permission.CHAIR_ACTION,
                Permission.HANDLE_ESCALATION,
                Permission.WAIVE,
                Permission.APPROVE_POLICY,
                Permission.APPROVE_TEMPLATE,
                Permission.CONFIRM_GRANTS,
                Permission.READ_AUDIT,
                Permission.TAKE_ATTENDANCE,
            )
        ),
    ),
    Role.SECRETARY: RoleDefinition(
        "the secretary",
        "Builds agendas, takes attendance, writes minutes, freezes packs, and sees to it that no owner is missing.",
        frozenset(
            (
                *READS,
                Permission.BUILD_AGENDA,
                Permission.TAKE_ATTENDANCE,
                Permission.BUILD_PACK,
                Permission.READ_PACK,
                Permission.WRITE_MINUTES,
                Permission.NAME_OWNER,
            )
        ),
    ),
    Role.FINANCE: RoleDefinition(
        "finance",
        "Imports spend, keeps rules and envelopes, verifies value, releases what awaited conditions.",
        frozenset(
            (
                *READS,
                Permission.IMPORT_COSTS,
                Permission.IMPORT_PORTFOLIO,
                Permission.SEE_PEOPLE,
                Permission.READ_STATEMENTS,
                Permission.CHARGE_BACK,
                Permission.KEEP_ATTRIBUTION,
                Permission.APPROVE_ATTRIBUTION,
                Permission.KEEP_PRICES,
                Permission.KEEP_RATES,
                Permission.KEEP_HARNESS,
                Permission.KEEP_ENVELOPES,
                Permission.CHECK_MONEY,
                Permission.RELEASE_TRANCHE,
                Permission.FREEZE,
                Permission.LIFT_FREEZE,
                Permission.CLOSE_PERIOD,
                Permission.VERIFY_VALUE,
                Permission.BUILD_PACK,
                Permission.READ_PACK,
                Permission.HANDLE_ESCALATION,
                Permission.DECLARE_CONFLICT,
                Permission.ACCEPT_MILESTONE,
                Permission.READ_AUDIT,
                Permission.DECIDE_DELEGATED,
            )
        ),
    ),
    Role.FINOPS_LEAD: RoleDefinition(
        "the FinOps lead",
        "Holds the FinOps seat, and decides with finance what lies within their limit.",
        frozenset((*READS, Permission.READ_PACK, Permission.DECIDE_DELEGATED)),
    ),
    Role.RISK: RoleDefinition(
        "security and risk",
        "Holds the risk seat or deputises for it, and may freeze spend in an emergency.",
        frozenset((*READS, Permission.FREEZE, Permission.LIFT_FREEZE)),
    ),
    Role.ADMINISTRATOR: RoleDefinition(
        "an administrator",
        "Keeps users, seats, templates and policy drafts, and does no business act by that role.",
        frozenset(
            (
                Permission.READ,
                Permission.DRAFT_POLICY,
                Permission.APPROVE_POLICY,
                Permission.GRANT_ROLES,
                Permission.CONFIRM_GRANTS,
                Permission.KEEP_TEMPLATES,
                Permission.APPROVE_TEMPLATE,
            )
        ),
    ),
    Role.AUDITOR: RoleDefinition(
        "the auditor",
        "Reads everything and changes nothing.",
        frozenset(
            (*READS, Permission.READ_PACK, Permission.READ_AUDIT, Permission.SEE_PEOPLE, Permission.READ_STATEMENTS)
        ),
    ),
}
ROLES[Role.IMPORTER] = RoleDefinition(
    "the import service",
    "Imports spend and rates, and attributes spend by the rules in force, on behalf of finance; a service account.",
    frozenset((*READS, Permission.IMPORT_COSTS, Permission.KEEP_ATTRIBUTION, Permission.KEEP_RATES)),
)
ROLES[Role.DEPUTY_CHAIR] = RoleDefinition(
    "the deputy chair", "Acts as the chair where the chair is absent or interested.", ROLES[Role.CHAIR].may
)

GRANTABLE = (Role.REGISTRANT, Role.REVIEWER, Role.SECRETARY, Role.FINANCE, Role.ADMINISTRATOR, Role.AUDITOR)
