"""The five fields that register an initiative, and the two that close a Concept."""

from django import forms

from projects.common.form_fields import LineField, MoneyField, TextField
from projects.initiatives.choices import ClosedAs
from projects.initiatives.services import Registration
from projects.people.models import User


class CloseForm(forms.Form):
    """Why an owner closes a Concept, and as what."""

    closed_as = forms.ChoiceField(
        label="How does it end?",
        choices=[
            (ClosedAs.LEARNED, "We learned what we wanted to know"),
            (ClosedAs.MERGED, "Another initiative goes on with it"),
            (ClosedAs.KILLED, "It is not worth going on"),
        ],
    )
    reason = TextField(
        label="What should others know who have the same idea?",
        max_length=2000,
        error_messages={"required": "Say why it is closed"},
    )


class RegisterForm(forms.Form):
    """Name, value proposition, business owner, cost centre, expected monthly cost."""

    name = LineField(
        label="What is it called?",
        max_length=200,
        error_messages={"required": "Give the initiative a name"},
    )
    value_proposition = TextField(
        label="What is it worth, and to whom?",
        help_text="Two or three sentences. Name the process and the people it serves.",
        error_messages={"required": "Say what the initiative is worth, to whom"},
    )
    business_owner = forms.ModelChoiceField(
        label="Who answers for it?",
        queryset=User.objects.none(),
        help_text="The business owner. The initiative is theirs from now on.",
        error_messages={"required": "Name the business owner"},
    )
    cost_centre = LineField(
        label="Which cost centre pays?",
        max_length=60,
        error_messages={"required": "Name the cost centre that pays"},
    )
    expected_monthly_cost = MoneyField(
        label="What will it cost in a month?",
        help_text="Your best guess for the first months. Everything counts: models, tools, people's time.",
        error_messages={"required": "Give the expected monthly cost"},
    )
    look_alike_reason = TextField(
        label="Why is this not one of them?",
        required=False,
        rows=3,
        help_text="Only needed when you register beside a look-alike.",
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        """Offer everybody who is active as owner."""
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        owners = self.fields["business_owner"]
        assert isinstance(owners, forms.ModelChoiceField)
        owners.queryset = User.objects.filter(is_active=True, is_service=False).order_by("full_name", "username")

    @property
    def registration(self) -> Registration:
        """Return the clean fields as the service takes them."""
        return Registration(**self.cleaned_data)
