"""Shape and wording of a harness line."""

from django import forms

from projects.common.form_fields import TextField
from projects.harness.models import KINDS
from projects.harness.services import LineDraft


class LineForm(forms.Form):
    """One line of full cost for one month."""

    kind = forms.ChoiceField(label="Kind of work", choices=KINDS, initial="human_review")
    month = forms.DateField(
        label="Month", input_formats=["%Y-%m", "%Y-%m-%d"], help_text="Year and month, such as 2026-05."
    )
    amount = forms.DecimalField(label="Amount", max_digits=20, decimal_places=2)
    note = TextField(
        label="What it pays for",
        rows=2,
        help_text="And how the figure was found: two reviewers, six days each, at 620.",
    )

    def draft(self) -> LineDraft:
        """Return what the line is to say."""
        cleaned = self.cleaned_data
        return LineDraft(cleaned["month"].replace(day=1), cleaned["kind"], cleaned["amount"], cleaned["note"])


class TakeBackForm(forms.Form):
    """Why a line is taken back."""

    note = TextField(label="Why it is taken back", rows=2)
