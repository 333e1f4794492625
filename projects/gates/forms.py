"""The forms of a request's sections: shape and wording of what owners type."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms

from projects.common.form_fields import LineField, MoneyField, TextField, date_of
from projects.estimates.rules import LINES, Line
from projects.gates.ask_form import AskForm
from projects.gates.decision_sheets import due_sheets
from projects.gates.models import CriterionProof, GateRequest
from projects.gates.section_form import SectionForm
from projects.gates.sheet_rules import SHEETS
from projects.gates.topics_form import TopicsForm
from projects.guardrails.models import Guardrail
from projects.guardrails.rules import DEFINITIONS, codes_for, value_blockers
from projects.initiatives.choices import ModelTier
from projects.initiatives.tiers import tier_blockers
from projects.people.models import User


class ValueForm(SectionForm):
    """What it is worth; in Concept this is the evidence for the value proposition."""

    statement = TextField(
        label="What is it worth, to whom, in which process?",
        rows=6,
        error_messages={"required": "Say what it is worth, to whom, in which process"},
    )

    @classmethod
    def start(cls, gate: GateRequest) -> dict[str, Any]:
        """Show what was registered."""
        return {"statement": gate.initiative.value_proposition}


class EstimateForm(SectionForm):
    """The shortlist of models and the nine lines of full cost a month."""

    shortlist = TextField(
        label="Which models could do it?",
        help_text="One a line, the one you intend first, as provider:model, for example openai:gpt-4.1-mini.",
        rows=4,
        error_messages={"required": "Name at least one model"},
    )
    model_tier = forms.ChoiceField(
        label="Which tier does the work need?",
        choices=[("", "Not known yet"), *ModelTier.choices],
        required=False,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add three amounts for each line."""
        super().__init__(*args, **kwargs)
        for code, (name, _) in LINES.items():
            for figure in ("low", "likely", "high"):
                self.fields[f"{code}_{figure}"] = MoneyField(label=f"{name}, {figure}", required=False)

    @classmethod
    def start(cls, gate: GateRequest) -> dict[str, Any]:
        """Show the shortlist so far."""
        return {"shortlist": "\n".join(gate.initiative.shortlist), "model_tier": gate.initiative.model_tier}

    def clean_shortlist(self) -> list[str]:
        """Return one model a line."""
        models = [line.strip() for line in self.cleaned_data["shortlist"].splitlines() if line.strip()]
        if any(":" not in model or len(model) > 120 for model in models) or len(models) > 12:
            raise forms.ValidationError("Write each model as provider:model, at most twelve")
        return models

    def clean(self) -> dict[str, Any]:
        """Hold low, likely and high in order."""
        data = super().clean() or {}
        if not any(data.get(f"{code}_likely") for code in LINES):
            self.add_error("model_usage_likely", "Give the likely cost of at least one line")
        for code, (name, _) in LINES.items():
            low, likely, high = self._line(code)
            if not low <= likely <= high:
                self.add_error(f"{code}_likely", f"{name}: low must not be above likely, nor likely above high")
        initiative, tier = self.gate.initiative, data.get("model_tier") or ""
        told = {"workload_class": initiative.workload_class, "reason": initiative.model_tier_reason}
        for blocker in tier_blockers(tier=tier, **told):
            self.add_error("model_tier", f"{blocker.message} The initiative's route page takes the reason.")
        return data

    def _line(self, code: str) -> tuple[Decimal, Decimal, Decimal]:
        likely = self.cleaned_data.get(f"{code}_likely") or Decimal(0)
        low, high = self.cleaned_data.get(f"{code}_low"), self.cleaned_data.get(f"{code}_high")
        return (likely if low is None else low, likely, likely if high is None else high)

    def lines(self) -> list[Line]:
        """Return the nine lines as the estimate takes them."""
        return [Line(code, layer, *self._line(code)) for code, (_, layer) in LINES.items()]

    @property
    def rows(self) -> list[tuple[str, forms.BoundField, forms.BoundField, forms.BoundField]]:
        """Return the lines to draw: name and three fields."""
        return [
            (name, self[f"{code}_low"], self[f"{code}_likely"], self[f"{code}_high"])
            for code, (name, _) in LINES.items()
        ]


class ExplainForm(SectionForm):
    """A word on computed figures; they cannot be typed over, only explained."""

    must_explain: ClassVar[bool] = False
    explanation = TextField(label="What should council know about these figures?", rows=5, required=False)


