"""The forms of a template's draft: one criterion, and why the criteria change."""

from collections.abc import Iterable
from typing import Any

from django import forms

from projects.checks.rules import CHECKS
from projects.common.form_fields import LineField, TextField
from projects.gates.choices import ProofKind, Waiver
from projects.gates.template_rules import (
    CODE,
    DERIVED,
    GATES,
    LONGEST_FRESHNESS,
    LONGEST_TEXT,
    TOPIC_NAMES,
    Wording,
)
from projects.gates.template_selectors import condition_choices

FIGURES = 4
MUST = (("must", "Must: nothing is decided without it"), ("should", "Should: shown, and not held against a request"))


class CriterionForm(forms.Form):
    """One line of a template, with the draft's revision that was read."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=10**9)
    gate = forms.ChoiceField(label="At which gate?", choices=list(GATES.items()))
    text = TextField(
        label="What must hold?",
        rows=3,
        max_length=LONGEST_TEXT,
        error_messages={"required": "Say what must hold"},
        help_text="One sentence that an owner understands.",
    )
    code = LineField(
        label="Code",
        max_length=40,
        error_messages={"required": "Give it a code"},
        help_text="Small letters, figures and underscores. It ties a proof to its criterion from version to version.",
    )
    must = forms.ChoiceField(label="Does it hold a request back?", choices=MUST)
    proof = forms.ChoiceField(label="How is it proved?", choices=ProofKind.choices)
    check_name = forms.ChoiceField(label="Which check computes it?", required=False)
    topic = forms.ChoiceField(
        label="Which experts judge it?",
        required=False,
        choices=[("", "Not judged by experts"), *TOPIC_NAMES.items()],
    )
    freshness_days = LineField(
        label="For how many days is a proof fresh?",
        required=False,
        max_length=FIGURES,
        help_text="Leave it empty for what the policy says.",
    )
    waiver = forms.ChoiceField(
        label="Who may waive it?", choices=Waiver.choices, help_text="Always two people without an interest."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add the checks of the registry, and a list of values for each field that a condition may name."""
        super().__init__(*args, **kwargs)
        checks = self.fields["check_name"]
        assert isinstance(checks, forms.ChoiceField)
        checks.choices = [
            ("", "Not computed"),
            *((code, check.sentence) for code, check in sorted(CHECKS.items(), key=lambda row: row[1].sentence)),
            (DERIVED, "Every reviewer finds each guardrail met."),
        ]
        for name, (label, choices) in condition_choices().items():
            self.fields[f"if_{name}"] = forms.MultipleChoiceField(
                label=label, required=False, choices=choices, widget=forms.CheckboxSelectMultiple
            )

    @classmethod
    def start(cls, wording: Wording | None, *, revision: int, gate: str = "") -> dict[str, Any]:
        """Show a line as it stands, or an empty one at a gate."""
        if wording is None:
            return {"revision": revision, "gate": gate if gate in GATES else "concept", "must": "must", "proof": "e"}
        conditions = {f"if_{name}": list(values) for name, values in wording.condition.items()}
        return {
            "revision": revision,
            "gate": wording.gate,
            "code": wording.code,
            "text": wording.text,
            "must": "must" if wording.must else "should",
            "proof": wording.proof,
            "check_name": wording.check_name,
            "topic": wording.topic,
            "freshness_days": "" if wording.freshness_days is None else str(wording.freshness_days),
            "waiver": wording.waiver,
            **conditions,
        }

    def clean_code(self) -> str:
        """Hold the code to its form."""
        code: str = self.cleaned_data["code"]
        if not CODE.fullmatch(code):
            raise forms.ValidationError("Begin with a letter; use 2 to 40 small letters, figures or underscores")
        return code

    def clean_freshness_days(self) -> int | None:
        """Return whole days."""
        typed: str = self.cleaned_data["freshness_days"]
        if not typed:
            return None
        if not (typed.isascii() and typed.isdigit() and 1 <= int(typed) <= LONGEST_FRESHNESS):
            raise forms.ValidationError(f"Give whole days from 1 to {LONGEST_FRESHNESS:,}, or leave it empty")
        return int(typed)

    @property
    def conditions(self) -> list[forms.BoundField]:
        """Return the fields of the condition, to draw."""
        return [self[name] for name in self.fields if name.startswith("if_")]

    def wording(self) -> Wording:
        """Return the line as it was written; what its kind of proof does not use is left out."""
        data = self.cleaned_data
        proof = data["proof"]
        judged_by_all = proof == ProofKind.JUDGED and data["check_name"] == DERIVED
        return Wording(
            gate=data["gate"],
            code=data["code"],
            text=data["text"],
            must=data["must"] == "must",
            proof=proof,
            check_name=data["check_name"] if proof == ProofKind.COMPUTED or judged_by_all else "",
            topic=data["topic"] if proof == ProofKind.JUDGED and not judged_by_all else "",
            freshness_days=data["freshness_days"],
            waiver=data["waiver"],
            condition={name: data[f"if_{name}"] for name in condition_choices() if data.get(f"if_{name}")},
        )


class ApprovalForm(forms.Form):
    """From which day a template binds."""

    from_day = forms.CharField(required=False, max_length=4)
    from_month = forms.CharField(required=False, max_length=4)
    from_year = forms.CharField(required=False, max_length=6)


def says_condition(condition: Any) -> Iterable[str]:
    """Say a condition in words, a sentence a field: "Autonomy is Supervised or Autonomous agent"."""
    choices = condition_choices()
    for name, values in condition.items():
        label, known = choices.get(name, (name, []))
        words = dict(known)
        yield f"{label} is {' or '.join(str(words.get(value, value)) for value in values)}"
