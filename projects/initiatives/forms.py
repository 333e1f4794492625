"""Shape and wording of the forms on an initiative's people."""

from typing import Any

from django import forms

from projects.common.form_fields import TextField
from projects.initiatives.staffing import PARTS
from projects.people.models import User


class PersonForm(forms.Form):
    """Somebody who is active."""

    user = forms.ModelChoiceField(label="Who?", queryset=User.objects.none())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer everybody who is active."""
        super().__init__(*args, **kwargs)
        people: Any = self.fields["user"]
        people.queryset = User.objects.filter(is_active=True, is_service=False).order_by("full_name", "username")


class JoinForm(forms.Form):
    """Why somebody wants to join."""

    reason = TextField(
        label="What would you bring, and what do you need from it?",
        rows=4,
        max_length=2000,
        error_messages={"required": "Say what you would bring"},
    )


class ReplaceForm(PersonForm):
    """The next holder of a part."""

    part = forms.ChoiceField(label="Which part?", choices=[(code, name.capitalize()) for code, name in PARTS.items()])
    reason = TextField(label="Why does it change?", rows=2)

    field_order = ("part", "user", "reason")
