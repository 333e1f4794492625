"""Gather the facts of an initiative from whatever is recorded about it."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from projects.checks.facts import (
    CardFacts,
    Facts,
    LimitFacts,
    Limits,
    QualityFacts,
    ShortlistFacts,
    ViabilityFacts,
)
from projects.checks.rules import cost_at_target
from projects.estimates.models import Estimate
from projects.estimates.selectors import latest_estimate
from projects.guardrails.models import ProofState
from projects.guardrails.selectors import Line, checklist
from projects.initiatives.models import Initiative
from projects.limits.rules import Policy
from projects.prices.quotes import Unpriced
from projects.prices.selectors import shortlist_finding
from projects.quality.models import QualityGate
from projects.quality.rules import Standing
from projects.quality.selectors import standings
from projects.spend.converting import Cost, tallies
from projects.spend.coverage import worst_coverage
from projects.spend.selectors import days_of
from projects.sunsets.selectors import sunset_standings
from projects.value.models import Measures
from projects.value.selectors import CardReadings, cards_with_readings, frozen_value, verified_value

BASELINE_WINDOW = 30
BASELINE_REACH = 150


def end_of(day: date) -> datetime:
    """Return the last instant of a day in UTC."""
    return datetime.combine(day + timedelta(days=1), time.min, UTC) - timedelta(microseconds=1)


def facts_of(
    initiative: Initiative,
    *,
    on: date,
    policy: Policy,
    reviews_met: Sequence[bool | None] = (),
    post_decision_held_on: date | None = None,
) -> Facts:
    """Return everything that the checks may look at, as of the end of a day.

    What reviews found is handed in, because requests lie above the checks.
    """
    lines = checklist(initiative, at=end_of(on), fresh_days=policy.integer("proof_freshness_days"))
    cards = cards_with_readings(initiative.pk, on)
    quality = standings([initiative.pk], on=on, proven_only=True).get(initiative.pk, [])
    estimate = latest_estimate(initiative)
    final = final_days(initiative, on=on)
    covered = worst_coverage(on=on, initiative_id=initiative.pk)
    ends = sunset_standings([initiative.pk], on=on).get(initiative.pk, [])
    return Facts(
        limits=_limits(policy),
        names={**_names(initiative, lines, cards), "quality_metric": quality[0][0].metric if quality else ""},
        shortlist=_shortlist(initiative, on),
        estimate=(estimate.low, estimate.likely, estimate.high) if estimate else None,
        baseline_days=len(final) or None,
        baseline_cost=sum(final.values(), Decimal(0)) if final else None,
        coverage=covered.percent if covered else None,
        coverage_note="" if covered else "No spend of the last 30 final days to hold against the tagging schema.",
        viability=viability_of(cards, estimate),
        quality=tuple(_quality(gate, found) for gate, found in quality),
        cards=tuple(_card(card) for card in cards),
        guardrails=tuple(_limit(line) for line in lines if not line.definition.for_agents),
        agent_limits=tuple(_limit(line) for line in lines if line.definition.for_agents),
        verified=verified_value([initiative.pk], on).get(initiative.pk),
        frozen=frozen_value(initiative.pk),
        post_decision_held_on=post_decision_held_on,
        reviews_met=tuple(reviews_met),
        sunset_criteria_met=any(row.is_met for row in ends) if ends else None,
        sunset_words="; ".join(row.words for row in ends if row.is_met),
    )


def final_days(initiative: Initiative, *, on: date) -> dict[date, Decimal]:
    """Return the last 30 final days that cost something, in the initiative's own currency; credits lower them.

    A day of which a part has no rate of exchange is not known, and left out.
    """
    days = days_of(initiative.pk, since=on - timedelta(days=BASELINE_REACH), until=on + timedelta(days=1), on=on)
    final = [row for row in days if not row.is_provisional]
    costs = [
        Cost(row.day, initiative.currency, row.currency, row.day.replace(day=1), row.effective_cost) for row in final
    ]
    own = {day: tally.amount for day, tally in tallies(costs).items() if not tally.missing}
    return {day: own[day] for day in sorted(own)[-BASELINE_WINDOW:]}


def viability_of(cards: Sequence[CardReadings], estimate: Estimate | None) -> ViabilityFacts | None:
    """Return the newest proven cost of an outcome, its cost at target volume, and what one is worth, where known."""
    known = {read.card.measures: read for read in cards}
    cost, outcomes = known.get(Measures.UNIT_COST), known.get(Measures.OUTCOMES)
    if not cost or not cost.proving or not outcomes or outcomes.card.money_per_unit is None:
        return None
    value = outcomes.card.money_per_unit * outcomes.card.realisation_percent / 100
    target, volume = outcomes.card.target_volume, outcomes.proving[-1].value if outcomes.proving else None
    at_target = None
    if estimate and target and volume:
        variable = sum((line.likely for line in estimate.figures if line.code == "model_usage"), Decimal(0))
        at_target = cost_at_target(estimate.likely - variable, target, variable, volume)
    return ViabilityFacts(cost.proving[-1].value, value, at_target)


def _limits(policy: Policy) -> Limits:
    return Limits(
        coverage_percent=policy.decimal("coverage_percent"),
        verified_share_percent=policy.decimal("verified_share_percent"),
        stable_percent=policy.decimal("stable_percent"),
    )


def _limit(line: Line) -> LimitFacts:
    row = line.guardrail
    return LimitFacts(
        code=line.definition.code,
        title=line.definition.title,
        is_filled=line.is_filled,
        is_proved=line.is_proved,
        has_failed=row is not None and row.proof_state == ProofState.FAILED,
        note=row.proof_note if row else "",
    )


def _shortlist(initiative: Initiative, on: date) -> ShortlistFacts | None:
    if not initiative.shortlist:
        return None
    found = shortlist_finding(initiative.shortlist, on, tier=initiative.model_tier)
    priced = sum(not isinstance(line.price, Unpriced) for line in found.lines)
    return ShortlistFacts(tuple(initiative.shortlist), priced, tuple(row.message for row in found.blockers))


def _quality(gate: QualityGate, found: Standing) -> QualityFacts:
    figure = f"{found.latest.value.normalize():f} {gate.unit}".strip() if found.latest else ""
    return QualityFacts(gate.metric, found.verdict, figure)


def _card(read: CardReadings) -> CardFacts:
    return CardFacts(
        name=read.card.name,
        measures=read.card.measures,
        gaps=tuple(read.card.gaps),
        periods=tuple((row.period_start, row.period_end) for row in read.proving),
        values=tuple(row.value for row in read.proving),
        target=read.card.target,
        target_volume=read.card.target_volume,
        floor=read.card.floor,
    )


def _names(initiative: Initiative, lines: Sequence[Line], cards: Sequence[CardReadings]) -> dict[str, str]:
    def person(name: str) -> str:
        user = getattr(initiative, name)
        return str(user) if user else ""

    filled = {line.definition.code: line.guardrail.value for line in lines if line.guardrail and line.is_filled}
    outcomes = next((read.card for read in cards if read.card.measures == Measures.OUTCOMES), None)
    volume: Decimal | None = outcomes.target_volume if outcomes else None
    return {
        "business_owner": person("business_owner"),
        "technical_owner": person("technical_owner"),
        "budget_owner": person("budget_owner"),
        "cost_centre": initiative.cost_centre,
        "model_tier": initiative.get_model_tier_display() if initiative.model_tier else "",
        "usage_profile": f"{volume.normalize():f} {outcomes.unit} at target" if outcomes and volume else "",
        "budget_threshold": filled.get("anomaly_threshold", ""),
        "observability_tags": filled.get("tagging_schema", ""),
        "value_metric": next((read.card.name for read in cards if read.card.category), ""),
    }