class MustExplainForm(ExplainForm):
    """The same where a figure is missing or over: then the explanation is asked for."""

    must_explain = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Ask for the explanation."""
        super().__init__(*args, **kwargs)
        self.fields["explanation"].required = True
        self.fields["explanation"].error_messages["required"] = "Explain what is missing or out of line"


class RiskForm(SectionForm):
    """Top risks, and one line against dissent."""

    top_risks = TextField(
        label="What are the top risks?",
        help_text="What could go wrong, how likely, and what you do about it.",
        rows=6,
        error_messages={"required": "Name the top risks"},
    )
    rebuttal = LineField(
        label="Your answer to those who doubt it, in one line",
        required=False,
        max_length=400,
    )

    def columns(self) -> dict[str, Any]:
        """Return both texts."""
        return {"top_risks": self.cleaned_data["top_risks"], "rebuttal": self.cleaned_data["rebuttal"]}


class ProofsForm(SectionForm):
    """A text for each criterion that evidence proves; a file does as well."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add a field for each evidence criterion."""
        super().__init__(*args, **kwargs)
        self.proofs = self.asked(self.gate)
        for proof in self.proofs:
            self.fields[proof.criterion.code] = TextField(
                label=proof.criterion.text, rows=4, required=False, max_length=20_000
            )

    @classmethod
    def start(cls, gate: GateRequest) -> dict[str, Any]:
        """Show the texts so far."""
        return {proof.criterion.code: proof.text for proof in cls.asked(gate)}

    @classmethod
    def asked(cls, gate: GateRequest) -> list[CriterionProof]:
        """Return the evidence criteria that the section asks for."""
        return [proof for proof in evidence_proofs(gate) if proof.criterion.gate not in SHEETS]

    @property
    def rows(self) -> list[tuple[CriterionProof, forms.BoundField]]:
        """Return each proof with its field."""
        return [(proof, self[proof.criterion.code]) for proof in self.proofs]


class SheetsForm(ProofsForm):
    """A text for each evidence criterion of the request's decision sheets, sheet by sheet."""

    @classmethod
    def asked(cls, gate: GateRequest) -> list[CriterionProof]:
        """Return the evidence criteria of the chosen sheets."""
        return [proof for proof in evidence_proofs(gate) if proof.criterion.gate in gate.sheets]

    @property
    def groups(self) -> list[tuple[str, list[tuple[CriterionProof, forms.BoundField]]]]:
        """Return the fields under the name of their sheet."""
        return [
            (SHEETS[sheet], [row for row in self.rows if row[0].criterion.gate == sheet]) for sheet in self.gate.sheets
        ]


class ChoicesForm(SectionForm):
    """Which choices with a decision sheet come with the request; what the initiative's fields tell is not left out."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add a box for each choice that the owner tells, and keep what the fields tell."""
        super().__init__(*args, **kwargs)
        self.due = due_sheets(self.gate)
        for code, name in SHEETS.items():
            if code not in self.due:
                self.fields[code] = forms.BooleanField(label=name, required=False)

    @classmethod
    def start(cls, gate: GateRequest) -> dict[str, Any]:
        """Show what was told."""
        return dict.fromkeys(gate.sheets, True)

    @property
    def told(self) -> list[tuple[str, str]]:
        """Return the choices that follow from the fields, by name, with why."""
        return [(SHEETS[code], why) for code, why in self.due.items()]

    def columns(self) -> dict[str, Any]:
        """Return the sheets of the request."""
        return {"sheets": sorted({*self.due, *(code for code in SHEETS if self.cleaned_data.get(code))})}


def evidence_proofs(gate: GateRequest) -> list[CriterionProof]:
    """Return the evidence criteria that this section asks for; the value proposition has its own section."""
    proofs = gate.proofs.select_related("criterion", "file").filter(criterion__proof="e")
    return [proof for proof in proofs if proof.criterion.code != "value_proposition"]


class GuardrailsForm(SectionForm):
    """A value, or a reason why not, for each guardrail, and where it is set."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add fields for each guardrail that the stage and the autonomy ask for."""
        super().__init__(*args, **kwargs)
        for code in self.codes:
            definition = DEFINITIONS[code]
            hint = f"In {definition.unit}." if definition.is_number else ""
            self.fields[f"{code}_value"] = LineField(label="Value", required=False, max_length=400, help_text=hint)
            self.fields[f"{code}_source"] = LineField(label="Where is it set?", required=False, max_length=200)
            if definition.may_not_apply:
                self.fields[f"{code}_reason"] = LineField(label="Why it does not apply", required=False, max_length=400)

    @classmethod
    def start(cls, gate: GateRequest) -> dict[str, Any]:
        """Show the guardrails so far."""
        shown: dict[str, Any] = {}
        for row in Guardrail.objects.filter(initiative_id=gate.initiative_id):
            shown |= {f"{row.code}_value": row.value, f"{row.code}_source": row.source}
            shown[f"{row.code}_reason"] = row.not_applicable
        return shown

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the guardrails of this request."""
        return codes_for(self.gate.from_stage, self.gate.initiative.autonomy)

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return each guardrail with its fields."""
        return [
            {
                "definition": DEFINITIONS[code],
                "value": self[f"{code}_value"],
                "source": self[f"{code}_source"],
                "reason": self[f"{code}_reason"] if f"{code}_reason" in self.fields else None,
            }
            for code in self.codes
        ]

    def clean(self) -> dict[str, Any]:
        """Hold numbers to be numbers; an empty guardrail may wait."""
        data = super().clean() or {}
        for code in self.codes:
            value, reason = data.get(f"{code}_value", ""), data.get(f"{code}_reason", "")
            for blocker in value_blockers(code, value, reason) if value or reason else []:
                self.add_error(f"{code}_value", blocker.message)
        return data


