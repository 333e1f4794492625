"""Forms of the room: a motion with its conditions, and the plan of a meeting."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms

from council.decisions.models import Outcome
from projects.common.form_fields import LineField, MoneyField
from projects.common.outcomes import Refused
from projects.people.models import Organisation, User

FIELD_OF = {
    "amount_wrong": "amount",
    "amount_outside_ask": "amount",
    "nothing_asked": "amount",
    "over_headroom": "amount",
    "hold_without_money": "amount",
    "reason_missing": "reason",
    "conditions_missing": "outcome",
    "conditions_unexpected": "outcome",
    "too_early_to_sunset": "outcome",
}
BLOCKS = [("nothing", "Nothing"), ("release", "The release of the money"), ("next_gate", "The next gate")]


class MeetingForm(forms.Form):
    """Plan a sitting."""

    held_on = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}))
    starts_at = forms.TimeField(label="Begins at", initial=time(10), widget=forms.TimeInput(attrs={"type": "time"}))
    title = forms.CharField(label="Name", max_length=120, initial="Council")
    place = forms.CharField(label="Place", max_length=200, required=False)

    def starts(self) -> datetime:
        """Return the beginning in the organisation's time zone."""
        zone = ZoneInfo(Organisation.objects.get().time_zone)
        return datetime.combine(self.cleaned_data["held_on"], self.cleaned_data["starts_at"], zone)


class MotionForm(forms.Form):
    """Outcome, amount and one line of reason; dates for what needs them."""

    outcome = forms.ChoiceField(label="Outcome", choices=Outcome.choices)
    amount = MoneyField(label="Amount approved", required=False)
    reason = LineField(
        label="Reason, one line", max_length=300, error_messages={"required": "Give one line of reason."}
    )
    release_by = forms.DateField(
        label="Valid until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Last day on which the money may be released.",
    )
    resume_on = forms.DateField(
        label="Resume or resubmit by",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="For Hold and Recycle.",
    )
    run_down_until = forms.DateField(
        label="Run-down until",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="For Kill and Sunset with money to wind down.",
    )

    def refuse(self, refused: Refused) -> None:
        """Show why the council's rules refuse the motion, each reason at its field where it has one."""
        for blocker in refused.blockers:
            self.add_error(FIELD_OF.get(blocker.code), blocker.message)

    def details(self) -> dict[str, str]:
        """Return the dates that were given, as text."""
        names = ("release_by", "resume_on", "run_down_until")
        return {name: day.isoformat() for name in names if (day := self.cleaned_data.get(name))}


class ConditionForm(forms.Form):
    """One condition; an empty one is left out."""

    text = forms.CharField(label="Condition", max_length=400, required=False)
    owner = forms.ModelChoiceField(label="Owner", queryset=User.objects.none(), required=False)
    due_on = forms.DateField(label="Due", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    verifier = forms.ModelChoiceField(label="Checked by", queryset=User.objects.none(), required=False)
    blocks = forms.ChoiceField(label="Blocks", choices=BLOCKS, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the people who are here."""
        super().__init__(*args, **kwargs)
        people = User.objects.filter(is_active=True, is_service=False).order_by("full_name")
        for name in ("owner", "verifier"):
            self.fields[name].queryset = people  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for the rest once a text is given."""
        given: dict[str, Any] = super().clean() or {}
        if given.get("text"):
            for name, words in (
                ("owner", "Name who owes it."),
                ("due_on", "Say by when."),
                ("verifier", "Name who checks it."),
            ):
                if not given.get(name) and name not in self.errors:
                    self.add_error(name, words)
        return given

    def problems(self) -> list[tuple[str, str]]:
        """Return each error as a link to its field and its words, for the summary on top."""
        return [(f"#{field.id_for_label}", str(text)) for field in self for text in field.errors]

    def as_condition(self) -> dict[str, Any] | None:
        """Return the condition as a motion holds it, or None where nothing was typed."""
        given = self.cleaned_data
        if not given.get("text"):
            return None
        return {
            "text": given["text"],
            "owner": given["owner"].pk,
            "owner_name": str(given["owner"]),
            "due_on": given["due_on"].isoformat(),
            "verifier": given["verifier"].pk,
            "verifier_name": str(given["verifier"]),
            "blocks": given.get("blocks") or "nothing",
        }


ConditionFormSet = forms.formset_factory(ConditionForm, extra=2, max_num=10)
