from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory


def drawn(source, **context):
    return Template("{% load tollgate %}" + source).render(Context(context))


class AskForm(forms.Form):
    amount = forms.CharField(help_text="Asked: $148,000", error_messages={"required": "Enter the amount you ask for"})
    note = forms.CharField(widget=forms.Textarea, required=False)
    due_on = forms.DateField(required=False)
    kind = forms.ChoiceField(choices=[("a", "A")], required=False)


def test_icon_is_hidden_from_readers():
    assert drawn('{% icon "ok" "is-ok" %}') == '<svg class="i is-ok" aria-hidden="true"><use href="#i-ok"/></svg>'


def test_council_has_a_name_without_an_organisation():
    assert drawn("{% council_name %}") == "AI Investment Council"


def test_council_is_named_by_its_organisation():
    assert (
        drawn("{% council_name %}", organisation=SimpleNamespace(council_name="Investment <Board>"))
        == "Investment &lt;Board&gt;"
    )


def test_navigation_knows_where_the_reader_is():
    listed = drawn(
        "{% navigation as entries %}{% for e in entries %}{% if e.current %}{{ e.label }}{% endif %}{% endfor %}",
        request=RequestFactory().get("/meetings/2026-11-19/"),
    )

    assert listed == "Meetings"


def test_navigation_of_the_context_wins():
    listed = drawn(
        "{% navigation as entries %}{% for e in entries %}{{ e.label }}{% endfor %}", nav=[{"label": "Archive"}]
    )

    assert listed == "Archive"


@pytest.mark.parametrize(
    ("source", "value", "text"),
    [
        ("{{ v|money_table }}", Decimal("636480.4"), "636,480"),
        ("{{ v|money_key }}", Decimal(636480), "$636k"),
        ("{{ v|money_key:'EUR' }}", Decimal(636480), "€636k"),
        ("{% money_key v 'EUR' %}", Decimal(636480), "€636k"),
        ("{% money_full v 'EUR' %}", Decimal(636480), "€636,480"),
        ("{{ v|money_difference }}", Decimal(22900), "+22,900"),
        ("{{ v|money_difference }}", Decimal(0), "0"),
        ("{{ v|money_difference }}", Decimal(-37200), "−37,200"),
        ("{{ v|money_full }}", Decimal(636480), "$636,480"),
        ("{{ v|money_minor }}", Decimal(636480), "$636,480.00"),
        ("{{ v|money_exact }}", Decimal("0.0000125"), "$0.0000125"),
        ("{{ v|money_signed }}", Decimal(687000), "+$687k"),
        ("{{ v|unit_cost }}", Decimal("0.087"), "$0.087"),
        ("{{ v|exact }}", Decimal("12.50"), "12.50"),
        ("{{ v|as_decimal|exact }}", "12.500000", "12.5"),
        ("{{ v|as_decimal|exact }}", "6.000000", "6"),
        ("{{ v|as_decimal|exact }}", "1200", "1,200"),
        ("{{ v|as_decimal|exact }}", "1.2E+30", "1,200,000,000,000,000,000,000,000,000,000"),
        ("{{ v|grouped }}", 12500, "12,500"),
        ("{{ v|percent }}", Decimal("0.224"), "22.4%"),
        ("{{ v|percent_signed:0 }}", Decimal("-0.094"), "−9%"),
        ("{{ v|variance_words }}", Decimal("0.224"), "22.4% over"),
        ("{{ v|currency_symbol }}", "CHF", "CHF"),
        ("{{ v|currency_name }}", "", "US dollars"),
        ("{{ v|day }}", date(2026, 11, 19), "19 Nov 2026"),
        ("{{ v|day:'act' }}", date(2026, 11, 19), "Thu 19 Nov"),
        ("{{ v|day:'short' }}", date(2026, 11, 19), "19 Nov"),
        ("{{ v|day:'weekday' }}", date(2026, 11, 19), "Thu 19 Nov 2026"),
        ("{{ v|day:'long' }}", date(2026, 11, 19), "19 November 2026"),
        ("{{ v|day:'month' }}", date(2026, 11, 19), "Nov 2026"),
        ("{{ v|day }}", datetime(2026, 11, 19, 23, tzinfo=UTC), "19 Nov 2026"),
        ("{{ v|moment }}", datetime(2026, 11, 17, 18, tzinfo=UTC), "17 Nov 2026, 18:00"),
        ("{{ v|counted:'reply,replies' }}", 2, "2 replies"),
        ("{{ v|reason:'Not allowed.' }}", "", "Not allowed."),
        ("{{ v|reason:'Not allowed.' }}", PermissionError("Only the owner can."), "Only the owner can."),
        ("{{ v|message_tone }}", "warning", "warn"),
        ("{{ v|tone_icon }}", "", "bad"),
    ],
)
def test_filter_writes_figures_and_dates_as_every_page_does(source, value, text):
    assert drawn(source, v=value) == text


def test_field_ties_hint_and_error_to_its_control():
    page = drawn('{% include "components/field.html" %}', field=AskForm({})["amount"])

    assert 'aria-describedby="id_amount-hint id_amount-error"' in page
    assert page.index("Asked:") < page.index("Enter the amount") < page.index("<input")


def test_field_without_an_error_is_not_marked():
    page = drawn('{% include "components/field.html" %}', field=AskForm({"amount": "1"})["amount"])

    assert "aria-invalid" not in page
    assert 'class="field"' in page


@pytest.mark.parametrize(
    ("name", "marked"), [("note", 'class="area"'), ("kind", 'class="select"'), ("amount", 'class="input"')]
)
def test_control_has_the_class_of_its_kind(name, marked):
    assert marked in drawn("{% control field %}", field=AskForm()[name])


def test_error_summary_links_to_the_field():
    page = drawn('{% include "components/error_summary.html" %}', form=AskForm({}))

    assert '<a href="#id_amount">Enter the amount you ask for</a>' in page


def test_money_field_shows_the_sign_of_its_currency():
    page = drawn('{% include "components/field_money.html" with currency="CHF" %}', field=AskForm()["amount"])

    assert 'class="money wide"' in page
    assert 'inputmode="numeric"' in page


def test_control_takes_another_type_once():
    page = drawn('{% control field type="email" %}', field=AskForm()["amount"])

    assert page.count("type=") == 1
    assert 'type="email"' in page


def test_date_control_shows_its_value():
    page = drawn('{% control field type="date" %}', field=AskForm(initial={"due_on": date(2026, 11, 19)})["due_on"])

    assert 'type="date"' in page
    assert 'value="2026-11-19"' in page


def test_control_drops_the_words_inside_a_field():
    field = AskForm()["amount"]
    field.field.widget.attrs["placeholder"] = "Amount"

    assert "Amount" not in drawn("{% control field %}", field=field)


def test_area_is_four_rows_unless_the_form_says_more():
    field = AskForm()["note"]
    assert 'rows="4"' in drawn("{% control field %}", field=field)

    field.field.widget.attrs["rows"] = 8
    assert 'rows="8"' in drawn("{% control field %}", field=field)
