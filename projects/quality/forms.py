"""Shape and wording of the forms on quality."""

from django import forms

from projects.common.form_fields import DayField, FigureField, LineField, TextField
from projects.quality.models import Direction, QualityKind


class GateForm(forms.Form):
    """A metric to watch, and what it must keep to."""

    kind = forms.ChoiceField(label="What it watches", choices=QualityKind.choices)
    metric = LineField(label="Metric", max_length=120, help_text="Precision on the holdout.")
    unit = LineField(label="Unit", max_length=40, required=False)
    direction = forms.ChoiceField(label="It must be", choices=Direction.choices)
    threshold = FigureField(label="Threshold")
    cadence_days = forms.IntegerField(label="Read every so many days", min_value=1, max_value=365, initial=30)


class ReadingForm(forms.Form):
    """One figure for one day."""

    value = FigureField(label="Figure")
    read_on = DayField(label="Day of the reading")
    source = LineField(label="Where the figure comes from", max_length=200)
    evidence = TextField(label="Evidence", rows=3, required=False, help_text="Paste what shows it; its hash is kept.")


class ReadingFileForm(forms.Form):
    """A CSV of readings."""

    file = forms.FileField(
        label="CSV file",
        help_text="Columns metric, day, value, source. Days as 2026-10-31.",
        error_messages={"required": "Choose the file", "empty": "The file is empty"},
    )
