"""Gather the facts of an initiative from whatever is recorded about it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
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
from projects.estimates.selectors import latest_estimates
from projects.guardrails.models import ProofState
from projects.guardrails.selectors import Line, checklists
from projects.initiatives.models import Initiative
from projects.limits.rules import Policy
from projects.prices.quotes import Unpriced
from projects.prices.selectors import ShortlistFinding, shortlist_findings
from projects.quality.models import QualityGate
from projects.quality.rules import Standing
from projects.quality.selectors import standings
from projects.spend.converting import Cost, tallies
from projects.spend.coverage import TagCoverage, coverages, worst_of
from projects.spend.selectors import DaySpend, days_by_initiative
from projects.sunsets.selectors import Standing as Ending
from projects.sunsets.selectors import sunset_standings
from projects.value.models import Measures
from projects.value.selectors import CardReadings, cards_of, frozen_values, verified_value

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
    found = facts_by_initiative([initiative], on=on, policy=policy)[initiative.pk]
    return replace(found, reviews_met=tuple(reviews_met), post_decision_held_on=post_decision_held_on)


def facts_by_initiative(initiatives: Iterable[Initiative], *, on: date, policy: Policy) -> dict[int, Facts]:
    """Return the same for each initiative, without what reviews found; as many queries for many as for one."""
    every = {initiative.pk: initiative for initiative in initiatives}
    fresh_days = policy.integer("proof_freshness_days")
    known = Known(
        on=on,
        policy=policy,
        lines=checklists(every.values(), at=end_of(on), fresh_days=fresh_days),
        cards=cards_of(every, on),
        quality=standings(every, on=on, proven_only=True),
        estimates=latest_estimates(every),
        days=_days(every, on),
        coverages=coverages(every, on=on),
        shortlists=_shortlists(every.values(), on),
        verified=verified_value(every, on),
        frozen=frozen_values(every),
        sunsets=sunset_standings(list(every), on=on),
    )
    return {pk: _facts(initiative, known) for pk, initiative in every.items()}


@dataclass(frozen=True)
class Known:
    """What is recorded about some initiatives, by initiative; who has nothing is absent."""

    on: date
    policy: Policy
    lines: Mapping[int, list[Line]]
    cards: Mapping[int, list[CardReadings]]
    quality: Mapping[int, list[tuple[QualityGate, Standing]]]
    estimates: Mapping[int, Estimate]
    days: Mapping[int, list[DaySpend]]
    coverages: Mapping[int, list[TagCoverage]]
    shortlists: Mapping[int, ShortlistFacts]
    verified: Mapping[int, Decimal]
    frozen: Mapping[int, Decimal]
    sunsets: Mapping[int, list[Ending]]


def _facts(initiative: Initiative, known: Known) -> Facts:
    pk = initiative.pk
    lines, cards, quality = known.lines[pk], known.cards.get(pk, []), known.quality.get(pk, [])
    estimate, covered = known.estimates.get(pk), worst_of(known.coverages.get(pk, []))
    final = final_days(initiative, known.days.get(pk, []))
    ends = known.sunsets.get(pk, [])
    return Facts(
        limits=_limits(known.policy),
        names={**_names(initiative, lines, cards), "quality_metric": quality[0][0].metric if quality else ""},
        shortlist=known.shortlists.get(pk),
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
        verified=known.verified.get(pk),
        frozen=known.frozen.get(pk),
        sunset_criteria_met=any(row.is_met for row in ends) if ends else None,
        sunset_words="; ".join(row.words for row in ends if row.is_met),
    )


def _days(ids: Iterable[int], on: date) -> dict[int, list[DaySpend]]:
    since, until = on - timedelta(days=BASELINE_REACH), on + timedelta(days=1)
    return days_by_initiative(ids, since=since, until=until, on=on)


def final_days(initiative: Initiative, days: Iterable[DaySpend]) -> dict[date, Decimal]:
    """Return the last 30 final days that cost something, in the initiative's own currency; credits lower them.

    A day of which a part has no rate of exchange is not known, and left out.
    """
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


def _shortlists(initiatives: Iterable[Initiative], on: date) -> dict[int, ShortlistFacts]:
    having = [initiative for initiative in initiatives if initiative.shortlist]
    if not having:
        return {}
    findings = shortlist_findings([(row.shortlist, row.model_tier) for row in having], on)
    return {row.pk: _shortlist(row, found) for row, found in zip(having, findings, strict=True)}


def _shortlist(initiative: Initiative, found: ShortlistFinding) -> ShortlistFacts:
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
