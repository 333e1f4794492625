from datetime import date
from decimal import Decimal

import pytest
from django.template import Context, Template

from projects.common.marks.bullets import Budget
from projects.common.marks.columns import mix_bar


def drawn(source, **context):
    return Template("{% load tollgate marks %}" + source).render(Context(context))


def budget(spent, approved=100, seen_to=None):
    return Budget("Fraud <b>", Decimal(approved), Decimal(spent), Decimal("1.15"), None, seen_to)


@pytest.mark.parametrize(
    ("spent", "written"),
    [
        ("90.6", "−9.4%"),
        ("100", "0.0%"),
        ("112", '<b class="is-warn">+12.0%</b>'),
        ("115", '<b class="is-warn">+15.0%</b>'),
        ("115.01", '<b class="is-bad">+15.0%</b>'),
        ("122.4", '<b class="is-bad">+22.4%</b>'),
        ("0", '<span class="none">Unspent</span>'),
    ],
)
def test_variance_is_red_strictly_above_the_limit(spent, written):
    assert drawn("{% variance b %}", b=budget(spent)) == written


def test_variance_without_data_is_unknown():
    assert "Unknown" in drawn("{% variance b %}", b=budget(50, seen_to=date(2026, 11, 2)))


def test_variance_without_budget_says_so():
    assert "No budget" in drawn("{% variance b %}", b=budget(0, approved=0))


def test_bullet_escapes_the_name_it_is_given():
    page = drawn("{% bullet b %}", b=budget(50))

    assert "<b>" not in page
    assert "Fraud &lt;b&gt;: spent $50 of $100 approved" in page


def test_bullet_in_words_has_three_widths():
    assert drawn("{% bullet_large b %}", b=budget(50)).count("<svg") == 3


@pytest.mark.parametrize(("stage", "before"), [("concept", 0), ("pilot", 2), ("Sunset", 5)])
def test_pips_fill_up_to_the_stage(stage, before):
    page = drawn("{% pips s %}", s=stage)

    assert page.count('class="on"') == before
    assert page.count("<b") == 6
    assert page.endswith(f"{stage.title()}</span>")


def test_mvp_keeps_its_capitals():
    assert drawn('{% pips "mvp" %}').endswith("MVP</span>")


@pytest.mark.parametrize(
    ("status", "tone", "word"),
    [
        ("escalated", "tag bad", "Escalated"),
        ("warning", "tag warn", "Forecast to breach"),
        ("no_data", "tag line", "No data"),
        ("winding_down", "tag", "Winding down"),
        ("no_spend", "tag", "No spend yet"),
        ("on_track", "tag ok", "On track"),
    ],
)
def test_status_is_shape_word_and_colour(status, tone, word):
    page = drawn("{% status_tag s %}", s=status)

    assert f'<span class="{tone}">' in page
    assert "<svg" in page
    assert word in page


def test_status_may_say_more():
    assert "Escalated: budget" in drawn('{% status_tag "escalated" "Escalated: budget" %}')


def test_status_in_a_table_has_no_ground():
    assert drawn('{% status_word "escalated" "Budget" %}').startswith('<span class="st is-bad">')


@pytest.mark.parametrize(("layer", "kind"), [("model_api", "l1"), ("embedded", "l4"), ("unclaimed", "ln"), ("", "ln")])
def test_layer_has_its_colour(layer, kind):
    assert drawn("{{ l|layer_kind }}", l=layer) == kind


def test_unclaimed_swatch_is_hatched():
    assert 'fill="url(#hatch)"' in drawn('{% swatch "ln" %}')
    assert "hatch" not in drawn('{% swatch "l1" %}')


def test_four_kinds_of_nothing_look_different():
    looks = {
        drawn(source) for source in ("0", "{% missing %}", '{% not_due "Due from Pilot" %}', "{% does_not_apply %}")
    }

    assert len(looks) == 4


def test_missing_says_since_when():
    assert "No data since 2 Nov" in drawn('{% missing "2 Nov" %}')


def test_mark_of_a_view_is_drawn():
    assert 'class="mix mt2"' in drawn('{% drawing m "mt2" %}', m=mix_bar([("l1", Decimal(1))], "all model API"))


def test_sparkline_states_its_finding():
    assert 'aria-label="rising"' in drawn('{% sparkline values "rising" %}', values=[Decimal(1), Decimal(2)])


def test_amount_of_a_component_falls_back_to_the_usual_currency():
    assert drawn("{% money_full amount row.currency %}", amount=Decimal(1200)) == "$1,200"
