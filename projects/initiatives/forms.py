"""Shape and wording of the forms on an initiative's people, and of a field that names an initiative."""

from typing import Any

from django import forms

from projects.common.form_fields import LineField, TextField
from projects.initiatives.models import Initiative
from projects.initiatives.selectors import initiatives_named
from projects.initiatives.staffing import PARTS
from projects.people.models import User


def not_named(typed: str) -> str:
    """Say that no initiative has the key that was typed, and what to write."""
    return f"There is no initiative {typed.upper()}. Write its key, such as AI-031."


class InitiativeField(LineField):
    """An initiative by its key, in any case."""

    def clean(self, value: Any) -> Initiative | None:
        """Return the initiative, None for an empty field that may be empty."""
        typed = super().clean(value)
        if not typed:
            return None
        found = initiatives_named([typed]).get(typed.upper())
        if found is None:
            raise forms.ValidationError(not_named(typed))
        return found


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
