"""What people type on the pages of spend."""

import json
from typing import Any

from django import forms

from projects.attribution.models import RuleKind
from projects.attribution.services import RuleDraft
from projects.initiatives.choices import Condition
from projects.initiatives.models import Initiative
from projects.sources.models import SourceRole
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


class ClaimForm(forms.Form):
    """Whose a heap of unclaimed charges is, and by what the next ones are known."""

    initiative = forms.ModelChoiceField(queryset=Initiative.objects.none(), empty_label="Choose an initiative")
    claim = forms.ChoiceField(choices=CLAIMED_BY)
    sub_account = forms.CharField(max_length=500, required=False, strip=False)
    service = forms.CharField(max_length=500, required=False, strip=False)
    billing_account = forms.CharField(max_length=500, required=False, strip=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the initiatives that still take charges."""
        super().__init__(*args, **kwargs)
        field = self.fields["initiative"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Initiative.objects.exclude(condition=Condition.CLOSED).order_by("name")

    def draft(self) -> RuleDraft:
        """Return the rule that takes the heap and what comes like it."""
        kind = self.cleaned_data["claim"]
        return RuleDraft(
            kind, self.cleaned_data[kind], self.cleaned_data["initiative"], note="Claimed from the unclaimed."
        )
