"""Tags and filters of every page: icons, the council's name, navigation, figures and dates."""

from copy import copy
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.forms import BoundField, CheckboxInput, DateInput, Select, Textarea, Widget
from django.forms.widgets import Input
from django.template import Context
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timezone import localtime

from projects.common import formats
from projects.sources.eyes import Eyes

register = template.Library()

COUNCIL_NAME = "AI Investment Council"
ENTRIES = (
    ("Portfolio", "/portfolio/"),
    ("Requests", "/requests/"),
    ("Reviews", "/reviews/"),
    ("Meetings", "/meetings/"),
    ("Escalations", "/escalations/"),
    ("Spend", "/spend/"),
    ("Policy", "/policy/"),
)
TONES = {"success": "ok", "warning": "warn", "error": "", "info": "info", "debug": "note"}
TONE_ICONS = {"ok": "ok", "warn": "warn", "info": "info", "note": "lock"}


@register.simple_tag
def icon(name: str, classes: str = "") -> SafeString:
    """Draw an icon of the sprite; it is decoration, the word stands beside it."""
    return format_html('<svg class="i {}" aria-hidden="true"><use href="#i-{}"/></svg>', classes, name)


@register.simple_tag(takes_context=True)
def council_name(context: Context) -> str:
    """Name the council as the organisation does."""
    return getattr(context.get("organisation"), "council_name", "") or COUNCIL_NAME


@register.inclusion_tag("components/crumb.html")
def crumbs(*way: str) -> dict[str, Any]:
    """Draw a breadcrumb: the label and the URL name of each page above, outermost first, and the label of this one."""
    above = zip(way[:-1:2], way[1::2], strict=True)
    return {"crumbs": [*({"label": label, "url": reverse(name)} for label, name in above), {"label": way[-1]}]}


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> list[dict[str, Any]]:
    """List the entries of the top bar: those of the context, else the seven without counts.

    A page whose address begins with none of them, such as a job's, belongs to the first one of its breadcrumb.
    """
    path = getattr(context.get("request"), "path", "")
    known = [{"label": label, "url": url, "current": path.startswith(url)} for label, url in ENTRIES]
    entries = [dict(entry) for entry in context.get("nav") or known]
    if crumbs := context.get("crumbs"):
        above = crumbs[0].get("url")
        is_lost = not any(entry.get("current") for entry in entries)
        entries = [{**entry, "current": entry.get("url") == above} if is_lost else entry for entry in entries]
    return entries


def _typed(widget: Widget, kind: str) -> Widget:
    """Give a text control another type; a date control wants its value as 2026-11-19."""
    if not kind or not isinstance(widget, Input):
        return widget
    typed: Input = copy(widget)
    typed.input_type = kind
    if kind == "date" and isinstance(typed, DateInput):
        typed.format = "%Y-%m-%d"
    return typed


@register.simple_tag
def control(field: BoundField, hint: str = "", **attrs: str) -> SafeString:
    """Draw the control of a form field with our class, tied to its hint and its error; name_x stands for name-x."""
    widget = _typed(field.field.widget, attrs.pop("type", ""))
    classes = {Textarea: "area", Select: "select", CheckboxInput: ""}
    own = next((name for kind, name in classes.items() if isinstance(widget, kind)), "input")
    described = [f"{field.id_for_label}-hint"] if hint else []
    drawn: dict[str, str | bool] = {
        name.replace("_", "-"): value for name, value in attrs.items() if value and name != "width"
    }
    if "placeholder" in widget.attrs:
        drawn.setdefault("placeholder", "")  # the label stands above; words inside a field look like an answer
    if own == "area" and widget.attrs.get("rows") == "10":  # what Django gives when nobody chose
        drawn.setdefault("rows", "4")
    if field.errors:
        described.append(f"{field.id_for_label}-error")
        drawn["aria-invalid"] = "true"
    if described:
        drawn["aria-describedby"] = " ".join(described)
    classed = " ".join(name for name in (widget.attrs.get("class", ""), own, attrs.get("width", "")) if name)
    return field.as_widget(widget, attrs={**drawn, "class": classed} if classed else drawn)


@register.filter
def currency_symbol(currency: str) -> str:
    """Name a currency by its sign: $."""
    return formats.symbol(currency or "USD").strip()


@register.filter
def currency_name(currency: str) -> str:
    """Name a currency in words: US dollars."""
    return formats.currency_name(currency or "USD")


@register.filter
def message_tone(level: str) -> str:
    """Turn a message's level into the tone of its banner."""
    return TONES.get(level, "info")


@register.filter
def tone_icon(tone: str) -> str:
    """Name the icon that goes with a tone."""
    return TONE_ICONS.get(tone, "bad")


@register.filter
def reason(exception: object, otherwise: str) -> str:
    """Say why something was refused, or the general sentence when no reason was given."""
    return str(exception) if exception else otherwise


@register.filter
def money_table(amount: Decimal) -> str:
    """Write an amount for a table cell, currency in the header: 636,480."""
    return formats.grouped(amount)


