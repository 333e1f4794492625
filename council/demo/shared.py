"""What does not come on the cloud's bill as one initiative's: a model key that teams share, and seats billed in euros.

Both take the place of what the sample's month has, to the cent: the month's total of each initiative stays the sample's.
"""

import csv
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from council.demo.days import spread
from council.demo.people import People
from council.demo.plan import Plan, media_folder
from projects.attribution.drafts import DetailDraft, RuleDraft
from projects.attribution.models import Basis, RuleKind
from projects.attribution.services import make_rule
from projects.initiatives.models import Initiative
from projects.sources.models import Source
from projects.spend.services import CostFile, import_costs

CODER, STUDIO = "AI-033", "AI-038"
TEAMS = {CODER: "developer-tools-team", STUDIO: "marketing-studio-team"}
KEY_ACCOUNT = "shared-model-key"
KEY_TAGS = (
    '{"application": "Model gateway", "cost_centre": "CC-4400", "environment": "production", "owner": "Nils Bergman"}'
)
GATEWAY, EUROPE = "northmark-gateway", "northmark-europe"
LIST_PRICE = Decimal("1.02")  # the gateway logs list prices; the bill is two per cent lower by agreement
INPUT_TOKENS, OUTPUT_TOKENS = 240_000, 40_000  # of gpt-4o for a dollar, three fifths of it for input
RATE = Decimal("1.1500")
EUROS = Decimal(4000)
REVIEW = Decimal(6200)
LOG_COLUMNS = (
    "date", "api_key", "team_id", "model", "model_group", "custom_llm_provider", "prompt_tokens", "completion_tokens",
    "spend", "api_requests",
)  # fmt: skip


def is_shared(plan: Plan, code: str, first: date) -> bool:
    """Say whether an initiative's model calls of a month go through the shared key."""
    return code in TEAMS and first in plan.months[-2:]


def taken_out(plan: Plan, code: str, first: date) -> Decimal:
    """Return what of an initiative's seats comes on another bill or sheet: in euros, and entered by hand."""
    if code != CODER or first not in plan.months[-2:]:
        return Decimal(0)
    return EUROS * RATE + (REVIEW if first == plan.months[-2] else 0)


def shared_calls(plan: Plan, first: date, days: list[date]) -> dict[date, dict[str, Decimal]]:
    """Return what each team's calls cost the shared key, day by day."""
    position, calls = plan.months.index(first), {day: dict[str, Decimal]() for day in days}
    for row in plan.initiatives:
        if is_shared(plan, row["code"], first):
            amount = Decimal(row["layers_by_month"][position][0])
            for day, cost in spread(amount, days, f"{row['code']}shared"):
                calls[day][row["code"]] = cost
    return calls


def give_teams_their_calls(plan: Plan, people: People, made: Mapping[str, Initiative]) -> None:
    """Let the gateway's teams belong to their initiatives, as finance does."""
    for code, team in TEAMS.items():
        draft = RuleDraft(RuleKind.SUB_ACCOUNT, team, made[code], note="The gateway's team of that name.")
        make_rule(draft=draft, by=people["Nils Bergman"], at=plan.days_ago(2, 5))


def import_log(plan: Plan, people: People, first: date, days: list[date]) -> None:
    """Import what the gateway logged of a month: the same money as the shared key's bill, by team, at list prices."""
    lines = [
        _call(day, code, cost) for day, costs in shared_calls(plan, first, days).items() for code, cost in costs.items()
    ]
    import_file(plan, people, f"gateway-{first:%Y-%m}.csv", LOG_COLUMNS, lines, GATEWAY)


def split_shared_key(plan: Plan, people: People, bill: str) -> None:
    """Let the gateway's log split the shared key's charges, day by day."""
    detail = DetailDraft(Source.objects.get(name=GATEWAY), provider="openai")
    draft = RuleDraft(
        RuleKind.SUB_ACCOUNT,
        KEY_ACCOUNT,
        source=Source.objects.get(name=bill),
        basis=Basis.DETAIL,
        detail=detail,
        note="One key for all teams; the gateway knows who called.",
    )
    make_rule(draft=draft, by=people["Nils Bergman"], at=plan.days_ago(2, 5))


def import_euros(plan: Plan, people: People, first: date, rows: Iterable[dict[str, str]]) -> None:
    """Import the bill that a European vendor sends in euros."""
    lines = list(rows)
    import_file(plan, people, f"europe-{first:%Y-%m}.csv", tuple(lines[0]), lines, EUROPE)


def _call(day: date, code: str, cost: Decimal) -> dict[str, str]:
    listed = cost * LIST_PRICE
    asked, answered = int(listed * INPUT_TOKENS), int(listed * OUTPUT_TOKENS)
    return {
        "date": day.isoformat(),
        "api_key": f"key-of-{TEAMS[code]}",
        "team_id": TEAMS[code],
        "model": "gpt-4o",
        "model_group": "gpt-4o",
        "custom_llm_provider": "openai",
        "prompt_tokens": str(asked),
        "completion_tokens": str(answered),
        "spend": f"{listed:f}",
        "api_requests": str(max(1, answered // 350)),
    }


def import_file(
    plan: Plan, people: People, name: str, columns: tuple[str, ...], rows: Iterable[dict[str, Any]], source: str
) -> None:
    """Write a cost file and import it as finance does."""
    path = media_folder() / name
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    import_costs(file=CostFile(path, name, source), by=people["Nils Bergman"], at=plan.days_ago(2, 6))
