"""Tags that draw marks and states: bullets, charts, stage pips, tags, variances."""

from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from projects.common import formats, svg
from projects.common.marks import bullets, sparks
from projects.common.marks.pips import STAGES, stage_index
from projects.common.marks.shapes import Drawing, Widths
from projects.templatetags.tollgate import icon

register = template.Library()

STATUSES = {  # tone and icon of each derived status, and its word where none is given
    "escalated": ("bad", "bad", "Escalated"),
    "warning": ("warn", "warn", "Forecast to breach"),
    "no_data": ("line", "gap", "No data"),
    "winding_down": ("", "none", "Winding down"),
    "no_spend": ("", "none", "No spend yet"),
    "on_track": ("ok", "ok", "On track"),
}
LAYERS = {"model_api": "l1", "platform": "l2", "infrastructure": "l3", "embedded": "l4", "unclaimed": "ln"}


def _drawn(drawing: Drawing, css: str = "") -> SafeString:
    """Trust a drawing: its only free text, labels and the finding, is escaped where it is written."""
    return mark_safe(svg.on_page(drawing, css))


@register.simple_tag
def bullet(budget: bullets.Budget, height: int = 18, css: str = "") -> SafeString:
    """Draw spend against approval for a row or card."""
    return _drawn(bullets.bullet(budget, height), css)


@register.simple_tag
def bullet_large(budget: bullets.Budget, compact: bool = False) -> SafeString:
    """Draw spend against approval with every part labelled."""
    return mark_safe(svg.widths_on_page(bullets.bullet_large(budget, compact=compact)))


@register.simple_tag
def sparkline(values: list[Decimal], label: str, width: int = 84) -> SafeString:
    """Draw full months from zero."""
    return _drawn(sparks.sparkline(values, label, width))


@register.simple_tag
def drawing(drawn: Drawing, css: str = "") -> SafeString:
    """Draw a mark that a view has made, such as a bar of progress or a mix."""
    return _drawn(drawn, css)


@register.simple_tag
def chart(widths: Widths) -> SafeString:
    """Draw a chart that a view has made, in all its widths."""
    return mark_safe(svg.widths_on_page(widths))


@register.simple_tag
def bullet_axis() -> SafeString:
    """Draw the axis over a column of bullets: nothing, approval, and the usual limit."""
    return mark_safe(
        '<svg class="bul mt2" width="100%" height="14" aria-hidden="true"><text class="t-ax" x="0" y="11">0</text>'
        '<text class="t-ax" x="70.6%" y="11" text-anchor="end">100%</text></svg>'
    )


@register.simple_tag
def swatch(kind: str) -> SafeString:
    """Draw the colour of a cost layer: l1 to l4, or ln for unclaimed."""
    fill = mark_safe(' fill="url(#hatch)"') if kind == "ln" else ""
    return format_html(
        '<svg class="sw" width="10" height="10" aria-hidden="true"><rect class="c-{}"{} width="10" height="10"/></svg>',
        kind,
        fill,
    )


@register.filter
def layer_kind(layer: str) -> str:
    """Name the colour of a cost layer."""
    return LAYERS.get(layer, "ln")


@register.simple_tag
def pips(stage: str) -> SafeString:
    """Draw a stage as six pips and its word."""
    now = stage_index(stage)
    marks = '<b class="on"></b>' * now + '<b class="now"></b>' + "<b></b>" * (len(STAGES) - now - 1)
    return format_html('<span class="pips"><i aria-hidden="true">{}</i>{}</span>', mark_safe(marks), STAGES[now])


@register.simple_tag
def tag(tone: str, icon_name: str, word: str) -> SafeString:
    """Write a state as shape and word on its ground; tones ok, warn, bad, info, line or none."""
    return format_html('<span class="{}">{}{}</span>', f"tag {tone}".strip(), icon(icon_name), word)


@register.simple_tag
def state(tone: str, icon_name: str, word: str) -> SafeString:
    """Write a state as shape and word without a ground; tones ok, warn, bad, mute or none."""
    kind = {"": "", "mute": " mute"}.get(tone, f" is-{tone}")
    return format_html('<span class="st{}">{}{}</span>', kind, icon(icon_name), word)


@register.simple_tag
def status_tag(status: str, word: str = "") -> SafeString:
    """Write an initiative's derived status on its ground, with its own word where there is more to say."""
    tone, name, usual = STATUSES[status]
    return tag(tone, name, word or usual)


@register.simple_tag
def status_word(status: str, word: str = "", css: str = "st") -> SafeString:
    """Write an initiative's derived status in a table or on a card."""
    tone, name, usual = STATUSES[status]
    colour = {"bad": "is-bad", "warn": "is-warn", "ok": "is-ok"}.get(tone, "mute")
    return format_html('<span class="{} {}">{}{}</span>', css, colour, icon(name), word or usual)


@register.simple_tag
def variance(budget: bullets.Budget, places: int = 1) -> SafeString:
    """Write spend against approval as a signed percentage; over is bold, over the limit is red."""
    if not budget.approved:
        return format_html('<span class="none">{}</span>', "No budget")
    if budget.seen_to:
        return format_html('<span class="none">{}</span>', "Unknown")
    if not budget.spent:
        return format_html('<span class="none">{}</span>', "Unspent")
    ratio = budget.ratio - 1
    if ratio <= 0:
        return format_html("{}", formats.percent(ratio, places, plus=True))
    colour = "is-bad" if budget.is_over_limit else "is-warn"
    return format_html('<b class="{}">{}</b>', colour, formats.percent(ratio, plus=True))


@register.simple_tag
def missing(since: object = None) -> SafeString:
    """Write a figure that should be there and is not."""
    word = f"No data since {since}" if since else "No data"
    return format_html('<span class="st mute">{}{}</span>', icon("gap"), word)


@register.simple_tag
def not_due(words: str) -> SafeString:
    """Write a figure that is not due yet: Due from Pilot."""
    return format_html('<span class="none">{}</span>', words)


@register.simple_tag
def does_not_apply(words: str = "Does not apply") -> SafeString:
    """Write a dash, and the reason for those who do not see it."""
    return format_html('<span class="none"><span aria-hidden="true">–</span><span class="vh">{}</span></span>', words)
