"""The twelve topics of a reassessment: a figure, a verdict and an action each, the figure computed where data has it."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django import forms

from projects.common.form_fields import LineField
from projects.gates.models import GateRequest
from projects.gates.review_rules import TOPICS
from projects.gates.section_form import SectionForm
from projects.usage.selectors import usage_totals
from projects.value.selectors import verified_value

QUARTER = timedelta(days=90)
VERDICTS = (("", "No verdict yet"), ("good", "Good"), ("watch", "Watch"), ("act", "Act"))


def known_figures(initiative_id: int, currency: str, on: date) -> dict[str, str]:
    """Return the figures of the last 90 days that imported usage and verified value give, by topic."""
    used = usage_totals(initiative_id, on - QUARTER, on)
    counts, figures = used.counts, {}
    if used.first_day is not None:
        tiers = ", ".join(f"{tier or 'outside the catalogue'} {_percent(part)}" for tier, part in used.tier_mix.items())
        figures["tier_policy"] = f"Tokens by tier: {tiers}"
    if used.cache_read_share is not None:
        figures["caching"] = f"{_percent(used.cache_read_share)} of input read from cache"
    if counts.calls:
        figures["prompt_growth"] = f"{counts.all_input // counts.calls:,} input tokens a call"
        figures["context_size"] = f"{counts.context_tokens // counts.calls:,} retrieved tokens a call"
        figures["provider_performance"] = f"{_percent(Decimal(counts.failed_calls) / counts.calls)} of calls failed"
    value = verified_value([initiative_id], on).get(initiative_id)
    if value is not None:
        figures["business_value"] = f"{value:,.2f} {currency} verified"
    return figures


def _percent(share: Decimal) -> str:
    return f"{share * 100:.1f}%"


class TopicsForm(SectionForm):
    """Three fields for each topic."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Add the fields."""
        super().__init__(*args, **kwargs)
        for code in TOPICS:
            self.fields[f"{code}_figure"] = LineField(label="Figure", max_length=200, required=False)
            self.fields[f"{code}_verdict"] = forms.ChoiceField(label="Verdict", choices=VERDICTS, required=False)
            self.fields[f"{code}_action"] = LineField(label="Action", max_length=400, required=False)

    @classmethod
    def start(cls, gate: GateRequest) -> dict[str, Any]:
        """Show what the data knows."""
        on = gate.due_on or gate.drafted_at.date()
        known = known_figures(gate.initiative_id, gate.currency, min(on, gate.drafted_at.date()))
        return {f"{code}_figure": text for code, text in known.items()}

    @property
    def rows(self) -> list[tuple[str, forms.BoundField, forms.BoundField, forms.BoundField]]:
        """Return each topic with its fields."""
        return [
            (name, *(self[f"{code}_{part}"] for part in ("figure", "verdict", "action")))  # type: ignore[misc]
            for code, name in TOPICS.items()
        ]

    def clean(self) -> dict[str, Any]:
        """Want a figure and a verdict for each topic, and an action wherever all is not good."""
        data = super().clean() or {}
        for code, name in TOPICS.items():
            if not data.get(f"{code}_figure"):
                self.add_error(f"{code}_figure", f"{name}: give the figure, or say that it is not known")
            if not data.get(f"{code}_verdict"):
                self.add_error(f"{code}_verdict", f"{name}: choose a verdict")
            elif data[f"{code}_verdict"] != "good" and not data.get(f"{code}_action"):
                self.add_error(f"{code}_action", f"{name}: say what is done about it")
        return data


def topic_answers(answers: dict[str, Any]) -> list[dict[str, str]]:
    """Return the topics as they were answered, for the page that reads a whole request."""
    words = dict(VERDICTS)
    return [
        {
            "name": name,
            "figure": str(answers.get(f"{code}_figure", "")),
            "verdict": words.get(str(answers.get(f"{code}_verdict", "")), ""),
            "action": str(answers.get(f"{code}_action", "")),
        }
        for code, name in TOPICS.items()
    ]
