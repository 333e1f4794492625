"""Give a charge to an initiative by name: a person's override of every rule, tried out like any other change."""

from datetime import timedelta

from django import forms

from projects.attribution.drafts import RuleDraft
from projects.attribution.models import RuleKind
from projects.common.form_fields import LineField
from projects.common.worded_forms import WordedForm
from projects.initiatives.forms import InitiativeField
from projects.sources.models import CostKey
from projects.spend.models import SpendFact

RESOURCE = "resource"
REACH = (
    (RESOURCE, "Everything of this resource"),
    ("alike", "Every charge exactly like it"),
    ("day", "This day's charges exactly like it"),
)


class OverrideForm(WordedForm):
    """Whose the charge is, how far that reaches, and why."""

    entity = "An override"
    initiative = InitiativeField(
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text="Its key, such as AI-031.",
        error_messages={"required": "Name the initiative that receives it."},
    )
    reach = forms.ChoiceField(choices=REACH, label="Reaches", error_messages={"required": "Choose how far it reaches."})
    why = LineField(max_length=400, error_messages={"required": "Say why it is theirs."})

    def __init__(self, *args: object, key: CostKey, **kwargs: object) -> None:
        """Offer the whole resource only where the charge names one."""
        super().__init__(*args, **kwargs)
        self.key = key
        if not key.resource_id:
            self.fields["reach"].choices = [choice for choice in REACH if choice[0] != RESOURCE]  # type: ignore[attr-defined]

    def draft(self, fact: SpendFact) -> RuleDraft:
        """Return the rule that does it for a charge."""
        told = self.cleaned_data
        if told["reach"] == RESOURCE:
            resource = self.key.resource_id or ""
            return RuleDraft(RuleKind.RESOURCE, resource, told["initiative"], source=self.key.source, note=told["why"])
        is_day = told["reach"] == "day"
        return RuleDraft(
            RuleKind.CHARGE,
            initiative=told["initiative"],
            cost_key=self.key,
            starts_on=fact.charge_on if is_day else None,
            ends_on=fact.charge_on + timedelta(days=1) if is_day else None,
            note=told["why"],
        )
