"""What finance types or uploads about rates."""

from decimal import Decimal

from django import forms

from projects.common.worded_forms import WordedForm

LARGEST = 5_000_000


class RateFileForm(WordedForm):
    """A table of monthly rates."""

    entity = "An upload of rates"
    file = forms.FileField(
        label="Table of rates",
        help_text="CSV with Date, Country, Exchange rate as the Federal Reserve's table, or month, currency, dollars_per_unit.",
        error_messages={"required": "Choose the CSV file."},
    )

    def clean_file(self) -> object:
        """Accept a file of a size that a table of rates has."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(
                f"A table of rates has at most {LARGEST:,} bytes, not {file.size:,}. Upload it in parts."
            )
        return file


class RateForm(WordedForm):
    """One rate by hand."""

    entity = "A rate"
    month = forms.DateField(
        label="Month",
        input_formats=["%Y-%m", "%Y-%m-%d"],
        help_text="Year and month, such as 2026-05.",
        error_messages=dict.fromkeys(("required", "invalid"), "Write year and month: 2026-05."),
    )
    currency = forms.RegexField(
        r"^[A-Z]{3}$",
        label="Currency",
        help_text="Three letters, such as EUR.",
        error_messages=dict.fromkeys(("required", "invalid"), "Write three capital letters, such as EUR."),
    )
    dollars = forms.DecimalField(
        label="US dollars for one unit",
        min_value=Decimal("0.000000000001"),
        help_text="Such as 1.1681 for the euro.",
        error_messages=dict.fromkeys(("required", "invalid"), "Write it in figures, such as 1.1681."),
    )
    source = forms.CharField(
        max_length=200,
        label="Source",
        help_text="Who says so: the bank, the treasury's letter.",
        error_messages={"required": "Say who says so: the bank, the treasury's letter."},
    )
