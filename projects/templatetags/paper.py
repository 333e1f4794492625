"""Tags that draw marks on the pack's pages, which carry their colours with them."""

from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from projects.common import formats, svg
from projects.common.marks import bullets, pips, sparks
from projects.common.marks.shapes import Drawing, sized

register = template.Library()

VERDICTS = {
    "met": (
        "Met",
        '<circle cx="6" cy="6" r="5.4" fill="#0a684e"/>'
        '<path d="M3.4 6.2l1.8 1.8 3.3-3.8" fill="none" stroke="#ffffff" stroke-width="1.4"/>',
    ),
    "not_met": (
        "Not met",
        '<path d="M6 .8 11.2 6 6 11.2 .8 6z" fill="none" stroke="#a8280f" stroke-width="1.2"/>'
        '<path d="M6 3.6v2.8M6 8.2v.2" stroke="#a8280f" stroke-width="1.4" stroke-linecap="round"/>',
    ),
    "ask": (
        "Asked",
        '<path d="M6 1.2 11.2 10.6H.8z" fill="none" stroke="#7d4c00" stroke-width="1.2"/>'
        '<path d="M6 4.6v2.6M6 8.9v.1" stroke="#7d4c00" stroke-width="1.2" stroke-linecap="round"/>',
    ),
    "": ("Not judged", '<circle cx="6" cy="6" r="5" fill="none" stroke="#5f656f" stroke-width="1.2"/>'),
}


@register.simple_tag
def paper(drawn: Drawing) -> SafeString:
    """Draw a mark that the pack's builder has made; its free text is escaped where it is written."""
    return mark_safe(svg.on_paper(drawn))


@register.simple_tag
def paper_bullet(budget: bullets.Budget, width: int = 104) -> SafeString:
    """Draw spend against approval in a table of the pack."""
    return paper(sized(bullets.bullet(budget, 14), width))


@register.simple_tag
def paper_bullet_large(budget: bullets.Budget) -> SafeString:
    """Draw spend against approval over the width of a page, every part labelled."""
    return paper(bullets.bullet_on_paper(budget))


@register.simple_tag
def paper_spark(values: list[Decimal], label: str) -> SafeString:
    """Draw full months in a table of the pack."""
    return paper(sparks.sparkline(values, label, 52))


@register.simple_tag
def paper_series(values: list[Decimal | None], label: str) -> SafeString:
    """Draw one of a dossier's six small series."""
    return paper(sparks.small_series(values, label))


@register.simple_tag
def paper_stage(stage: str) -> SafeString:
    """Draw a stage as six pips and its word."""
    return paper(pips.stage_on_paper(stage))


@register.simple_tag
def paper_verdict(verdict: str) -> SafeString:
    """Draw the verdict on a guardrail: met, ask, not_met, or empty."""
    words, shape = VERDICTS[verdict]
    return format_html(
        '<svg width="12" height="12" viewBox="0 0 12 12" role="img"><title>{}</title>{}</svg>', words, mark_safe(shape)
    )


@register.simple_tag
def paper_variance(budget: bullets.Budget) -> SafeString:
    """Write spend against approval; over is bold, over the limit red as well."""
    if not budget.approved or not budget.spent:
        return mark_safe('<span aria-hidden="true">–</span>')
    if budget.seen_to:
        return format_html("{}", "Unknown")
    words = formats.percent(budget.ratio - 1, plus=True)
    if budget.ratio <= 1:
        return format_html("{}", words)
    return format_html('<b class="{}">{}</b>', "bad" if budget.is_over_limit else "over", words)