@register.filter
def money_difference(amount: Decimal) -> str:
    """Write a difference for a table cell, signed: +22,900, −37,200, 0."""
    text = formats.grouped(amount)
    return f"+{text}" if amount > 0 and text != "0" else text


@register.simple_tag(name="money_key")
@register.filter
def money_key(amount: Decimal, currency: str = "USD") -> str:
    """Write an amount short: $636k."""
    return formats.money_key(amount, currency or "USD")


@register.simple_tag(name="money_full")
@register.filter
def money_full(amount: Decimal, currency: str = "USD") -> str:
    """Write an amount in whole units: $636,480."""
    return formats.money_full(amount, currency or "USD")


@register.filter
def money_minor(amount: Decimal, currency: str = "USD") -> str:
    """Write an amount to the minor unit: $636,480.00."""
    return formats.money_minor(amount, currency or "USD")


@register.filter
def money_exact(amount: Decimal, currency: str = "USD") -> str:
    """Write an amount with every digit: $0.0000125."""
    return formats.money_exact(amount, currency or "USD")


@register.filter
def digits(amount: Decimal | str, currency: str = "USD") -> str:
    """Write an amount, or the text that keeps one, with every digit and never fewer than the minor unit's: 252.50."""
    return formats.digits(Decimal(amount), currency or "USD")


@register.filter
def money_change(amount: Decimal, currency: str = "USD") -> str:
    """Write a change in money to the minor unit and signed: +$14,595.52."""
    said = formats.money_minor(amount, currency or "USD")
    return f"+{said}" if amount > 0 else said


@register.filter
def money_change_exact(amount: Decimal, currency: str = "USD") -> str:
    """Write a change in money with every digit that counts, signed: +$48.75."""
    return formats.money_digits(amount, currency or "USD", plus=True)


@register.filter
def money_digits(amount: Decimal, currency: str = "USD") -> str:
    """Write an amount with every digit that counts and at least those of the minor unit: $15.12548."""
    return formats.money_digits(amount, currency or "USD")


@register.filter
def money_signed(amount: Decimal, currency: str = "USD") -> str:
    """Write a change in money short and signed: +$687k."""
    return formats.money_key(amount, currency or "USD", plus=True)


@register.filter
def unit_cost(amount: Decimal, currency: str = "USD") -> str:
    """Write the cost of one thing: $0.087."""
    return formats.unit_cost(amount, currency or "USD")


@register.filter
def exact(number: Decimal) -> str:
    """Write a number with every digit it has."""
    return formats.exact(number)


@register.filter
def grouped(number: Decimal | int, places: int = 0) -> str:
    """Write a number with thousands separators."""
    return formats.grouped(Decimal(number), places)


@register.filter
def percent(ratio: Decimal, places: int = 1) -> str:
    """Write a ratio as a percentage: 22.4%."""
    return formats.percent(ratio, places)


@register.filter
def covered(ratio: Decimal) -> str:
    """Write how much of something is covered, rounded down: 94.9% of 94.96%."""
    return formats.covered(ratio)


@register.filter
def percent_signed(ratio: Decimal, places: int = 1) -> str:
    """Write a ratio as a signed percentage: +22.4%, −9.4%."""
    return formats.percent(ratio, places, plus=True)


@register.filter
def variance_words(ratio: Decimal, places: int = 1) -> str:
    """Say a variance in words: 22.4% over."""
    return formats.variance_words(ratio, places)


@register.filter
def day(value: date | datetime, style: str = "") -> str:
    """Write a date: 19 Nov 2026; style weekday, short (no year), act (Thu 19 Nov), long, month."""
    if isinstance(value, datetime):
        value = localtime(value).date()
    if style == "long":
        return formats.on_day_long(value)
    if style == "month":
        return formats.in_month(value)
    return formats.on_day(value, weekday=style in ("weekday", "act"), year=style not in ("short", "act"))


@register.filter
def moment(value: datetime) -> str:
    """Write a moment in the reader's time zone: 17 Nov 2026, 18:00."""
    return formats.at_time(localtime(value))


@register.filter
def counted(count: int, nouns: str) -> str:
    """Write a count with its noun, given as "one,many": 12 initiatives."""
    one, _, many = nouns.partition(",")
    return formats.counted(count, one, many)


@register.filter
def seen(text: str, eyes: Eyes) -> str:
    """Write what a cost row says as this reader may see it: {{ group.model|seen:eyes }}."""
    return eyes.text(text)


@register.filter
def as_month(value: str) -> date:
    """Read a month that was kept as text in a record: 2026-11."""
    return date.fromisoformat(f"{value[:7]}-01")


@register.filter
def as_day(value: str) -> date:
    """Read a day that was kept as text in a record."""
    return date.fromisoformat(value)


@register.filter
def as_decimal(value: str) -> Decimal:
    """Read a figure that was kept as text in a record, without the zeros that its column padded it with."""
    text = f"{Decimal(str(value)):f}"
    return Decimal(text.rstrip("0").rstrip(".") if "." in text else text)
