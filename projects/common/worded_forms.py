"""Forms whose every refusal names what is entered, the rule it breaks and the remedy, in our own words."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.forms.utils import pretty_name

# By the code of an error: the rule, and the remedy where the field has none of its own.
_RULES = {
    "required": ("{entity} needs “{label}”.", "Fill it in."),
    "missing": ("{entity} needs “{label}”.", "Choose a file."),
    "invalid": ("“{label}” of {an_entity} cannot be read.", "Write it anew."),
    "invalid_list": ("“{label}” of {an_entity} cannot be read.", "Choose from the list."),
    "invalid_choice": ("“{label}” of {an_entity} cannot be %(value)s.", "Choose from the list."),
    "invalid_pk_value": ("“{label}” of {an_entity} cannot be %(pk)s.", "Choose from the list."),
    "empty": ("“{label}” of {an_entity} is an empty file.", "Choose a file that holds something."),
    "max_length": (
        "“{label}” of {an_entity} takes %(limit_value)d characters, not %(show_value)d.",
        "Shorten it.",
    ),
    "min_value": ("“{label}” of {an_entity} is at least {least}, not %(show_value)s.", "Correct the figure."),
    "max_value": ("“{label}” of {an_entity} is at most {most}, not %(show_value)s.", "Correct the figure."),
    "max_digits": ("“{label}” of {an_entity} takes at most %(max)s digits.", "Shorten the figure."),
    "max_whole_digits": (
        "“{label}” of {an_entity} takes at most %(max)s digits before the point.",
        "Check the figure.",
    ),
    "max_decimal_places": ("“{label}” of {an_entity} takes at most %(max)s decimal places.", "Round the figure."),
    "null_characters_not_allowed": ("“{label}” of {an_entity} holds a character that is no text.", "Write it anew."),
}
_READ_AS: tuple[tuple[type[forms.Field], str], ...] = (
    (forms.DateField, "Write year, month, day: 2026-12-01."),
    (forms.IntegerField, "Write a number in figures, such as 12."),  # decimals too: they derive from it
    (forms.FileField, "Choose the file again."),
)


class WordedForm(forms.Form):
    """A form that says what it enters (`entity`, with its article) in each refusal.

    What a field declares in `error_messages` is the remedy; the rule before it is written here.
    """

    entity = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Word what each field may refuse."""
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            words = _words(self.entity, str(field.label or pretty_name(name)), field)
            field.error_messages.update(words)
            if isinstance(field, forms.ModelChoiceField):  # it asks this one validator by itself, in its own words
                no_text = ProhibitNullCharactersValidator(message=words["null_characters_not_allowed"])
                field.validate_no_null_characters = no_text  # type: ignore[method-assign]


def _words(entity: str, label: str, field: forms.Field) -> dict[str, str]:
    """Return a sentence for the rule and one for the remedy, by the code of an error."""
    an_entity = entity[:1].lower() + entity[1:]
    said = {
        "entity": entity,
        "an_entity": an_entity,
        "label": label.replace("%", " per cent"),
    }  # a % would ask for a figure
    said |= {"least": _figure(field, "min_value"), "most": _figure(field, "max_value")}
    return {
        code: f"{rule.format(**said)} {_own_remedy(field, code) or _read_as(field, code) or remedy}"
        for code, (rule, remedy) in _RULES.items()
    }


def _figure(field: forms.Field, limit: str) -> str:
    found = getattr(field, limit, None)
    return f"{found:f}" if isinstance(found, Decimal) else str(found)


def _own_remedy(field: forms.Field, code: str) -> str:
    """Return what a field declares, nothing where the words are Django's."""
    djangos = {code: words for sort in reversed(type(field).__mro__) for code, words in _defaults(sort).items()}
    declared = field.error_messages.get(code)
    return "" if declared is None or declared == djangos.get(code) else str(declared)


def _defaults(sort: type) -> dict[str, Any]:
    return dict(getattr(sort, "default_error_messages", {}))


def _read_as(field: forms.Field, code: str) -> str:
    if code != "invalid":
        return ""
    return next((remedy for sort, remedy in _READ_AS if isinstance(field, sort)), "")
