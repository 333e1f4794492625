"""The words of the explorer's address: read into a question, and written for every choice that the page offers."""

from collections.abc import Iterable
from datetime import date
from urllib.parse import urlencode

from django.http import QueryDict

from projects.common import formats
from projects.sources.eyes import Eyes
from projects.spend.asking import BY, Question
from projects.spend.explorer import currencies
from projects.spend.narrowing import CLAIMED, DIMENSIONS, NAMES, UNCLAIMED, narrowing_of, word_said
from projects.spend.rules import last_day_of, month_before

PERIODS = {"year": "This year to date", "12m": "Last 12 months", "all": "All"}
LISTED_MONTHS = 13
ALL = "all"
UNDER_RULES = (("Spend", "projects:spend"), ("Rules", "projects:rules"))  # the pages that work on rules belongs under


def question_of(said: QueryDict, last: date, own: str) -> Question:
    """Read what an address asks; what it does not say is this year by layer.

    The currency "all" asks for everything in the organisation's own one, and so does who names none while bills come in
    it and in others.
    """
    known = currencies() or [own]
    by, currency = said.get("by", "layer"), said.get("currency", "")
    if currency not in known and own in known and len(known) > 1:
        currency = ALL
    if currency == ALL:
        known = [own]
    by = by if by in BY else "layer"
    since, on = period_of(said.get("period", ""), last)
    if by == "day" and (since.year, since.month) != (on.year, on.month):
        since = on.replace(day=1)
    told = currency if currency in known else known[0]
    return Question(by, since, on, told, narrowing_of(said.dict()).words, is_converted=currency == ALL)


def period_of(period: str, last: date) -> tuple[date, date]:
    """Return the first and last day of a period: a month such as 2026-05, a year or so up to the last charge day."""
    if period == "all":
        return date(2000, 1, 1), last
    if period == "12m":
        return date(last.year - (last.month < 12), last.month % 12 + 1, 1), last
    try:
        month = date.fromisoformat(f"{period}-01")
    except ValueError:
        return date(last.year, 1, 1), last
    return (
        (month, min(last_day_of(month), last)) if date(2000, 1, 1) <= month <= last else (date(last.year, 1, 1), last)
    )


def periods(last: date) -> Iterable[tuple[str, str]]:
    """Return the periods to choose from, each with its name."""
    yield from PERIODS.items()
    month = last.replace(day=1)
    for _ in range(LISTED_MONTHS):
        yield f"{month:%Y-%m}", period_words(f"{month:%Y-%m}")
        month = month_before(month)


def period_code(question: Question, said: QueryDict) -> str:
    """Return the period of a question as an address says it."""
    if question.since == question.on.replace(day=1) and said.get("period", "year") not in PERIODS:
        return f"{question.since:%Y-%m}"
    if question.by == "day":
        return f"{question.since:%Y-%m}"
    code = str(said.get("period", ""))
    return code if code in PERIODS else "year"


def period_words(code: str) -> str:
    """Say a period in words."""
    if code in PERIODS:
        return PERIODS[code]
    return f"{formats.MONTHS[int(code[5:]) - 1]} {code[:4]}"


def link(chosen: dict[str, str], **changed: str) -> str:
    """Return the address of the same page with something changed."""
    return "?" + urlencode({name: value for name, value in {**chosen, **changed}.items() if value})


def chips(chosen: dict[str, str], question: Question, eyes: Eyes) -> list[dict[str, str]]:
    """Return what the page is narrowed to, each with the way to widen it."""
    words = {UNCLAIMED: "Unclaimed", CLAIMED: "Claimed"}
    return [
        {
            "label": f"{NAMES[name]}: {eyes.text(words.get(word, word_said(name, word)))}",
            "url": link(chosen, **{name: ""}),
        }
        for name, word in question.words.items()
        if name in DIMENSIONS
    ]


def currencies_to_choose(known: list[str], chosen: dict[str, str], own: str) -> list[tuple[str, str, bool]]:
    """Return each currency of bills, and all of them in the organisation's own where one is foreign to it."""
    listed = [(code, code) for code in known]
    if any(code != own for code in known):
        listed.insert(0, (ALL, f"All, in {own}"))
    return [(title, link(chosen, currency=code), code == chosen["currency"]) for code, title in listed]
