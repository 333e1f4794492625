"""The guardrails tab: each limit with its value, and what imported usage says about it."""

from datetime import datetime
from typing import Any

from django.urls import reverse

from council.home.heads import Head
from projects.common.formats import grouped
from projects.guardrails.selectors import Line

JUDGE = "Computed from imported usage"


def guardrail_tab(head: Head) -> dict[str, Any]:
    """Return the checklist as the component prints it."""
    return {
        "items": [
            _item(line) | {"url": reverse("projects:guardrail", args=[head.initiative.key, line.definition.code])}
            for line in head.guardrails
        ],
        "proved": sum(line.is_proved for line in head.guardrails),
    }


def _item(line: Line) -> dict[str, Any]:
    row = line.guardrail
    item: dict[str, Any] = {
        "id": f"guard-{line.definition.code}",
        "name": line.definition.title,
        "meaning": line.definition.good,
    }
    if row is None or not line.is_filled:
        return item
    item["evidence"] = f"Does not apply: {row.not_applicable}" if row.not_applicable else _evidence(line)
    if row.not_applicable or row.last_proof_at is None:
        return item
    return item | _verdict(line, row.last_proof_at)


def _evidence(line: Line) -> str:
    assert line.guardrail is not None
    unit = line.guardrail.unit or line.definition.unit
    amount = line.guardrail.amount
    is_whole = amount is not None and amount == amount.to_integral_value()
    value = f"{grouped(amount) if amount is not None and is_whole else line.guardrail.value} {unit}".strip()
    return f"{value}. Set in {line.guardrail.source}." if line.guardrail.source else f"{value}."


def _verdict(line: Line, at: datetime) -> dict[str, Any]:
    """Say what the last proof found: met, broken, or too old to count."""
    assert line.guardrail is not None
    aged = "met" if line.is_proved else "ask"
    verdict = "not_met" if line.guardrail.proof_state == "failed" else aged
    found = " ".join(part for part in (line.guardrail.proof_figure, line.guardrail.proof_note) if part)
    reason = found if verdict != "ask" else f"The proof is too old to count. {found}".strip()
    judge = str(line.guardrail.judged_by) if line.guardrail.judged_by else JUDGE
    return {"verdict": verdict, "reviewer": judge, "on": at, "reason": reason}
