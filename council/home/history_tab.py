"""The history tab: what the record says of an initiative, in the words of its verbs, newest first."""

from dataclasses import dataclass
from typing import Any

from council.home.heads import Head, tab_url
from projects.audit.models import AuditEvent
from projects.sources.eyes import Eyes
from projects.verbs import VERBS

PAGE = 50


@dataclass(frozen=True)
class Entry:
    """One event with its sentence and what changed by it."""

    event: AuditEvent
    sentence: str
    before: str
    after: str


def history_tab(head: Head, eyes: Eyes, after: str = "") -> dict[str, Any]:
    """Return a page of the initiative's stream, older than a sequence where one is given; one query and a count."""
    stream = AuditEvent.objects.filter(stream=head.initiative.audit_stream)
    older = (
        stream.filter(sequence__lt=int(after)) if after.isascii() and after.isdigit() and len(after) < 10 else stream
    )
    rows = list(older.order_by("-sequence")[: PAGE + 1])
    shown = rows[:PAGE]
    url = tab_url(head.initiative.key, "history")
    return {
        "entries": [entry_of(event, eyes) for event in shown],
        "total": stream.count(),
        "older_url": f"{url}?after={shown[-1].sequence}" if len(rows) > PAGE else "",
    }


def entry_of(event: AuditEvent, eyes: Eyes) -> Entry:
    """Return an event in words as the reader may see it; its sentence is finished by what the act named."""
    before, after = (eyes.text(words) for words in _changed(event.data))
    label = "" if event.target_type == "projects.initiative" else event.target_label
    sentence = f"{VERBS.get(event.verb, event.verb)}{f': {eyes.text(label)}' if label else ''}"
    return Entry(event, sentence, before, after)


def _changed(data: dict[str, Any]) -> tuple[str, str]:
    """Return what stood before and stands now; acts without a before say what they gave."""
    before, after = data.get("before"), data.get("after")
    if before is None and after is None:
        return "", "; ".join(f"{_word(name)} {_plain(value)}" for name, value in data.items() if _plain(value))
    return _said(before), _said(after)


def _said(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{_word(name)} {_plain(one) or 'empty'}" for name, one in value.items())
    return _word(_plain(value))


def _word(name: str) -> str:
    return name.replace("_", " ")


def _plain(value: Any) -> str:
    if value is None or isinstance(value, dict | list):
        return ""
    return str(value)
