"""Shape and wording of the forms on guardrails."""

from django import forms

from projects.common.form_fields import LineField, TextField


class ValueForm(forms.Form):
    """A guardrail's value and where it is set, or why it does not apply."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    value = LineField(label="Value", required=False, max_length=400)
    source = LineField(label="Where it is set", required=False, max_length=200, help_text="Gateway, console, code.")
    not_applicable = LineField(label="Why it does not apply", required=False, max_length=400)


class EvidenceForm(forms.Form):
    """What shows that a guardrail is enforced."""

    evidence = TextField(
        label="What shows that it is enforced?",
        rows=5,
        max_length=20_000,
        help_text="Paste the setting, the log or the test's output. It is kept with its hash; a link alone proves nothing.",
    )


class JudgeForm(forms.Form):
    """What a reviewer finds."""

    holds = forms.ChoiceField(label="Is it enforced?", choices=[("yes", "Yes, it is shown"), ("no", "No, it is not")])
    reason = TextField(label="What you found", rows=3)
