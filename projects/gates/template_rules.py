"""What a criterion of a template may say, and what a draft would mean for a request that is open."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from projects.common.outcomes import Blocker
from projects.gates.rules import Line
from projects.gates.sheet_rules import SHEETS

TEMPLATE_MOVES = (("draft", "approved"), ("draft", "withdrawn"))
GATES = {
    "concept": "Concept → MVP",
    "mvp": "MVP → Pilot",
    "pilot": "Pilot → Launch",
    "launch": "Launch → Scale",
    "stay": "Next milestone in a stage before Scale",
    "scale": "Stay in Scale",
    "post_decision": "Post-decision review",
    "reassessment": "Quarterly reassessment",
    "sunset": "→ Sunset",
    **{code: f"Decision sheet: {name[0].lower()}{name[1:]}" for code, name in SHEETS.items()},
}
TOPIC_NAMES = {
    "finops": "FinOps",
    "architecture": "Architecture",
    "security": "Security",
    "data": "Data",
    "procurement": "Procurement",
    "legal": "Legal",
}
CODE = re.compile(r"[a-z][a-z0-9_]{1,39}")
LONGEST_TEXT = 500
LONGEST_FRESHNESS = 3650
DERIVED = "guardrails_judged"


@dataclass(frozen=True)
class Wording:
    """One line of a template as it is written: everything but its place."""

    gate: str
    code: str
    text: str
    must: bool
    proof: str
    check_name: str = ""
    topic: str = ""
    freshness_days: int | None = None
    waiver: str = "council"
    condition: Mapping[str, Sequence[str]] = field(default_factory=dict)


def wording_blockers(
    line: Wording, *, checks: Collection[str], subjects: Mapping[str, Collection[str]]
) -> list[Blocker]:
    """Say why a line cannot stand in a template; ``subjects`` are the fields a condition may name, with their values."""
    return [*_name_blockers(line), *_proof_blockers(line, checks), *_condition_blockers(line, subjects)]


def _name_blockers(line: Wording) -> list[Blocker]:
    blockers = []
    if line.gate not in GATES:
        blockers.append(Blocker("gate_unknown", f"There is no gate {line.gate}. Choose one of the list."))
    if not CODE.fullmatch(line.code):
        blockers.append(
            Blocker("code_wrong", "A code begins with a letter and has 2 to 40 small letters, figures or underscores.")
        )
    if not line.text.strip() or len(line.text) > LONGEST_TEXT:
        blockers.append(Blocker("text_wrong", f"Write the criterion in 1 to {LONGEST_TEXT} characters."))
    if line.freshness_days is not None and not 1 <= line.freshness_days <= LONGEST_FRESHNESS:
        blockers.append(
            Blocker(
                "freshness_wrong", f"A proof stays fresh for 1 to {LONGEST_FRESHNESS:,} days, or as the policy says."
            )
        )
    return blockers


def _proof_blockers(line: Wording, checks: Collection[str]) -> list[Blocker]:
    if line.proof == "c" and line.check_name not in checks:
        return [Blocker("check_unknown", "A computed criterion names the check that computes it.")]
    if line.proof == "e" and (line.check_name or line.topic):
        return [Blocker("evidence_is_plain", "Evidence is proved by a file or a text: it has neither check nor topic.")]
    if line.proof == "j" and line.check_name not in ("", DERIVED):
        return [Blocker("judged_by_people", "A judged criterion names no check: reviewers find it met.")]
    if line.proof == "j" and not line.check_name and line.topic not in TOPIC_NAMES:
        return [Blocker("topic_missing", "A judged criterion names the experts who judge it.")]
    return []


def _condition_blockers(line: Wording, subjects: Mapping[str, Collection[str]]) -> list[Blocker]:
    wrong = [
        f"{name} {value}"
        for name, values in line.condition.items()
        for value in (values or [""])
        if value not in subjects.get(name, ())
    ]
    return [Blocker("condition_unknown", f"No initiative can have {'; '.join(wrong)}.")] if wrong else []


@dataclass(frozen=True)
class Effect:
    """What a draft would mean for one request: musts it would newly miss, and musts it would no longer miss."""

    missed: tuple[Line, ...]
    relieved: tuple[Line, ...]


def effect_of(before: Iterable[Line], after: Iterable[Line]) -> Effect:
    """Compare what a request misses under two templates, line by line."""
    missing_before = {line.code: line for line in before if line.is_missing}
    missing_after = {line.code: line for line in after if line.is_missing}
    return Effect(
        tuple(line for code, line in missing_after.items() if code not in missing_before),
        tuple(line for code, line in missing_before.items() if code not in missing_after),
    )


def changed_gates(before: Iterable[Wording], after: Iterable[Wording]) -> set[str]:
    """Return the gates whose lines differ between two templates."""
    old, new = {(row.gate, row.code): row for row in before}, {(row.gate, row.code): row for row in after}
    return {key[0] for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
