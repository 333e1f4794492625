"""Shape and wording of what finance types about prices and models."""

from decimal import Decimal
from typing import Any

from django import forms

from projects.common.worded_forms import WordedForm
from projects.initiatives.choices import ModelTier
from projects.prices.models import ModelEntry, ModelStatus
from projects.prices.services import EntryFields, Terms

UNITS = (
    ("input_mtok", "Input, a million tokens"),
    ("output_mtok", "Output, a million tokens"),
    ("cache_read_mtok", "Cached reads, a million tokens"),
    ("cache_write_mtok", "Cached writes, a million tokens"),
    ("cache_write_1h_mtok", "Cached writes kept an hour, a million tokens"),
    ("output_reasoning_mtok", "Reasoning, a million tokens"),
    ("input_audio_mtok", "Audio in, a million tokens"),
    ("output_audio_mtok", "Audio out, a million tokens"),
    ("input_image_mtok", "Images in, a million tokens"),
    ("output_image_mtok", "Images out, a million tokens"),
    ("requests_kcount", "Requests, a thousand"),
    ("web_searches_kcount", "Web searches, a thousand"),
)


class OverrideForm(WordedForm):
    """A price that our own contract says."""

    entity = "A price"
    provider = forms.CharField(
        max_length=80,
        label="Provider",
        help_text="As the price sheet writes it, such as openai.",
        error_messages={"required": "Name who sells the model, such as openai."},
    )
    model_pattern = forms.CharField(
        max_length=120,
        label="Model",
        help_text="The model’s name. A * stands for any text: gpt-5*.",
        error_messages={"required": "Name the model, or write * for any text: gpt-5*."},
    )
    price_key = forms.ChoiceField(
        choices=UNITS, label="What is priced", error_messages={"required": "Choose what the price is for."}
    )
    price = forms.DecimalField(
        label="Price",
        min_value=Decimal(0),
        help_text="For the number named above.",
        error_messages={
            "required": "Give what the contract says, such as 2.50.",
            "invalid": "Write it in figures, such as 2.50.",
        },
    )
    currency = forms.RegexField(
        r"^[A-Z]{3}$",
        label="Currency",
        initial="USD",
        help_text="Three letters, such as USD.",
        error_messages=dict.fromkeys(("required", "invalid"), "Write three capital letters, such as USD."),
    )
    valid_from = forms.DateField(
        label="First day",
        help_text="Year, month, day: 2026-12-01.",
        error_messages={"required": "Give the day from which it holds: 2026-12-01."},
    )
    valid_to = forms.DateField(label="Ends before", required=False, help_text="Leave empty while it has no end.")
    reason = forms.CharField(
        max_length=500,
        label="Reason",
        help_text="The contract or letter that says so.",
        error_messages={"required": "Name the contract or letter that says so."},
    )

    def terms(self) -> Terms:
        """Return the cleaned terms."""
        return Terms(**self.cleaned_data)


class EndForm(WordedForm):
    """The day before which a price ends."""

    entity = "The end of a price"
    valid_to = forms.DateField(
        label="Ends before", error_messages={"required": "Give the first day on which it no longer holds: 2026-12-01."}
    )


class ModelForm(WordedForm):
    """One line of the catalogue."""

    entity = "A line of the catalogue"
    provider = forms.CharField(
        max_length=80, label="Provider", error_messages={"required": "Name who sells the model, such as openai."}
    )
    model = forms.CharField(
        max_length=120, label="Model", error_messages={"required": "Name the model as its provider does."}
    )
    tier = forms.ChoiceField(
        choices=ModelTier.choices, label="Tier", error_messages={"required": "Choose its tier, as reviewed."}
    )
    status = forms.ChoiceField(
        choices=ModelStatus.choices,
        label="Status",
        error_messages={"required": "Choose whether it is approved, on trial, retiring or barred."},
    )
    reviewed_on = forms.DateField(label="Reviewed on", required=False, help_text="Provider and data handling.")
    review_on = forms.DateField(
        label="Next review",
        help_text="When the review is due again.",
        error_messages={"required": "Give the day of its next review: 2026-12-01."},
    )
    version = forms.CharField(max_length=60, label="Version", required=False)
    rate_limit = forms.CharField(max_length=120, label="Rate limit", required=False)
    benchmark = forms.CharField(max_length=200, label="Benchmark", required=False)
    review_note = forms.CharField(label="What the review found", required=False, widget=forms.Textarea)

    def fields_kept(self) -> EntryFields:
        """Return the cleaned fields."""
        return EntryFields(**self.cleaned_data)


class ModelChangeForm(ModelForm):
    """The same for a line that stands: it stays the line of its model."""

    provider = None  # type: ignore[assignment]
    model = None  # type: ignore[assignment]

    def __init__(self, *args: Any, entry: ModelEntry, **kwargs: Any) -> None:
        """Show what the line says at first."""
        self.entry = entry
        super().__init__(*args, initial={name: getattr(entry, name) for name in self.base_fields}, **kwargs)

    def fields_kept(self) -> EntryFields:
        """Return the cleaned fields of the line's model."""
        return EntryFields(provider=self.entry.provider, model=self.entry.model, **self.cleaned_data)
