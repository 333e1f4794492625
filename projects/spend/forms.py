"""What people type on the pages of spend."""

import json
from datetime import date, timedelta
from typing import Any

from django import forms
from django.db.models import Q

from projects.attribution.models import RuleKind
from projects.attribution.services import RuleDraft
from projects.initiatives.models import Initiative
from projects.people.models import User
from projects.sources.models import Source, SourceRole
from projects.sources.readers.interface import UnreadableFile
from projects.sources.readers.mapping import mapping_of

CLAIMED_BY = (
    (RuleKind.SUB_ACCOUNT, "Everything in this sub-account"),
    (RuleKind.BILLING_ACCOUNT, "Everything in this billing account or API key"),
    (RuleKind.SERVICE, "Everything of this service, wherever it runs"),
)


class UploadForm(forms.Form):
    """A cost file and whose it is."""

    source = forms.CharField(
        max_length=100,
        help_text="Who delivers it, such as aws-focus. A newer file of a source replaces the older one of the same month.",
    )
    file = forms.FileField(
        help_text="CSV, CSV.gz, Parquet, JSON or JSON lines: FOCUS, or the export of a cloud or gateway."
    )
    mapping = forms.CharField(
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text='Only for a file that is not recognised: {"columns": {"charge_period_start": "Day"}} and so on.',
    )

    def clean_source(self) -> str:
        """Accept a name that can be read."""
        name = str(self.cleaned_data["source"]).strip()
        if not name.isprintable():
            raise forms.ValidationError("Use printable characters only.")
        return name

    def clean_mapping(self) -> dict[str, Any]:
        """Accept a mapping that can be followed."""
        text = self.cleaned_data["mapping"].strip()
        if not text:
            return {}
        try:
            said = json.loads(text)
        except (ValueError, RecursionError) as wrong:
            raise forms.ValidationError("This is not JSON.") from wrong
        if not isinstance(said, dict):
            raise forms.ValidationError("Write one JSON object.")
        try:
            mapping_of(said)
        except UnreadableFile as bad:
            raise forms.ValidationError(bad.message) from bad
        return said


class ConfirmForm(forms.Form):
    """Yes to what the preview shows."""

    role = forms.ChoiceField(choices=SourceRole.choices, required=False)
    same_content = forms.BooleanField(required=False)
    good_rows = forms.BooleanField(required=False)


class ReopenForm(forms.Form):
    """Why a closed month must be opened again."""

    reason = forms.CharField(max_length=500, error_messages={"required": "Say why the month must be opened again."})


class ClaimForm(forms.Form):
    """Whose a heap of unclaimed charges is, and by what the next ones are known."""

    initiative = forms.CharField(max_length=40)
    claim = forms.ChoiceField(choices=CLAIMED_BY)
    sub_account = forms.CharField(max_length=500, required=False, strip=False)
    service = forms.CharField(max_length=500, required=False, strip=False)
    billing_account = forms.CharField(max_length=500, required=False, strip=False)
    only_past = forms.BooleanField(required=False, label="Only what was charged until now")

    def clean_initiative(self) -> Initiative:
        """Accept the key of an initiative that still takes charges."""
        typed = str(self.cleaned_data["initiative"]).strip().upper()
        found = Initiative.objects.open().filter(Q(key=typed) | Q(pk=int(typed) if typed.isdecimal() else 0)).first()
        if found is None:
            raise forms.ValidationError(f"No open initiative is called {typed}. Write its key, such as AI-031.")
        return found

    def draft(self, *, on: date) -> RuleDraft:
        """Return the rule that takes the heap and what comes like it, or only links what was charged until a day."""
        kind = self.cleaned_data["claim"]
        is_link = self.cleaned_data["only_past"]
        return RuleDraft(
            kind,
            self.cleaned_data[kind],
            self.cleaned_data["initiative"],
            ends_on=on + timedelta(days=1) if is_link else None,
            note="Linked from the unclaimed." if is_link else "Claimed from the unclaimed.",
        )


class SwitchOffForm(forms.Form):
    """Who sees a heap of unclaimed charges to its end, until when, and why."""

    source = forms.ModelChoiceField(queryset=Source.objects.all())
    billing_account = forms.CharField(max_length=500, required=False, strip=False)
    sub_account = forms.CharField(max_length=500, required=False, strip=False)
    service = forms.CharField(max_length=500, required=False, strip=False)
    owner = forms.ModelChoiceField(
        queryset=User.objects.filter(is_active=True, is_service=False), to_field_name="username"
    )
    due_on = forms.DateField(label="Off by")
    reason = forms.CharField(max_length=400, label="Why")