class OwnershipForm(SectionForm):
    """Who answers for what, and what happens when the provider fails."""

    technical_owner = forms.ModelChoiceField(
        label="Technical owner", queryset=User.objects.none(), error_messages={"required": "Name the technical owner"}
    )
    budget_owner = forms.ModelChoiceField(
        label="Budget owner", queryset=User.objects.none(), error_messages={"required": "Name the budget owner"}
    )
    primary_provider = LineField(label="Primary provider", required=False, max_length=120)
    fallback_provider = LineField(label="Approved fallback provider", required=False, max_length=120)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer everybody who is active."""
        super().__init__(*args, **kwargs)
        for name in ("technical_owner", "budget_owner"):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = User.objects.filter(is_active=True, is_service=False).order_by("full_name", "username")

    @classmethod
    def start(cls, gate: GateRequest) -> dict[str, Any]:
        """Show who is named so far."""
        return {
            "technical_owner": gate.initiative.technical_owner_id,
            "budget_owner": gate.initiative.budget_owner_id,
            "primary_provider": gate.initiative.primary_provider,
            "fallback_provider": gate.initiative.fallback_provider,
        }


class WaiverForm(forms.Form):
    """A first signature under a waiver."""

    criterion = forms.ChoiceField(label="Which criterion?", error_messages={"required": "Choose the criterion"})
    reason = TextField(
        label="Why is it waived?", rows=3, max_length=2000, error_messages={"required": "Say why it is waived"}
    )
    until_day = forms.CharField(required=False, max_length=4)
    until_month = forms.CharField(required=False, max_length=4)
    until_year = forms.CharField(required=False, max_length=6)

    def __init__(self, *args: Any, proofs: list[CriterionProof], **kwargs: Any) -> None:
        """Offer the musts that are not proved."""
        super().__init__(*args, **kwargs)
        field = self.fields["criterion"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [(str(proof.pk), proof.criterion.text) for proof in proofs]

    def clean(self) -> dict[str, Any]:
        """Read the last day."""
        data = super().clean() or {}
        try:
            data["until"] = date_of(*(data.get(f"until_{part}") or "" for part in ("day", "month", "year")))
        except forms.ValidationError as error:
            self.add_error("until_day", error)
        else:
            if data["until"] is None:
                self.add_error("until_day", "Give the last day of the waiver")
        return data


class KpiForm(forms.Form):
    """A KPI card, as short as a gate can use it."""

    name = LineField(label="What is measured?", max_length=200, error_messages={"required": "Name the KPI"})
    unit = LineField(label="Unit", max_length=60, error_messages={"required": "Give the unit"})
    direction = forms.ChoiceField(label="Better is", choices=[("up", "Higher"), ("down", "Lower")])
    measures = forms.ChoiceField(
        label="It measures",
        required=False,
        choices=[
            ("", "Something else"),
            ("unit_cost", "Cost per outcome"),
            ("outcomes", "Outcomes per period"),
            ("adoption", "Adoption"),
            ("margin", "Margin"),
        ],
    )
    baseline = forms.DecimalField(label="Baseline", max_digits=18, decimal_places=6)
    target = forms.DecimalField(label="Target", max_digits=18, decimal_places=6)
    bound = forms.DecimalField(label="Floor, or ceiling for a cost", max_digits=18, decimal_places=6)
    numerator_source = LineField(
        label="Where does it come from?", max_length=200, error_messages={"required": "Name the system it comes from"}
    )


FORMS: dict[str, type[SectionForm]] = {
    "ask": AskForm,
    "choices": ChoicesForm,
    "value": ValueForm,
    "estimate": EstimateForm,
    "spend": ExplainForm,
    "signals": ExplainForm,
    "anomalies": ExplainForm,
    "optimisation": ExplainForm,
    "topics": TopicsForm,
    "guardrails": GuardrailsForm,
    "risk": RiskForm,
    "proofs": ProofsForm,
    "sheets": SheetsForm,
    "ownership": OwnershipForm,
}
