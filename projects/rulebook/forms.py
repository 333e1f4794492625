"""What people type to make and change rules."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms

from projects.attribution.drafts import RuleDraft, ShareDraft
from projects.attribution.models import UNCLASSIFIED, Basis, Purpose, RuleKind
from projects.common.form_fields import LineField, TextField
from projects.common.worded_forms import WordedForm
from projects.initiatives.forms import not_named
from projects.initiatives.selectors import initiatives_named
from projects.rulebook.detail_forms import DetailFields
from projects.rulebook.words import TAKES
from projects.sources.models import Source

KINDS = [
    (kind.value, TAKES[kind])
    for kind in (
        RuleKind.TAG,
        RuleKind.RESOURCE_PREFIX,
        RuleKind.SUB_ACCOUNT,
        RuleKind.COST_CENTRE,
        RuleKind.BILLING_ACCOUNT,
        RuleKind.SERVICE,
        RuleKind.RESOURCE,
    )
]

NO_KIND = {"required": "Choose what the charges have in common."}
NO_VALUE = {"required": "Write what the charges carry, as the bill writes it."}
NO_REASON = {"required": "Say in a line why it holds."}


class RuleForm(DetailFields):
    """What a rule takes, on which days, and who receives it."""

    kind = forms.ChoiceField(choices=KINDS, label="Takes charges by", error_messages=NO_KIND)
    tag_key = LineField(max_length=200, required=False, label="Tag", help_text="For a tag: its key, in any spelling.")
    value = LineField(
        max_length=500,
        label="Value",
        help_text="For a service or model, * stands for any text.",
        error_messages=NO_VALUE,
    )
    source = forms.ModelChoiceField(queryset=Source.objects.none(), required=False, empty_label="Every source")
    receivers = TextField(
        rows=3,
        required=False,
        label="Receives",
        help_text="Empty where a log says it, else the initiative's key. For a split one a line, with its percentage where shares are fixed: AI-031 60.",
    )
    basis = forms.ChoiceField(
        choices=Basis.choices,
        label="Shared by",
        error_messages={"required": "Choose one initiative or how they share."},
    )
    starts_on = forms.DateField(required=False, label="From charge day", help_text="Empty means always.")
    ends_on = forms.DateField(required=False, label="Until before", help_text="Empty means without end.")
    note = LineField(max_length=400, label="Why", error_messages=NO_REASON)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer the sources there are."""
        super().__init__(*args, **kwargs)
        field = self.fields["source"]
        if isinstance(field, forms.ModelChoiceField):
            field.queryset = Source.objects.order_by("name")

    def clean(self) -> dict[str, Any]:
        """Read who receives, and hold it against how the charge is shared."""
        cleaned = super().clean() or {}
        if "receivers" not in cleaned or "basis" not in cleaned:
            return cleaned
        shares = self._shares(cleaned["receivers"])
        if cleaned["basis"] == Basis.DETAIL:
            return {**cleaned, "shares": shares}
        if not self.errors and not shares:
            self.add_error("receivers", "A rule needs who receives. Name the initiative by its key, such as AI-031.")
        if not self.errors and cleaned["basis"] == Basis.WHOLE and len(shares) != 1:
            self.add_error(
                "basis", "A rule for one initiative names one, not several. Say how they share, or name one."
            )
        if not self.errors and cleaned["basis"] != Basis.WHOLE and len(shares) < 2:
            self.add_error("receivers", "A rule that shares needs at least two initiatives. Name them one a line.")
        return {**cleaned, "shares": shares}

    def draft(self) -> RuleDraft:
        """Return the rule as it was typed."""
        told = self.cleaned_data
        is_whole = told["basis"] == Basis.WHOLE
        return RuleDraft(
            kind=told["kind"],
            value=told["value"],
            tag_key=told["tag_key"] if told["kind"] == RuleKind.TAG else "",
            initiative=told["shares"][0].initiative if is_whole else None,
            shares=() if is_whole else tuple(told["shares"]),
            basis=told["basis"],
            source=told["source"],
            starts_on=told["starts_on"],
            ends_on=told["ends_on"],
            note=told["note"],
            detail=self.detail_draft(),
        )

    def _shares(self, text: str) -> list[ShareDraft]:
        lines = [line.replace("%", " ").split() for line in text.splitlines() if line.strip()]
        known = initiatives_named(line[0] for line in lines)
        shares = []
        for line in lines:
            who, percent = known.get(line[0].upper()), _percent(line[1:])
            if who is None:
                self.add_error("receivers", not_named(line[0]))
            elif len(line) > 2 or (len(line) == 2 and percent is None):
                self.add_error("receivers", f"{' '.join(line)}: write the key and a percentage, such as AI-031 60.")
            else:
                shares.append(ShareDraft(who, percent))
        return shares


class ChangeForm(RuleForm):
    """The same, from a day on."""

    from_on = forms.DateField(
        required=False,
        label="Changes from charge day",
        help_text="Earlier days stay with the version before. Empty replaces it on all days.",
    )
    field_order = ("from_on",)


class PurposeForm(WordedForm):
    """What a rule of purpose takes, and what that is for; it holds on all days."""

    entity = "A rule of purpose"
    kind = forms.ChoiceField(choices=KINDS, label="Charges by", error_messages=NO_KIND)
    tag_key = LineField(
        max_length=200, required=False, label="Tag", help_text="For a tag: its key, such as workload or environment."
    )
    value = LineField(
        max_length=500,
        label="Value",
        help_text="For a service or model, * stands for any text.",
        error_messages=NO_VALUE,
    )
    source = forms.ModelChoiceField(
        queryset=Source.objects.order_by("name"), required=False, empty_label="Every source"
    )
    purpose = forms.ChoiceField(
        choices=[one for one in Purpose.choices if one[0] != UNCLASSIFIED],
        label="Are for",
        error_messages={"required": "Choose what the charges are for."},
    )
    note = LineField(max_length=400, label="Why", error_messages=NO_REASON)

    def draft(self) -> RuleDraft:
        """Return the rule as it was typed."""
        told = self.cleaned_data
        tag_key = told["tag_key"] if told["kind"] == RuleKind.TAG else ""
        return RuleDraft(
            kind=told["kind"],
            value=told["value"],
            tag_key=tag_key,
            source=told["source"],
            note=told["note"],
            basis=Basis.PURPOSE,
            purpose=told["purpose"],
        )


class EndForm(WordedForm):
    """The day from which a rule takes nothing."""

    entity = "The end of a rule"
    ends_on = forms.DateField(
        label="Takes nothing from charge day",
        error_messages={"required": "Give the first day on which it takes nothing: 2026-12-01."},
    )


def _percent(words: list[str]) -> Decimal | None:
    if not words:
        return None
    try:
        percent = Decimal(words[0])
    except InvalidOperation:
        return None
    return percent if percent.is_finite() else None
