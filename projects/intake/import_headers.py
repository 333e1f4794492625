"""Our fields, the headers that usually carry them, and what a header says about units.

A proposal is made only for what a mapping leaves unnamed, and it is always reported.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache

Fields = Mapping[str, Sequence[str]]


def _table(text: str) -> dict[str, tuple[str, ...]]:
    joined = text.strip().replace("\n  ", " ")
    pairs = (line.split(": ") for line in joined.splitlines())
    return {field: tuple(names.split(", ")) for field, names in pairs}


INITIATIVE_FIELDS: Fields = _table("""
id: use case id, project number, project id, initiative id, programme id, program id, gmpp id, gmpp id number,
  external id, unique id, id, identifier, inventory id, key, reference, ref, number
organisation: agency abbreviation, department code, organisation, organization, org, company, publishing body, body,
  agency name, department, dept, ministry, agency, entity, institution
name: use case name, project name, initiative name, programme name, program name, tool name, name, title, use case,
  project title, initiative, project, programme, system name, ai use case, ai use case name, ai system name
unit: bureau, bureau component, agency bureau, sub agency, subagency, business unit, division, directorate, team, office, agency
description: description, project description, description aims, summary, value proposition, purpose, aims,
  objective, problem, problem statement, what is the intended purpose and expected benefits of the ai, abstract,
  problem solved, what problem is the ai intended to solve
stage: stage, stage of development, development stage, lifecycle stage, life cycle stage, project stage, phase,
  project phase, maturity, development status, project status, status
owner: owner, business owner, project owner, senior responsible owner, sro, sro name, product owner, lead
cost_centre: cost centre, cost center, costcentre, costcenter, cost code
start: start date, start, project start date, planned start, planned start date, date initiated, started, start on,
  begin date
end: end date, end, project end date, planned end date, planned end, completion date, planned completion date,
  target date, due date, finish date, finish, end on
budget: budget, approved budget, total budget, planned cost, planned budget, yearly budget, total baseline,
  baseline, financial year baseline, budgeted cost, allocated budget, funding, approved amount
actual: actual, actuals, actual cost, projected actual cost, spent, spend, spend to date, actual spend, cost to
  date, actual to date, expenditure, actual expenditure
forecast: forecast, yearly forecast, total forecast, financial year forecast, forecast cost, projected cost
variance: cost variance, variance
currency: currency, currency code, budget currency
""")
MILESTONE_FIELDS: Fields = _table("""
id: activity id, milestone id, milestone number, deliverable id, id, key, reference, number
project: project id, project number, project, initiative id, initiative, use case id, parent id, external id
organisation: agency abbreviation, department code, organisation, organization, org, company, publishing body, body,
  agency name, department, dept, ministry, agency, entity, institution
name: milestone name, activity name, milestone, name, title, activity, deliverable, description
status: status, milestone status, activity status, state
planned_start: planned start, planned start date, start date, start, baseline start
planned_finish: planned finish, planned end, planned end date, due date, due, due on, baseline due, planned
  completion date, planned date, target date, baseline date, end date, finish, date
planned_days: planned duration days, planned duration, duration days, duration, planned days
delay_days: actual start delay days, start delay days, start delay, delay days, delay
actual_days: actual duration days, actual duration, actual days
actual_finish: actual finish, actual end, actual end date, completed on, completion date, actual completion date,
  accepted on, delivered on, done on, actual date, completed
