"""The sections of a request: what each is called, where it stands, and which fields it fills."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """One section of the task list. ``fields`` are the request's own columns that it fills."""

    code: str
    title: str
    group: str
    fields: tuple[str, ...] = ()
    milestone_only: bool = False
    not_in_concept: bool = False
    concept_only: bool = False
    is_computed: bool = False
    only_at: tuple[str, ...] = ()
    sheets_only: bool = False


THE_ASK, EVIDENCE, CONTROLS = "The ask", "Evidence since the last decision", "Controls"
ALL = (
    Section(
        "ask",
        "Milestone and amount",
        THE_ASK,
        (
            "needs_money",
            "minimum",
            "ask",
            "maximum",
            "layers",
            "milestone_name",
            "milestone_test",
            "milestone_due_on",
            "ends_on",
            "planned_events",
            "if_refused",
            "assumption",
        ),
        milestone_only=True,
    ),
    Section("choices", "Choices with a decision sheet", THE_ASK, ("sheets",), milestone_only=True),
    Section("value", "Value and how it is measured", THE_ASK),
    Section("estimate", "Models and cost estimate", THE_ASK, concept_only=True),
    Section("spend", "Spend against approval", EVIDENCE, is_computed=True),
    Section("signals", "Value signals", EVIDENCE, is_computed=True),
    Section("anomalies", "Cost risks and anomalies", EVIDENCE, is_computed=True),
    Section("optimisation", "Optimisation under way", EVIDENCE, is_computed=True),
    Section("topics", "Twelve topics", CONTROLS, only_at=("reassessment", "scale")),
    Section("guardrails", "Guardrail checklist", CONTROLS, not_in_concept=True),
    Section("risk", "Risks and rebuttal", CONTROLS, ("top_risks", "rebuttal")),
    Section("proofs", "Proofs for the gate", CONTROLS),
    Section("sheets", "Decision sheets", CONTROLS, sheets_only=True),
    Section("ownership", "Ownership and fallback", CONTROLS),
)


def sections_for(*, has_milestone: bool, stage: str, gate: str = "", sheets: Sequence[str] = ()) -> tuple[Section, ...]:
    """Return the sections of a request: no milestone in a review, no guardrails in Concept, topics and sheets where asked."""
    return tuple(
        section
        for section in ALL
        if not (section.milestone_only and not has_milestone)
        and not (section.not_in_concept and stage == "concept")
        and not (section.concept_only and stage != "concept")
        and not (section.sheets_only and not sheets)
        and not (section.only_at and gate not in section.only_at)
    )


def section_named(code: str, sections: tuple[Section, ...]) -> Section | None:
    """Return a section by code, or None where this request has no such section."""
    return next((section for section in sections if section.code == code), None)
