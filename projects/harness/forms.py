"""Shape and wording of a harness line."""

from django import forms

from projects.common.form_fields import TextField
from projects.common.worded_forms import WordedForm
from projects.harness.models import KINDS
from projects.harness.services import LineDraft


class LineForm(WordedForm):
    """One line of full cost for one month."""

    entity = "A harness line"
    kind = forms.ChoiceField(
        label="Kind of work",
        choices=KINDS,
        initial="human_review",
        error_messages={"required": "Choose what was done."},
    )
    month = forms.DateField(
        label="Month",
        input_formats=["%Y-%m", "%Y-%m-%d"],
        help_text="Year and month, such as 2026-05.",
        error_messages=dict.fromkeys(("required", "invalid"), "Write year and month: 2026-05."),
    )
    amount = forms.DecimalField(
        label="Amount",
        max_digits=20,
        decimal_places=2,
        error_messages=dict.fromkeys(("required", "invalid"), "Write it in figures, such as 7440.00."),
    )
    note = TextField(
        label="What it pays for",
        rows=2,
        help_text="And how the figure was found: two reviewers, six days each, at 620.",
        error_messages={"required": "Say what it pays for and how the figure was found."},
    )

    def draft(self) -> LineDraft:
        """Return what the line is to say."""
        cleaned = self.cleaned_data
        return LineDraft(cleaned["month"].replace(day=1), cleaned["kind"], cleaned["amount"], cleaned["note"])


class TakeBackForm(WordedForm):
    """Why a line is taken back."""

    entity = "A harness line taken back"
    note = TextField(label="Why it is taken back", rows=2, error_messages={"required": "Say what was wrong with it."})
