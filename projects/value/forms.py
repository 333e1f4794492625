"""Shape and wording of the forms on value."""

from datetime import date, timedelta
from typing import Any

from django import forms

from projects.common.form_fields import DayField, FigureField, LineField, MoneyField, TextField
from projects.initiatives.models import Initiative
from projects.people.models import User
from projects.value.models import Cadence, Category, Confidence, KpiCard, Measures, Mechanism

CARD_GROUPS = (
    (
        "What is measured",
        ("name", "measures", "unit", "direction", "formula", "numerator_source", "denominator_source", "cadence"),
    ),
    (
        "From where to where",
        ("baseline", "baseline_from", "baseline_last", "target", "floor", "ceiling", "target_volume"),
    ),
    (
        "What it is worth",
        (
            "category",
            "mechanism",
            "money_per_unit",
            "realisation_percent",
            "is_cashable",
            "confidence",
            "confidence_reason",
        ),
    ),
    ("Who answers for it", ("owner",)),
)


class PeriodForm(forms.Form):
    """A first and a last day, kept as a half-open period."""

    period_start = DayField(label="First day")
    last_day = DayField(label="Last day")

    @property
    def period(self) -> tuple[date, date]:
        """Return the period, its end left out."""
        return self.cleaned_data["period_start"], self.cleaned_data["last_day"] + timedelta(days=1)

    def clean(self) -> dict[str, Any]:
        """Refuse a period that runs backwards."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("period_start"), cleaned.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", "The last day lies before the first")
        return cleaned


class CardForm(forms.Form):
    """Everything a KPI card says."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = LineField(label="Name", max_length=200, error_messages={"required": "Name the measure"})
    measures = forms.ChoiceField(
        label="It measures", required=False, choices=[("", "Something else"), *Measures.choices]
    )
    unit = LineField(label="Unit", max_length=60, error_messages={"required": "Give the unit"})
    direction = forms.ChoiceField(label="Better is", choices=[("up", "Higher"), ("down", "Lower")])
    formula = LineField(label="Formula", required=False, max_length=400, help_text="Such as: full cost ÷ cases closed.")
    numerator_source = LineField(label="Where the figure, or its numerator, comes from", required=False, max_length=200)
    denominator_source = LineField(label="Where the denominator comes from", required=False, max_length=200)
    cadence = forms.ChoiceField(label="Read", choices=Cadence.choices, initial=Cadence.MONTHLY)
    baseline = FigureField(label="Baseline", required=False, help_text="What it was before.")
    baseline_from = DayField(label="Baseline: first day", required=False)
    baseline_last = DayField(label="Baseline: last day", required=False)
    target = FigureField(label="Target", required=False)
    floor = FigureField(label="Floor", required=False, help_text="The least that is worth going on for.")
    ceiling = FigureField(
        label="Ceiling", required=False, help_text="For a cost per outcome: above it twice in a row is a warning."
    )
    target_volume = FigureField(
        label="Volume at target", required=False, help_text="Outcomes a month once it runs at scale."
    )
    category = forms.ChoiceField(label="Benefit", required=False, choices=[("", "Not set"), *Category.choices])
    mechanism = forms.ChoiceField(
        label="How it becomes money", required=False, choices=[("", "Not set"), *Mechanism.choices]
    )
    money_per_unit = FigureField(label="What one unit is worth", required=False)
    realisation_percent = forms.DecimalField(
        label="Share of it that is realised, percent",
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        initial=100,
    )
    is_cashable = forms.BooleanField(label="It can be taken out of a budget (cashable)", required=False)
    confidence = forms.ChoiceField(label="Confidence", required=False, choices=[("", "Not set"), *Confidence.choices])
    confidence_reason = TextField(label="Why that confidence", required=False, rows=2)
    owner = forms.ModelChoiceField(label="Owner of the measure", queryset=User.objects.none())
    reason = TextField(
        label="Why do baseline, target, floor or ceiling change?",
        required=False,
        rows=2,
        help_text="Only needed when one that was set moves.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer everybody who is active as owner."""
        super().__init__(*args, **kwargs)
        people: Any = self.fields["owner"]
        people.queryset = User.objects.filter(is_active=True, is_service=False).order_by("full_name", "username")

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the fields under their headings."""
        return [(title, [self[name] for name in names]) for title, names in CARD_GROUPS]

    def clean(self) -> dict[str, Any]:
        """Keep the baseline's window half-open, both days or none, and a confidence with its reason."""
        cleaned = super().clean() or {}
        first, last = cleaned.get("baseline_from"), cleaned.pop("baseline_last", None)
        if (first is None) != (last is None):
            self.add_error("baseline_from" if first is None else "baseline_last", "Give both days of the baseline")
        elif first and last and last < first:
            self.add_error("baseline_last", "The last day lies before the first")
        cleaned["baseline_until"] = last + timedelta(days=1) if last else None
        if cleaned.get("confidence") and not cleaned.get("confidence_reason"):
            self.add_error("confidence_reason", "Say why the confidence is what it is")
        return cleaned

    @property
    def card_fields(self) -> dict[str, Any]:
        """Return the clean fields of the card."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("revision", "reason")}


def initial_of(card: KpiCard) -> dict[str, Any]:
    """Return what the form shows of a card as it stands."""
    names = {name for _, group in CARD_GROUPS for name in group} - {"baseline_last"}
    values = {name: getattr(card, name) for name in names}
    for name in ("baseline", "target", "floor", "ceiling", "target_volume", "money_per_unit"):
        if values[name] is not None:
            values[name] = f"{values[name].normalize():f}"
    last = card.baseline_until - timedelta(days=1) if card.baseline_until else None
    return values | {"baseline_last": last, "revision": card.revision, "owner": card.owner_id}


class ReadingForm(PeriodForm):
    """One period's figure."""

    value = FigureField(label="Figure")
    numerator = FigureField(label="Numerator", required=False)
    denominator = FigureField(label="Denominator", required=False)
    note = TextField(label="Where it was read", required=False, rows=2, max_length=400)


class ReadingFileForm(forms.Form):
    """A CSV of readings."""

    file = forms.FileField(
        label="CSV file",
        help_text="Columns measure, from, to, value; numerator, denominator and note may be added. Days as 2026-10-31.",
        error_messages={"required": "Choose the file", "empty": "The file is empty"},
    )


class DeclareForm(PeriodForm):
    """A share of a benefit over a period."""

    benefit = LineField(
        label="Benefit",
        max_length=200,
        help_text="The whole benefit, by the name that other initiatives would use for it too.",
        error_messages={"required": "Name the benefit"},
    )
    card = forms.ModelChoiceField(
        label="Measure that shows it", required=False, queryset=KpiCard.objects.none(), empty_label="None"
    )
    amount = MoneyField(label="What the whole benefit is worth in the period")
    share_percent = forms.DecimalField(
        label="Share of it that is due to this initiative, percent",
        max_digits=7,
        decimal_places=4,
        initial=100,
        help_text="Shares that all initiatives claim of one benefit sum to at most 100%.",
    )
    is_cashable = forms.BooleanField(label="It can be taken out of a budget (cashable)", required=False)

    def __init__(self, *args: Any, initiative: Initiative, **kwargs: Any) -> None:
        """Offer the initiative's own measures."""
        super().__init__(*args, **kwargs)
        cards: Any = self.fields["card"]
        cards.queryset = initiative.kpis.all()


class MeasureForm(forms.Form):
    """What was measured of the whole benefit, and from what."""

    amount = MoneyField(label="What was measured, for the whole benefit")
    measured_from = TextField(label="What it was read from", rows=2)


class VerifyForm(forms.Form):
    """What finance finds proved of the whole benefit."""

    amount = MoneyField(label="What is proved, for the whole benefit")


class RejectForm(forms.Form):
    """Why a claim does not count."""

    reason = TextField(label="Why does it not count?", rows=3)
