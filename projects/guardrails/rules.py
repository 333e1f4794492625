"""Which guardrails there are, what a value of each looks like, and when one is filled or proved."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation

from projects.common.outcomes import Blocker


@dataclass(frozen=True)
class Definition:
    """One guardrail: ``unit`` is empty where its value is a sentence, else what its number counts."""

    code: str
    title: str
    good: str
    unit: str = ""
    for_agents: bool = False
    may_not_apply: bool = False

    @property
    def is_number(self) -> bool:
        """Say whether the value is a number."""
        return bool(self.unit)


DEFINITIONS: dict[str, Definition] = {
    row.code: row
    for row in (
        Definition(
            "token_budget",
            "Token budget defined",
            "A monthly ceiling that imported usage stays inside",
            "tokens a month",
        ),
        Definition("output_limit", "Max output tokens per call set", "A cap that no call passes", "tokens a call"),
        Definition(
            "anomaly_threshold",
            "Anomaly threshold configured",
            "Someone is told the same day",
            "percent of a day's forecast",
        ),
        Definition("routing_policy", "Model routing policy documented", "Which model for which task, and why"),
        Definition(
            "prompt_caching",
            "Prompt caching enabled where it applies",
            "On at the policy's share, or a reason it does not apply",
            "percent of input tokens",
            may_not_apply=True,
        ),
        Definition(
            "tagging_schema",
            "Tagging schema present and validated",
            "Every mandatory key on the policy's share of spend",
        ),
        Definition(
            "iterations", "Iterations limited", "An agent stops after so many rounds", "rounds a task", for_agents=True
        ),
        Definition(
            "tool_calls",
            "Tool calls limited",
            "An agent stops after so many calls of tools",
            "calls a task",
            for_agents=True,
        ),
        Definition(
            "tokens_per_task", "Tokens per task limited", "One task cannot spend more", "tokens a task", for_agents=True
        ),
        Definition("timeout", "Time per task limited", "A task ends by itself", "seconds a task", for_agents=True),
        Definition(
            "retries", "Retries limited", "A failing step is not tried for ever", "retries a step", for_agents=True
        ),
        Definition("budget_ceiling", "Budget ceiling set", "A hard stop in money", "money a day", for_agents=True),
        Definition("escalation_rule", "Escalation rule written", "When it stops and asks a person", for_agents=True),
        Definition(
            "hand_off", "Human hand-off criterion written", "What is always handed to a person", for_agents=True
        ),
    )
}
CORE = tuple(code for code, row in DEFINITIONS.items() if not row.for_agents)
AGENT = tuple(code for code, row in DEFINITIONS.items() if row.for_agents)
AGENTIC = frozenset({"supervised", "autonomous"})


def codes_for(stage: str, autonomy: str) -> tuple[str, ...]:
    """Return the guardrails an initiative needs: none in Concept, six from MVP on, eight more for agents."""
    if stage == "concept":
        return ()
    return CORE + AGENT if autonomy in AGENTIC else CORE


def number_of(value: str) -> Decimal | None:
    """Read a plain number such as 38000000 or 38,000,000; None for anything else, or for one that is not above zero."""
    text = value.replace(",", "").replace(" ", "")
    if not text.isascii() or not text.replace(".", "", 1).isdigit():
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    return number if number > 0 else None


def value_blockers(code: str, value: str, not_applicable: str) -> list[Blocker]:
    """Say why a value cannot stand: unknown guardrail, a number that is none, or a reason where none is allowed."""
    definition = DEFINITIONS.get(code)
    if definition is None:
        return [Blocker("unknown_guardrail", f"There is no guardrail {code}.")]
    if not_applicable.strip():
        if not definition.may_not_apply:
            return [Blocker("always_applies", f"{definition.title}: this guardrail always applies.")]
        return []
    if not value.strip():
        return [Blocker("value_missing", f"{definition.title}: give its value.")]
    if definition.is_number and number_of(value) is None:
        return [
            Blocker("not_a_number", f"{definition.title}: give a number of {definition.unit} above zero, not {value}.")
        ]
    return []


def is_filled(value: str, not_applicable: str) -> bool:
    """Say whether a guardrail is filled: its value is known or it does not apply."""
    return bool(value.strip() or not_applicable.strip())


def is_fresh(proved_at: datetime | None, *, at: datetime, days: int) -> bool:
    """Say whether a proof is at most ``days`` old."""
    return proved_at is not None and at - proved_at <= timedelta(days=days)


@dataclass(frozen=True)
class Proof:
    """What imported rows say about a guardrail: whether it held, the figure, and a sentence."""

    holds: bool
    figure: str
    sentence: str


def token_budget_proof(tokens: Decimal, budget: Decimal) -> Proof:
    """Hold the tokens of the last full month against the budget; exactly the budget holds."""
    return Proof(tokens <= budget, f"{tokens:,}", f"{tokens:,} tokens in the month, budget {budget:,}.")


def output_limit_proof(largest: Decimal, calls_over: int, limit: Decimal, *, is_exact: bool = True) -> Proof:
    """Hold the longest answer against the limit; not exact where more calls passed it than are known by row."""
    count = f"{calls_over:,}" if is_exact else f"{calls_over:,} or more"
    return Proof(
        calls_over == 0 and largest <= limit,
        f"{largest:,}",
        f"Longest answer {largest:,} tokens, {count} calls above {limit:,}.",
    )


TASK_MEASURES = {
    "iterations": ("iterations_max", "rounds"),
    "tool_calls": ("task_tool_calls_max", "calls of tools"),
    "tokens_per_task": ("task_tokens_max", "tokens"),
    "timeout": ("task_seconds_max", "seconds"),
}
BY_ROWS = frozenset({"token_budget", "output_limit", "prompt_caching", "tagging_schema"})


def task_proof(largest: Decimal, limit: Decimal, what: str) -> Proof:
    """Hold the largest task of the month against an agent limit; exactly the limit holds."""
    return Proof(largest <= limit, f"{largest:,}", f"Largest task {largest:,} {what}, limit {limit:,}.")


def evidence_blockers(code: str, evidence: str, measured: frozenset[str]) -> list[Blocker]:
    """Say why a guardrail takes no evidence: rows of the window prove it, or the evidence says nothing."""
    title = DEFINITIONS[code].title
    if code in BY_ROWS:
        return [Blocker("proved_by_rows", f"{title}: rows of imported spend and usage prove it, no text does.")]
    if code in measured:
        return [Blocker("proved_by_rows", f"{title}: imported usage measures it, so its rows prove it, no text does.")]
    if not evidence.strip():
        return [Blocker("evidence_missing", f"{title}: paste or describe what shows that it is enforced.")]
    return []


def share_proof(part: Decimal, whole: Decimal, least_percent: Decimal, what: str) -> Proof | None:
    """Hold a share against the least percent that policy asks; None when there is nothing to divide by."""
    if whole <= 0:
        return None
    percent = (part * 100 / whole).quantize(Decimal("0.1"))
    return Proof(
        part * 100 >= whole * least_percent, f"{percent}%", f"{percent}% {what}, at least {least_percent}% asked."
    )
