"""What people type on the pages of spend."""

import json
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django import forms

from projects.attribution.drafts import RuleDraft
from projects.attribution.models import RuleKind
from projects.common.form_fields import LineField
from projects.common.worded_forms import WordedForm
from projects.initiatives.models import Initiative
from projects.people.models import User
from projects.sources.models import CostGroup, SourceRole
from projects.sources.readers.interface import UnreadableFile
from projects.sources.readers.mapping import mapping_of
from projects.spend.switching_off import ToSwitchOff

CLAIMED_BY = (
    (RuleKind.SUB_ACCOUNT, "Its sub-account"),
    (RuleKind.BILLING_ACCOUNT, "Its billing account or API key"),
    (RuleKind.SERVICE, "Its service, wherever it runs"),
)
MOST_CHOSEN = 100


class UploadForm(WordedForm):
    """A cost file and whose it is."""

    entity = "A delivery"
    source = forms.CharField(
        max_length=100,
        widget=forms.TextInput(attrs={"list": "sources"}),
        error_messages={"required": "Say who delivers the file."},
        help_text="Who delivers it, such as aws-focus. A newer file of a source replaces the older one of the same month.",
    )
    file = forms.FileField(
        error_messages={"required": "Choose a file."},
        help_text="CSV, JSON or JSON lines, as it is, gzipped or alone in a zip, or Parquet: FOCUS, or the export of a cloud or gateway.",
    )
    mapping = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text='Only where the next page cannot be told: {"columns": {"date": "Day"}, "date_order": "dmy"} and so on.',
    )

    def clean_source(self) -> str:
        """Accept a name that can be read."""
        name = str(self.cleaned_data["source"]).strip()
        if not name.isprintable():
            raise forms.ValidationError("The name of a source holds a character that cannot be read. Type it anew.")
        return name

    def clean_mapping(self) -> dict[str, Any]:
        """Accept a mapping that can be followed."""
        text = self.cleaned_data["mapping"].strip()
        if not text:
            return {}
        try:
            said = json.loads(text)
        except (ValueError, RecursionError) as wrong:
            raise forms.ValidationError(
                "The mapping is not JSON. Leave it empty to choose the columns on the next page."
            ) from wrong
        if not isinstance(said, dict):
            raise forms.ValidationError("A mapping is one JSON object. Write it in braces, or leave it empty.")
        try:
            mapping_of(said)
        except UnreadableFile as bad:
            raise forms.ValidationError(bad.message) from bad
        return said


