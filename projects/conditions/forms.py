"""Shape and wording of the forms on conditions."""

from django import forms

from projects.common.form_fields import TextField


class MeetForm(forms.Form):
    """What shows that a condition is met."""

    evidence = TextField(label="What shows that it is met?", rows=4)


class ReturnForm(forms.Form):
    """What is still lacking."""

    reason = TextField(label="What does it still lack?", rows=3)
