"""Shape and wording of the forms on milestones."""

from django import forms

from projects.common.form_fields import DayField, LineField, TextField


class PlanForm(forms.Form):
    """A new milestone."""

    name = LineField(label="Milestone", max_length=200, help_text="What will be shown, in a few words.")
    acceptance_test = TextField(label="Acceptance test", rows=3, help_text="How somebody else sees that it is met.")
    measure = LineField(label="Measure of success", max_length=200, required=False)
    forecast_due_on = DayField(label="Expected on")


class DeliverForm(forms.Form):
    """What shows that a milestone is met."""

    evidence = TextField(label="What shows that it is met?", rows=4)


class SendBackForm(forms.Form):
    """What a delivery still lacks."""

    reason = TextField(label="What does it still lack?", rows=3)


class ForecastForm(forms.Form):
    """The owner's own expectation."""

    due_on = DayField(label="Expected on")
