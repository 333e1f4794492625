"""The fields of an initiative that its owner keeps; stage, condition and currency move only by decisions."""

from typing import Any

from django import forms

from projects.common.form_fields import LineField, MoneyField, TextField, written
from projects.initiatives.choices import (
    Autonomy,
    DataClass,
    Deployment,
    Level,
    ModelTier,
    PurchaseMode,
    TrackedFirst,
    WorkloadClass,
)
from projects.initiatives.models import Initiative
from projects.initiatives.tiers import tier_blockers
from projects.people.models import Team, User

Choices = list[tuple[str, str]]
PEOPLE = ("business_owner", "technical_owner", "budget_owner", "sponsor")
GROUPS = (
    (
        "What it is",
        (
            "name",
            "value_proposition",
            "strategic_objective",
            "business_process",
            "use_case",
            "application",
            "product",
            "feature",
            "outcome_unit",
            "request_types",
            "clients_served",
            "links",
        ),
    ),
    ("Who answers for it", (*PEOPLE, "team", "cost_centre", "expected_monthly_cost", "team_cost_per_day")),
    (
        "How it is built",
        (
            "workload_class",
            "model_tier",
            "model_tier_reason",
            "primary_provider",
            "fallback_provider",
            "fallback_tested_on",
            "autonomy",
            "deployment",
            "purchase_mode",
            "tracked_first",
            "environments",
        ),
    ),
    (
        "How it is classified",
        (
            "data_classification",
            "customer_facing",
            "risk",
            "data_sensitivity",
            "criticality",
            "complexity",
            "latency_sensitivity",
            "quality_sensitivity",
            "cost_sensitivity",
        ),
    ),
    ("When it ends", ("sunset_criteria",)),
)


class WordsField(LineField):
    """Several words or addresses, with commas between."""

    def __init__(self, *, longest: int, **options: Any) -> None:
        """Take at most 20 of so many characters each."""
        self.longest = longest
        super().__init__(max_length=20 * (longest + 2), required=False, empty_value="", **options)

    def clean(self, value: Any) -> Any:
        """Return the words, each once."""
        words = list(dict.fromkeys(word.strip() for word in super().clean(value).split(",") if word.strip()))
        if len(words) > 20:
            raise forms.ValidationError("Give at most 20")
        if any(len(word) > self.longest for word in words):
            raise forms.ValidationError(f"Give at most {self.longest} characters each")
        return words


def _choice(label: str, choices: Choices) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, required=False, choices=[("", "Not set"), *choices])


def _line(label: str, **options: Any) -> LineField:
    return LineField(label=label, required=False, max_length=options.pop("max_length", 200), **options)


