"""Every permission, and which of them an interest in the initiative takes away or a token does not carry."""

from enum import StrEnum


class Permission(StrEnum):
    """What a person may do; the sentence finishes "You may not …"."""

    READ = "read"
    REGISTER_INITIATIVE = "register an initiative"
    EDIT_INITIATIVE = "edit this initiative"
    NAME_OWNER = "name the next owner"
    DRAFT_FOR_OWNER = "draft for the owner"
    SUBMIT_REQUEST = "submit a gate request"
    RECORD_READING = "record a reading"
    FILE_PLAN = "file a plan on an escalation"
    ACCEPT_MILESTONE = "accept a milestone"
    REVIEW = "review this request"
    VERIFY_VALUE = "verify value"
    IMPORT_COSTS = "import spend"
    IMPORT_PORTFOLIO = "import a portfolio"
    KEEP_ATTRIBUTION = "keep attribution rules"
    APPROVE_ATTRIBUTION = "approve attribution"
    KEEP_PRICES = "keep prices and the model catalogue"
    KEEP_RATES = "keep rates of exchange"
    KEEP_HARNESS = "enter or confirm harness lines"
    KEEP_ENVELOPES = "keep envelopes"
    CHECK_MONEY = "give finance's view"
    RELEASE_TRANCHE = "release a tranche"
    FREEZE = "freeze spend"
    LIFT_FREEZE = "lift a freeze"
    CLOSE_PERIOD = "close a period"
    HANDLE_ESCALATION = "acknowledge, snooze or close an escalation"
    WAIVE = "waive a criterion"
    BUILD_AGENDA = "build the agenda"
    TAKE_ATTENDANCE = "take attendance"
    BUILD_PACK = "build a review pack"
    READ_PACK = "read the review pack"
    OPEN_MEETING = "open or close the meeting"
    PUT_MOTION = "put a motion"
    DECLARE_CONFLICT = "declare a conflict"
    VOTE = "vote"
    DECLARE_RESULT = "declare a result"
    SIGN_LIST = "sign the approved spend list"
    CHAIR_ACTION = "act between meetings"
    DECIDE_DELEGATED = "sign a delegated decision"
    WRITE_MINUTES = "write the minutes"
    DRAFT_POLICY = "draft a policy"
    APPROVE_POLICY = "approve a policy"
    GRANT_ROLES = "grant roles and seats"
    CONFIRM_GRANTS = "confirm a grant"
    KEEP_TEMPLATES = "keep gate templates"
    APPROVE_TEMPLATE = "approve a gate template"
    READ_AUDIT = "read the audit trail"
    EXPORT = "export"
    SEE_PEOPLE = "see the people named in cost rows"
    READ_STATEMENTS = "read every team's statements"
    CHARGE_BACK = "charge spend back"


BARRED_BY_INTEREST = frozenset(
    {
        Permission.VOTE,
        Permission.REVIEW,
        Permission.VERIFY_VALUE,
        Permission.RELEASE_TRANCHE,
        Permission.LIFT_FREEZE,
        Permission.WAIVE,
        Permission.APPROVE_ATTRIBUTION,
        Permission.KEEP_HARNESS,
        Permission.ACCEPT_MILESTONE,
        Permission.DECLARE_RESULT,
        Permission.CHAIR_ACTION,
        Permission.DECIDE_DELEGATED,
        Permission.HANDLE_ESCALATION,
    }
)

NEEDS_PRESENCE = frozenset(
    {
        Permission.VOTE,
        Permission.DECLARE_RESULT,
        Permission.SIGN_LIST,
        Permission.CHAIR_ACTION,
        Permission.DECIDE_DELEGATED,
        Permission.WAIVE,
        Permission.APPROVE_POLICY,
        Permission.APPROVE_TEMPLATE,
        Permission.CONFIRM_GRANTS,
    }
)

READING = frozenset(
    {
        Permission.READ,
        Permission.READ_PACK,
        Permission.READ_AUDIT,
        Permission.EXPORT,
        Permission.SEE_PEOPLE,
        Permission.READ_STATEMENTS,
    }
)