cost: planned cost, cost, budget, amount
""")
ALSO_CALLED: Fields = _table("""
id: external id, identifier, key, activity, activity id, milestone id
organisation: external organisation, agency, organization, department
name: title, milestone
unit: bureau, business unit
description: summary, value proposition
owner: business owner
cost_centre: cost center
start: start date, start on
end: end date, end on
budget: planned cost
actual: actual cost, spent, actuals
variance: cost variance
stage: stage label
project: project id, initiative
planned_finish: due, due on, due date, planned end
delay_days: start delay, actual start delay days, start delay days
planned_days: planned duration, planned duration days
actual_days: actual duration, actual duration days
actual_finish: completed on, actual end, accepted on
""")
MONEY_FIELDS = frozenset({"budget", "actual", "forecast", "variance", "cost"})
MILLIONS = re.compile(
    r"[£$€]\s*m\b|[£$€]\s*mn\b|\bmillions?\b|[£$€]millions?\b|\bm(?:usd|gbp|eur)\b|\b(?:usd|gbp|eur) ?m\b"
)
THOUSANDS = re.compile(r"[£$€]\s*k\b|[£$€]\s*'?000s?\b|\bthousands?\b|\bk(?:usd|gbp|eur)\b")
CURRENCIES = {"£": "GBP", "€": "EUR", "gbp": "GBP", "eur": "EUR", "usd": "USD", "$": "USD"}
UNIT_WORDS = re.compile(
    r"[£$€]\s*(?:millions?|mn|m|k|000s?)?\b|[£$€]|\b[mk]?(?:usd|gbp|eur)\b|\bmillions?\b|\bthousands?\b"
)


def our_field(name: str, fields: Fields, *, exact: bool = False) -> str:
    """Return our field of that name, or unless ``exact`` of a near name, or ""."""
    plain = normal(name)
    by_name = {field.replace("_", " "): field for field in fields}
    aliases = {alias: field for field, names in ALSO_CALLED.items() if field in fields for alias in names}
    return by_name.get(plain) or ("" if exact else aliases.get(plain, ""))


@lru_cache(10_000)
def normal(header: str) -> str:
    """Return a header in lower case with spaces for punctuation, so that spellings of one name meet."""
    return " ".join(re.sub(r"[_\-–—/.:?*#]+", " ", header.lower()).split())


@lru_cache(10_000)
def bare(header: str) -> str:
    """Return the words of a header without what stands in brackets, leading years and units of money."""
    text = re.sub(r"\([^)]*\)?|\[[^\]]*\]", " ", header.lower())
    text = normal(UNIT_WORDS.sub(" ", text.replace("_", " ")))
    return re.sub(r"^(?:fy ?)?(?:[0-9]{4}|[0-9]{2})(?: [0-9]{2,4})? ", "", text).strip()


def propose(header: Sequence[str], fields: Fields, *, taken: Collection[str] = ()) -> dict[str, str]:
    """Return field → header for every field whose usual names stand in the header, each header used once."""
    proposals: dict[str, str] = {}
    free = [name for name in header if name not in taken]
    for field, names in fields.items():
        candidates = [name for name in free if not (field in MONEY_FIELDS and "%" in name)]
        by_name = {bare(name): name for name in reversed(candidates)}
        by_name |= {normal(name): name for name in reversed(candidates)}
        if chosen := next((by_name[name] for name in names if name in by_name), ""):
            proposals[field] = chosen
            free.remove(chosen)
    return proposals


def tells_milestones(header: Sequence[str]) -> bool:
    """Say whether a header is one of milestones: each row names a project, and an activity or milestone of its own."""
    found = propose(header, MILESTONE_FIELDS)
    return "project" in found and ("id" in found or "milestone" in normal(found.get("name", "")))


def find_header(wanted: str, header: Sequence[str]) -> str:
    """Return the header that a mapping means: exact, else by its words, else the only one that begins so; else ""."""
    wanted = " ".join(wanted.split())
    if wanted in header:
        return wanted
    for form in (normal, bare):
        if found := [name for name in header if form(name) == form(wanted)]:
            return found[0]
    begins = [name for name in header if normal(name).startswith(normal(wanted))] if wanted else []
    return begins[0] if len(begins) == 1 else ""


def unit_in(header: str) -> Decimal | None:
    """Return the factor a header states (a million for "£m" or "($ M)"), or None."""
    text = header.lower().replace("_", " ")
    if MILLIONS.search(text):
        return Decimal(10**6)
    return Decimal(10**3) if THOUSANDS.search(text) else None


def currency_in(header: str) -> str:
    """Return the currency a header states, or ""."""
    text = header.lower()
    return next((code for mark, code in CURRENCIES.items() if mark in text), "")
