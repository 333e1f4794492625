"""Shape and wording of the form that makes a token."""

from typing import Any

from django import forms

from projects.common.form_fields import LineField
from projects.tokens.rules import SCOPE_WORDS, Scope

LASTS = ((30, "30 days"), (90, "90 days"), (180, "180 days"), (365, "a year"))


class TokenForm(forms.Form):
    """What a program may do, and for how long."""

    name = LineField(label="Which program uses it", max_length=100, help_text="Nightly evaluation of Claims Triage.")
    scopes = forms.MultipleChoiceField(
        label="What it may be used for",
        choices=[(scope.value, words) for scope, words in SCOPE_WORDS.items()],
        widget=forms.CheckboxSelectMultiple,
        initial=[Scope.READ.value],
        error_messages={"required": "Choose at least one"},
    )
    days = forms.TypedChoiceField(label="It ends after", choices=LASTS, coerce=int, initial=90)

    def clean_scopes(self) -> Any:
        """Entering includes reading: a program sees what it wrote."""
        chosen = set(self.cleaned_data["scopes"])
        return sorted(chosen | {Scope.READ.value})
