"""Shape and wording of the form on sunset criteria."""

from typing import Any

from django import forms

from projects.common.form_fields import DayField, FigureField
from projects.initiatives.models import Initiative
from projects.sunsets.models import SunsetKind
from projects.sunsets.rules import MOST_PERIODS
from projects.value.models import KpiCard


class SunsetForm(forms.Form):
    """What ends it, and what it is held to."""

    kind = forms.ChoiceField(label="What ends it?", choices=SunsetKind.choices)
    card = forms.ModelChoiceField(
        label="KPI",
        queryset=KpiCard.objects.none(),
        required=False,
        empty_label="None",
        help_text="For a KPI that misses its floor.",
    )
    figure = FigureField(label="Amount", required=False, help_text="For cost per outcome, and for what 30 days cost.")
    periods = forms.IntegerField(
        label="Periods in a row",
        required=False,
        min_value=1,
        max_value=MOST_PERIODS,
        help_text="For a KPI, cost per outcome, and when nobody uses it.",
    )
    day = DayField(label="Day", required=False, help_text="Where it ends on a day.")

    def __init__(self, *args: Any, initiative: Initiative, **kwargs: Any) -> None:
        """Offer the initiative's own KPIs."""
        super().__init__(*args, **kwargs)
        card: Any = self.fields["card"]
        card.queryset = KpiCard.objects.filter(initiative=initiative)
