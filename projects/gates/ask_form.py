"""The form of the ask: one next milestone and its money."""

from datetime import date
from decimal import Decimal
from typing import Any

from django import forms

from projects.common.form_fields import LineField, MoneyField, TextField, date_of
from projects.gates.models import GateRequest
from projects.gates.rules import HARNESS
from projects.gates.section_form import SectionForm

LAYERS = (
    ("model_api", "Model API", "Tokens and calls"),
    ("platform", "Platform and orchestration", "Vector store, gateway, evaluation"),
    ("infrastructure", "Infrastructure", "GPU, storage, network"),
    ("embedded_saas", "Embedded AI in software", "Licences with AI included"),
    (HARNESS, "Harness", "People, evaluation, review. Without an amount here, harness lines count in no budget"),
)


class AskForm(SectionForm):
    """One next milestone with its test and date, and the money that reaches it."""

    milestone_name = LineField(
        label="Which milestone does this money reach?",
        help_text="One milestone, the next one. Say what will be true when it is reached.",
        max_length=200,
        error_messages={"required": "Name the milestone"},
    )
    milestone_test = TextField(
        label="How can somebody else tell that it is reached?",
        rows=3,
        error_messages={"required": "Say how somebody else can tell that it is reached"},
    )
    due_day = forms.CharField(required=False, max_length=4)
    due_month = forms.CharField(required=False, max_length=4)
    due_year = forms.CharField(required=False, max_length=6)
    needs_money = forms.ChoiceField(
        label="Does it need money?",
        choices=[("yes", "Yes"), ("no", "No, what is approved is enough")],
        error_messages={"required": "Say whether it needs money"},
    )
    minimum = MoneyField(label="Minimum", required=False)
    ask = MoneyField(label="Amount", required=False)
    maximum = MoneyField(label="Maximum", required=False)
    model_api = MoneyField(label="Model API", required=False)
    platform = MoneyField(label="Platform and orchestration", required=False)
    infrastructure = MoneyField(label="Infrastructure", required=False)
    embedded_saas = MoneyField(label="Embedded AI in software", required=False)
    harness = MoneyField(label="Harness", required=False)
    ends_day = forms.CharField(required=False, max_length=4)
    ends_month = forms.CharField(required=False, max_length=4)
    ends_year = forms.CharField(required=False, max_length=6)
    assumption = TextField(
        label="Which assumption does this money test?",
        rows=3,
        error_messages={"required": "Say which assumption this money tests"},
    )
    if_refused = TextField(
        label="What happens if council says no?",
        rows=3,
        error_messages={"required": "Say what happens if council says no"},
    )

    @classmethod
    def start(cls, gate: GateRequest) -> dict[str, Any]:
        """Ask for money unless told otherwise."""
        return {"needs_money": "yes"}

    def clean(self) -> dict[str, Any]:
        """Hold dates, amounts and layers together."""
        data = super().clean() or {}
        data["due_on"] = self._date("due", "The due date must be after today", "Give the date on which it is due")
        if data.get("needs_money") == "no":
            return data
        data["ends_on"] = self._date("ends", "The money must last beyond today", "Give the last day of this money")
        due, ends = data["due_on"], data["ends_on"]
        if due and ends and ends < due:
            self.add_error("ends_day", "The money must last at least until the milestone is due")
        self._check_amounts(data)
        return data

    def _date(self, prefix: str, past: str, missing: str) -> date | None:
        try:
            found = date_of(*(self.cleaned_data.get(f"{prefix}_{part}") or "" for part in ("day", "month", "year")))
        except forms.ValidationError as error:
            self.add_error(f"{prefix}_day", error)
            return None
        if found is None:
            self.add_error(f"{prefix}_day", missing)
        elif found <= self.on:
            self.add_error(f"{prefix}_day", past)
        return found

    def _check_amounts(self, data: dict[str, Any]) -> None:
        for name, words in (("minimum", "the minimum"), ("ask", "the amount"), ("maximum", "the maximum")):
            if name in data and data[name] is None:
                self.add_error(name, f"Give {words}")
        low, ask, high = data.get("minimum"), data.get("ask"), data.get("maximum")
        if low is not None and low <= 0:
            self.add_error("minimum", "The minimum must be above zero")
        if low is not None and ask is not None and ask < low:
            self.add_error("ask", "The amount must be at least the minimum")
        if ask is not None and high is not None and high < ask:
            self.add_error("maximum", "The maximum must be at least the amount")
        layers = [data.get(code) for code, _, _ in LAYERS]
        if ask is not None and any(amount is not None for amount in layers):
            total = sum((amount or Decimal(0) for amount in layers), Decimal(0))
            if total != ask:
                self.add_error("ask", f"The cost layers add up to {total:,}. They must add up to the amount, {ask:,}")

    def columns(self) -> dict[str, Any]:
        """Return milestone, money and texts."""
        data = self.cleaned_data
        wants = data["needs_money"] == "yes"
        layers = {code: str(data[code]) for code, _, _ in LAYERS if data.get(code)}
        return {
            "needs_money": wants,
            "minimum": data["minimum"] if wants else None,
            "ask": data["ask"] if wants else None,
            "maximum": data["maximum"] if wants else None,
            "layers": layers if wants else {},
            "milestone_name": data["milestone_name"],
            "milestone_test": data["milestone_test"],
            "milestone_due_on": data["due_on"],
            "ends_on": data.get("ends_on"),
            "assumption": data["assumption"],
            "if_refused": data["if_refused"],
        }