class EditForm(forms.Form):
    """What an owner may change, with the revision that was read."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    name = LineField(label="Name", max_length=200, error_messages={"required": "Give the initiative a name"})
    value_proposition = TextField(
        label="What it is worth, and to whom", error_messages={"required": "Say what the initiative is worth"}
    )
    strategic_objective = _line("Strategic objective")
    business_process = _line("Business process")
    use_case = _line("Use case")
    application = _line("Application")
    product = _line("Product")
    feature = _line("Feature")
    request_types = WordsField(label="Kinds of request", longest=60, help_text="With commas between: chat, extract.")
    clients_served = WordsField(label="Clients served", longest=60, help_text="With commas between.")
    links = WordsField(label="Links", longest=400, help_text="Addresses with commas between.")
    environments = WordsField(label="Environments", longest=40, help_text="With commas between: test, production.")
    workload_class = _choice("Workload", WorkloadClass.choices)
    outcome_unit = _line("One outcome is", help_text="Such as: invoice matched.", max_length=100)
    business_owner = forms.ModelChoiceField(label="Business owner", queryset=User.objects.none())
    technical_owner = forms.ModelChoiceField(label="Technical owner", queryset=User.objects.none(), required=False)
    budget_owner = forms.ModelChoiceField(label="Budget owner", queryset=User.objects.none(), required=False)
    sponsor = forms.ModelChoiceField(label="Sponsor", queryset=User.objects.none(), required=False)
    team = forms.ModelChoiceField(label="Team", queryset=Team.objects.none(), required=False)
    cost_centre = LineField(label="Cost centre", max_length=60, error_messages={"required": "Name the cost centre"})
    expected_monthly_cost = MoneyField(
        label="Expected monthly cost", required=False, help_text="Leave it empty where it is not known."
    )
    team_cost_per_day = MoneyField(
        label="What the team costs a day", required=False, help_text="Shows what waiting for a decision costs."
    )
    model_tier = _choice("Model tier", ModelTier.choices)
    model_tier_reason = TextField(label="Why this tier", required=False, rows=2)
    primary_provider = _line("Primary provider", max_length=120)
    fallback_provider = _line("Approved fallback", max_length=120)
    fallback_tested_on = forms.DateField(label="Fallback last tested", required=False)
    autonomy = _choice("Autonomy", Autonomy.choices)
    deployment = _choice("Deployment", Deployment.choices)
    purchase_mode = _choice("Bought as", PurchaseMode.choices)
    tracked_first = _choice("Tracked first", TrackedFirst.choices)
    data_classification = _choice("Data classification", DataClass.choices)
    customer_facing = forms.BooleanField(label="Customers use it", required=False)
    risk = _choice("Risk", Level.choices)
    data_sensitivity = _choice("Data sensitivity", Level.choices)
    criticality = _choice("Business criticality", Level.choices)
    complexity = _choice("Complexity", Level.choices)
    latency_sensitivity = _choice("Latency sensitivity", Level.choices)
    quality_sensitivity = _choice("Quality sensitivity", Level.choices)
    cost_sensitivity = _choice("Cost sensitivity", Level.choices)
    sunset_criteria = TextField(label="It ends when", required=False, rows=3)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Offer everybody who is active, and every team."""
        super().__init__(*args, **kwargs)
        people = User.objects.filter(is_active=True, is_service=False).order_by("full_name", "username")
        for name in PEOPLE:
            self._pick(name).queryset = people
        self._pick("team").queryset = Team.objects.order_by("name")

    def clean(self) -> dict[str, Any]:
        """Hold a dearer tier than the work needs to its reason."""
        data = super().clean() or {}
        _ask_why(self, data)
        return data

    def _pick(self, name: str) -> Any:
        return self.fields[name]

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """Return the fields under their headings."""
        return [(title, [self[name] for name in names]) for title, names in GROUPS]


class RouteForm(forms.Form):
    """What sets the route: the kind of work, the tier it takes, and how it is classified."""

    revision = forms.IntegerField(widget=forms.HiddenInput)
    workload_class = _choice("What kind of work is it?", WorkloadClass.choices)
    model_tier = _choice("Which tier of model does it take?", ModelTier.choices)
    model_tier_reason = TextField(
        label="Why this tier", required=False, rows=2, help_text="Asked where it is dearer than the work needs."
    )
    risk = _choice("Risk", Level.choices)
    data_sensitivity = _choice("Data sensitivity", Level.choices)
    criticality = _choice("Business criticality", Level.choices)
    data_classification = _choice("Data classification", DataClass.choices)
    customer_facing = forms.BooleanField(label="Customers use it", required=False)

    def clean(self) -> dict[str, Any]:
        """Hold a dearer tier than the work needs to its reason."""
        data = super().clean() or {}
        _ask_why(self, data)
        return data


def _ask_why(form: forms.Form, data: dict[str, Any]) -> None:
    told = {name: data.get(name) or "" for name in ("model_tier", "workload_class", "model_tier_reason")}
    for blocker in tier_blockers(
        tier=told["model_tier"], workload_class=told["workload_class"], reason=told["model_tier_reason"]
    ):
        form.add_error("model_tier_reason", blocker.message)


ROUTE_FIELDS = tuple(name for name in RouteForm.base_fields if name != "revision")
FIELDS = tuple(name for _, names in GROUPS for name in names)


def initial_of(initiative: Initiative) -> dict[str, Any]:
    """Return what the form shows of an initiative as it stands."""
    values = {name: getattr(initiative, name) for name in FIELDS}
    for name in ("expected_monthly_cost", "team_cost_per_day"):
        values[name] = written(values[name])
    for name in ("request_types", "clients_served", "links", "environments"):
        values[name] = ", ".join(values[name])
    return values | {"revision": initiative.revision}


def changes_of(form: EditForm, initiative: Initiative) -> dict[str, Any]:
    """Return the clean fields that differ from the initiative as it stands."""
    return {name: form.cleaned_data[name] for name in FIELDS if form.cleaned_data[name] != getattr(initiative, name)}
