"""Every refusal of a form of spend names what is entered, the rule and the remedy, and none is in Django's words."""

import importlib
import inspect
import pkgutil
from decimal import Decimal

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile

from projects.common.form_fields import LineField
from projects.common.worded_forms import WordedForm
from projects.prices.models import ModelEntry
from projects.sources.models import CostKey

CONCEPTS = ("attribution", "harness", "prices", "rates", "rulebook", "showback", "sources", "spend", "usage", "wallets")
NEEDS = {
    "spend.forms.ColumnsForm": {"columns": ["Day"]},
    "rulebook.override_form.OverrideForm": {"key": CostKey(resource_id="vm-1")},
    "prices.forms.ModelChangeForm": {"entry": ModelEntry()},
}
TYPED = ("", "x" * 6000, "not of the list", "a\x00b", "-1", "1.123456789", "9" * 40, "NaN")
CHOSEN = ([], "no list", ["no"], ["999999"], ["a\x00b"])
FILES = (None, "no file", SimpleUploadedFile("empty.csv", b""))
HOSTILE = ((forms.FileField, FILES), (forms.ModelMultipleChoiceField, CHOSEN))


def forms_of_spend():
    found = {}
    for concept in CONCEPTS:
        package = importlib.import_module(f"projects.{concept}")
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            for sort in vars(importlib.import_module(module.name)).values():
                if inspect.isclass(sort) and issubclass(sort, forms.BaseForm) and sort.__module__ == module.name:
                    found[f"{sort.__module__.removeprefix('projects.')}.{sort.__name__}"] = sort
    return found


FORMS = forms_of_spend()


def refusals(form):
    """Return every sentence with which a field of the form answers to what cannot be right."""
    for name, field in form.fields.items():
        for typed in next((typed for sort, typed in HOSTILE if isinstance(field, sort)), TYPED):
            try:
                field.clean(typed)
            except forms.ValidationError as refused:
                yield from ((name, message) for message in refused.messages)


def test_the_walk_finds_the_forms_there_are():
    names = {"prices.forms.ModelForm", "rates.forms.RateForm", "rulebook.forms.PurposeForm", "spend.forms.ClaimForm"}

    assert names < FORMS.keys()
    assert len(FORMS) >= 20


@pytest.mark.parametrize("name", FORMS)
def test_a_form_of_spend_says_what_it_enters(name):
    assert issubclass(FORMS[name], WordedForm)
    assert FORMS[name].entity[:1].isupper()


@pytest.mark.django_db
@pytest.mark.parametrize("name", FORMS)
def test_every_refusal_of_a_field_names_entity_label_and_remedy(name):
    sort = FORMS[name]
    form = sort(**NEEDS.get(name, {}))
    entity = form.entity.lower()

    found = list(refusals(form))

    assert found or not any(field.required for field in form.fields.values())
    for field, message in found:
        label = forms.BoundField(form, form.fields[field], field).label
        if "There is no initiative" in message:
            continue  # words of the field itself, with the key that was typed
        assert entity in message.lower(), message
        assert f"“{label}”" in message, message
        assert message.count(". ") >= 1, message
        assert message.endswith((".", "letter.")), message
        assert "%(" not in message, message


class Sample(WordedForm):
    entity = "A sample"
    line = LineField(max_length=5, label="Line of 100%", error_messages={"required": "Write the line."})
    day = forms.DateField()
    figure = forms.DecimalField(max_digits=4, decimal_places=2, min_value=Decimal(1), max_value=Decimal(20))
    sort = forms.ChoiceField(choices=[("a", "A")], error_messages={"invalid_choice": "There is only A."})


@pytest.mark.parametrize(
    ("field", "typed", "expected"),
    [
        ("line", "", "A sample needs “Line of 100 per cent”. Write the line."),
        ("line", "123456", "“Line of 100 per cent” of a sample takes 5 characters, not 6. Shorten it."),
        ("day", "", "A sample needs “Day”. Fill it in."),
        ("day", "1 May", "“Day” of a sample cannot be read. Write year, month, day: 2026-12-01."),
        ("figure", "ten", "“Figure” of a sample cannot be read. Write a number in figures, such as 12."),
        ("figure", "0.99", "“Figure” of a sample is at least 1, not 0.99. Correct the figure."),
        ("figure", "20.01", "“Figure” of a sample is at most 20, not 20.01. Correct the figure."),
        ("figure", "1.234", "“Figure” of a sample takes at most 2 decimal places. Round the figure."),
        ("sort", "b", "“Sort” of a sample cannot be b. There is only A."),
    ],
)
def test_a_refusal_says_the_rule_and_what_the_field_declares_as_its_remedy(field, typed, expected):
    form = Sample({"line": "12345", "day": "2026-12-01", "figure": "1", "sort": "a", field: typed})

    assert form.errors[field] == [expected]


@pytest.mark.parametrize("figure", ["1", "20"])
def test_what_stands_on_the_limit_is_taken(figure):
    assert Sample({"line": "12345", "day": "2026-12-01", "figure": figure, "sort": "a"}).is_valid()


def test_words_of_one_form_do_not_reach_into_another():
    class Other(Sample):
        entity = "Another"

    Other({})

    assert Sample({}).errors["day"] == ["A sample needs “Day”. Fill it in."]
    assert Other({}).errors["day"] == ["Another needs “Day”. Fill it in."]
