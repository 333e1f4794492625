"""What people write on an escalation."""

from django import forms


class PlanForm(forms.Form):
    """The owner's answer."""

    plan = forms.CharField(
        label="Your plan",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text="What will be done, by whom, by when, and what the figure will be then.",
        error_messages={"required": "Say what will be done, by whom and by when."},
    )


class SnoozeForm(forms.Form):
    """Keep it off agendas for a while."""

    until = forms.DateField(label="Wait until", widget=forms.DateInput(attrs={"type": "date"}))
    reason = forms.CharField(label="Why it can wait", max_length=300)


class ClosingForm(forms.Form):
    """Close what was decided or has cleared."""

    note = forms.CharField(label="Closing note", max_length=1000, required=False)
