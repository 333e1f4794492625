"""Shape and wording of the forms on money."""

from django import forms

from projects.common.form_fields import LineField, MoneyField, TextField
from projects.funding.choices import EnvelopeKind
from projects.funding.models import Envelope


class EnvelopeForm(forms.Form):
    """A new envelope."""

    name = LineField(label="Name", max_length=120, help_text="As people say it: Claims FY27.")
    kind = forms.ChoiceField(label="Kind", choices=EnvelopeKind.choices)
    parent = forms.ModelChoiceField(
        label="Part of", queryset=Envelope.objects.all(), required=False, empty_label="The organisation's budget"
    )
    amount = MoneyField(label="Amount")
    starts_on = forms.DateField(label="First day")
    last_day = forms.DateField(label="Last day")


class ChangeForm(forms.Form):
    """More or less money for an envelope."""

    direction = forms.ChoiceField(label="Change", choices=[("add", "Add"), ("take", "Take away")])
    amount = MoneyField(label="Amount")
    reason = LineField(label="Reason", max_length=500)


class FreezeForm(forms.Form):
    """Why money must stop."""

    reason = TextField(label="Why must the spend stop?", rows=3, max_length=2000)
