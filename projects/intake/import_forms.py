"""Forms of a portfolio import: the upload, and how its file is read."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from projects.common.formats import counted
from projects.intake.import_dates import ORDERS, order_that_fits
from projects.intake.import_headers import INITIATIVE_FIELDS
from projects.intake.import_labels import Labelled, stage_labels
from projects.intake.import_mapping import PortfolioMap
from projects.intake.import_records import Reading
from projects.intake.import_stages import Stage

LABELS = {
    "id": "Id", "organisation": "Organisation", "name": "Name", "unit": "Unit or bureau", "description": "Description",
    "stage": "Stage", "owner": "Owner", "cost_centre": "Cost centre", "start": "Start", "end": "End",
    "budget": "Budget", "actual": "Actual cost", "forecast": "Forecast", "variance": "Variance", "currency": "Currency",
}  # fmt: skip
UNITS = (("", "As the header says"), ("ones", "Ones"), ("thousands", "Thousands"), ("millions", "Millions"))
TURNS = (("", "One row an initiative"), ("true", "One column an initiative: turn it"))
ENCODINGS = (("", "Find out"), ("utf-8", "UTF-8"), ("cp1252", "Windows-1252"), ("utf-16", "UTF-16"))
SEPARATORS = (("", "Find out"), (",", "Comma"), (";", "Semicolon"), ("tab", "Tab"), ("|", "Pipe"))
ASK = "Ask: refuse its rows"


class UploadForm(forms.Form):
    """A portfolio and what may come with it."""

    file = forms.FileField(label="Portfolio", help_text="CSV, CSV.gz or XLSX, one row an initiative.")
    milestones = forms.FileField(
        label="Milestones", required=False, help_text="One row a milestone. You may leave it out."
    )
    mapping = forms.FileField(
        label="Mapping", required=False, help_text="TOML. You may leave it out and map on the next page."
    )


class MappingForm(forms.Form):
    """How a file is read: its shape, and once it can be read its columns, labels, dates and money."""

    transposed = forms.ChoiceField(label="Shape", choices=TURNS, required=False)
    separator = forms.ChoiceField(label="Columns are separated by", choices=SEPARATORS, required=False)
    encoding = forms.ChoiceField(label="Encoding", choices=ENCODINGS, required=False)
    header_line = forms.IntegerField(label="Line of the header", required=False, min_value=1, max_value=1000)
    order = forms.ChoiceField(label="Dates are written", required=False)
    unit = forms.ChoiceField(label="Money is in", choices=UNITS, required=False)
    currency = forms.RegexField(
        label="Currency",
        regex=r"^[A-Za-z]{3}$",
        required=False,
        error_messages={"invalid": "Write a code such as USD."},
    )
    organisation = forms.CharField(label="Organisation of rows that name none", required=False, max_length=200)
    save_as = forms.CharField(label="Save this mapping as", required=False, max_length=120)

    def __init__(self, data: Mapping[str, Any] | None = None, *, before: PortfolioMap, reading: Reading | None) -> None:
        """Offer the columns and labels of a reading, or only the shape where a file could not be read."""
        self._before, self._reading = before, reading
        super().__init__(data, initial=_initial(before))
        self.columns: list[str] = []
        self.labels: Sequence[Labelled] = ()
        order = self.fields["order"]
        assert isinstance(order, forms.ChoiceField)
        order.choices = [
            ("", "Unambiguously; refuse the others"),
            *((code, words.capitalize()) for code, words in ORDERS.items()),
        ]
        if reading is not None:
            self._offer_columns(reading)
            self._offer_labels(reading)
            if fitting := order_that_fits(_dates(reading)):
                order.help_text = f"Only {ORDERS[fitting]} fits every date of the file."

    def _offer_columns(self, reading: Reading) -> None:
        headers = [("", "Not in the file"), *((name, name[:80]) for name in reading.table.header)]
        for name in INITIATIVE_FIELDS:
            chosen = reading.plan.columns.get(name) or ("",)
            proposed = "Proposed" if name in reading.plan.proposed else ""
            self.fields[f"column_{name}"] = forms.ChoiceField(
                label=LABELS[name], choices=headers, required=False, initial=chosen[0], help_text=proposed
            )
            self.columns.append(f"column_{name}")

    def _offer_labels(self, reading: Reading) -> None:
        self.labels = stage_labels(reading, self._before)
        stages = [("", ASK), *((stage.value, stage.value) for stage in Stage)]
        for number, told in enumerate(self.labels):
            self.fields[f"stage_{number}"] = forms.ChoiceField(
                label=told.label[:120] or "No label", choices=stages, required=False, initial=told.stage,
                help_text=counted(told.rows, "row", "rows"),
            )  # fmt: skip

    @property
    def column_fields(self) -> list[forms.BoundField]:
        """Return the selects of columns."""
        return [self[name] for name in self.columns]

    @property
    def asked_fields(self) -> list[forms.BoundField]:
        """Return the selects of stage labels that have no stage yet."""
        return [self[f"stage_{number}"] for number, told in enumerate(self.labels) if not told.stage]

    @property
    def known_fields(self) -> list[forms.BoundField]:
        """Return the selects of stage labels that have one."""
        return [self[f"stage_{number}"] for number, told in enumerate(self.labels) if told.stage]

    def as_mapping(self) -> dict[str, Any]:
        """Return the mapping that the form says, keeping what it does not show."""
        told, before = self.cleaned_data, self._before
        mapping: dict[str, Any] = {
            "options": _said(
                organisation=told["organisation"],
                transposed=bool(told["transposed"]),
                separator=told["separator"],
                encoding=told["encoding"],
                header_line=told["header_line"],
                sheet=before.sheet,
            ),
            "dates": _said(order=told["order"]),
            "money": _said(
                unit=told["unit"],
                currency=told["currency"].upper(),
                decimal=before.decimal.strip("."),
                variance=_sign(before),
            ),
            "milestones": {name: list(headers) for name, headers in before.milestones.items()},
            "columns": self._columns(),
            "stages": self._stages(),
        }
        return {name: section for name, section in mapping.items() if section}

    def _columns(self) -> dict[str, Any]:
        if self._reading is None:
            return {name: list(headers) or False for name, headers in self._before.columns.items()}
        columns: dict[str, Any] = {}
        for name in INITIATIVE_FIELDS:
            chosen = self.cleaned_data[f"column_{name}"]
            standing = self._reading.plan.columns.get(name) or ("",)
            columns[name] = list(standing) if chosen and chosen == standing[0] else chosen or False
        return columns

    def _stages(self) -> dict[str, str]:
        before = self._before
        stages: dict[str, str] = {label: stage.value for label, stage in before.stages.items()}
        stages |= _said(
            **{
                "": before.blank_stage and before.blank_stage.value,
                "*": before.other_stage and before.other_stage.value,
            }
        )
        shown = {told.label: self.cleaned_data[f"stage_{number}"] for number, told in enumerate(self.labels)}
        return stages | {label: stage or "ask" for label, stage in shown.items()}


def _said(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


def _sign(before: PortfolioMap) -> str:
    if before.overrun_is_negative is None:
        return ""
    return "planned-minus-actual" if before.overrun_is_negative else "actual-minus-planned"


def _initial(before: PortfolioMap) -> dict[str, Any]:
    units = {"1": "ones", "1000": "thousands", "1000000": "millions"}
    return {
        "transposed": "true" if before.transposed or before.turn_if_needed else "",
        "separator": {"\t": "tab"}.get(before.separator, before.separator),
        "encoding": before.encoding,
        "header_line": before.header_line or None,
        "order": before.date_order,
        "unit": units.get(str(before.factor), ""),
        "currency": before.currency,
        "organisation": before.organisation,
    }


def _dates(reading: Reading) -> list[str]:
    lines = reading.table.lines
    return [reading.plan.cell(line, name)[1] for line in lines for name in ("start", "end")]