class ColumnsForm(WordedForm):
    """Which column of a file is which, or what always stands in its place."""

    entity = "A mapping"
    NEEDED = ("date", "amount", "currency", "service")
    date = forms.ChoiceField(label="Day of the charge", required=False)
    amount = forms.ChoiceField(label="Amount", required=False)
    currency = forms.ChoiceField(label="Currency", required=False)
    currency_is = forms.CharField(label="Or always this currency", required=False, max_length=3)
    service = forms.ChoiceField(label="Service", required=False)
    service_is = forms.CharField(label="Or always this service", required=False, max_length=200)
    provider = forms.ChoiceField(label="Provider", required=False)
    provider_is = forms.CharField(label="Or always this provider", required=False, max_length=200)
    key = forms.ChoiceField(
        label="Key",
        required=False,
        help_text="Kept as a tag of the column's name. Where that is not initiative, a rule for the tag says whose it is.",
    )
    account = forms.ChoiceField(label="Billing account", required=False)

    def __init__(self, *args: Any, columns: Sequence[str], **kwargs: Any) -> None:
        """Offer the columns of the file."""
        super().__init__(*args, **kwargs)
        for name in self._fields_of_columns():
            self.fields[name].choices = [("", "None"), *((column, column) for column in columns)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ask for what no charge can be without."""
        typed: dict[str, Any] = super().clean() or {}
        for name in self.NEEDED:
            if name not in self.errors and not typed.get(name) and not typed.get(f"{name}_is"):
                self.add_error(name, f"A mapping needs the column of the {self.fields[name].label.lower()}. Choose it.")  # type: ignore[union-attr]
        return typed

    def said(self) -> dict[str, Any]:
        """Return it as a mapping says it."""
        typed = self.cleaned_data
        columns = {name: typed[name] for name in self._fields_of_columns() if typed[name]}
        values = {
            name: typed[f"{name}_is"]
            for name in ("currency", "service", "provider")
            if typed[f"{name}_is"] and name not in columns
        }
        return {"kind": "minimal", "columns": columns, "values": values}

    def _fields_of_columns(self) -> list[str]:
        return [name for name in self.fields if not name.endswith("_is")]


class ConfirmForm(WordedForm):
    """Yes to what the preview shows."""

    entity = "A delivery"
    role = forms.ChoiceField(choices=SourceRole.choices, required=False)
    same_content = forms.BooleanField(required=False)
    good_rows = forms.BooleanField(required=False)


class ReopenForm(WordedForm):
    """Why a closed month must be opened again."""

    entity = "The opening of a month"
    reason = forms.CharField(max_length=500, error_messages={"required": "Say why the month must be opened again."})


class HeapsForm(WordedForm):
    """The heaps of unclaimed charges that were chosen, each by a group of its charges."""

    entity = "A choice of heaps"
    heap = forms.ModelMultipleChoiceField(
        queryset=CostGroup.objects.select_related("source"),
        error_messages={
            "required": "Choose at least one heap.",
            "invalid_choice": "It is no longer there. Load the page anew.",
        },
        label="Heaps",
    )

    def clean_heap(self) -> list[CostGroup]:
        """Refuse more than one preview can show."""
        found = list(self.cleaned_data["heap"])
        if len(found) > MOST_CHOSEN:
            raise forms.ValidationError(
                f"{self.entity} takes at most {MOST_CHOSEN} heaps at once, not {len(found)}. Choose fewer."
            )
        return found


class ClaimForm(HeapsForm):
    """Whose heaps of unclaimed charges are, and by what the next ones are known."""

    entity = "A claim"
    initiative = LineField(
        max_length=12,
        label="Initiative",
        widget=forms.TextInput(attrs={"list": "initiatives", "autocomplete": "off"}),
        error_messages={"required": "Name the initiative that receives them."},
    )
    claim = forms.ChoiceField(
        choices=CLAIMED_BY, label="Claim by", error_messages={"required": "Choose what the next charges are known by."}
    )

    def __init__(self, *args: Any, only_past: bool = False, **kwargs: Any) -> None:
        """Claim what comes too, or only link what was charged until now."""
        super().__init__(*args, **kwargs)
        self.only_past = only_past

    def clean_initiative(self) -> Initiative:
        """Accept the key of an initiative that still takes charges."""
        typed = str(self.cleaned_data["initiative"]).strip().upper()
        found = Initiative.objects.open().filter(key=typed).first()
        if found is None:
            raise forms.ValidationError(f"No open initiative is called {typed}. Write its key, such as AI-031.")
        return found

    def clean(self) -> dict[str, Any]:
        """Refuse a heap that does not name what it is to be claimed by."""
        told = super().clean() or {}
        silent = [group for group in told.get("heap", []) if "claim" in told and not _named(group, told["claim"])]
        if silent:
            what = RuleKind(told["claim"]).label.lower()
            self.add_error(
                "claim", f"{silent[0].service_name or silent[0].source} names no {what}. Claim it by another."
            )
        return told

    def drafts(self, *, on: date) -> tuple[RuleDraft, ...]:
        """Return one rule for each heap, and only one where heaps are known by the same."""
        kind, note = self.cleaned_data["claim"], "Linked" if self.only_past else "Claimed"
        values = dict.fromkeys(_named(group, kind) for group in self.cleaned_data["heap"])
        return tuple(
            RuleDraft(
                kind,
                value,
                self.cleaned_data["initiative"],
                ends_on=on + timedelta(days=1) if self.only_past else None,
                note=f"{note} from the unclaimed.",
            )
            for value in values
        )


class SwitchOffForm(HeapsForm):
    """Who sees heaps of unclaimed charges to their end, until when, and why."""

    entity = "A switch-off"
    owner = forms.ModelChoiceField(
        queryset=User.objects.filter(is_active=True, is_service=False),
        to_field_name="username",
        empty_label="Choose",
        label="Who sees to it",
        error_messages={
            "required": "Choose who sees to it.",
            "invalid_choice": "No active person has this user name. Choose a person who holds a role.",
        },
    )
    due_on = forms.DateField(
        label="Off by",
        error_messages={
            "required": "Give the day by which it is off.",
            "invalid": "Write the day as year, month, day: 2026-12-01.",
        },
    )
    reason = LineField(max_length=400, label="Why", error_messages={"required": "Say why it is switched off."})

    def asked(self) -> list[ToSwitchOff]:
        """Return what is to be switched off: each place once."""
        told = self.cleaned_data
        places = {
            (group.source, group.billing_account_id or "", group.sub_account_id or "", group.service_name or "")
            for group in told["heap"]
        }
        return [
            ToSwitchOff(source, told["owner"], told["due_on"], told["reason"], billing, sub, service)
            for source, billing, sub, service in sorted(places, key=lambda place: place[1:])
        ]


def _named(group: CostGroup, kind: str) -> str:
    """Return what a heap is known by, or nothing."""
    said = {
        RuleKind.SUB_ACCOUNT: group.sub_account_id,
        RuleKind.BILLING_ACCOUNT: group.billing_account_id,
        RuleKind.SERVICE: group.service_name,
    }
    return said[RuleKind(kind)] or ""
