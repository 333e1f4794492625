"""What the forms of all sections share."""

from datetime import date
from typing import Any

from django import forms

from projects.gates.models import GateRequest


class SectionForm(forms.Form):
    """A section: the request it belongs to, its raw answers for the draft, and the columns it fills."""

    def __init__(self, *args: Any, gate: GateRequest, on: date, **kwargs: Any) -> None:
        """Keep the request and the day."""
        self.gate, self.on = gate, on
        super().__init__(*args, **kwargs)

    def answers(self) -> dict[str, str]:
        """Return what was typed, field by field, valid or not, at most 20,000 characters each."""
        return {name: str(self.data.get(name, ""))[:20_000].replace("\x00", "") for name in self.fields}

    def problems(self) -> dict[str, str]:
        """Return the first problem of each field."""
        return {name: str(errors[0]) for name, errors in self.errors.items()}

    def columns(self) -> dict[str, Any]:
        """Return the request's own columns that this section fills."""
        return {}

    @classmethod
    def start(cls, gate: GateRequest) -> dict[str, Any]:
        """Return what the fields show before anything was typed."""
        return {}
