"""The figures that the rules judge, gathered in sets, and the findings of a day."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from council.escalations import rules
from council.escalations.models import EscalationRun
from council.escalations.rules import Finding, Money, Reading
from projects.common.among import Among
from projects.forecasts.selectors import forecasts, highest_forecasts
from projects.funding.selectors import Position, positions
from projects.gates.selectors import missed_reviews
from projects.initiatives.choices import Condition
from projects.initiatives.models import Initiative
from projects.limits.rules import Policy
from projects.limits.selectors import policy_on
from projects.milestones.rules import MissedRun
from projects.milestones.selectors import missed_runs
from projects.quality.models import QualityGate
from projects.quality.rules import Standing
from projects.quality.selectors import once_breached, standings
from projects.spend.converting import NOTHING, Tally
from projects.spend.selectors import data_to, spending_between
from projects.sunsets.selectors import Standing as Criterion
from projects.sunsets.selectors import sunset_standings

Gate = tuple[QualityGate, Standing]
MAY_SUNSET = frozenset({"pilot", "launch", "scale"})
SANDBOX_WINDOW = timedelta(days=30)
MOST_MISSED_DAYS = 31
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Evaluation:
    """What the rules found at the end of a day, under which policy, among which initiatives."""

    on: date
    policy: Policy
    judged: tuple[int, ...]
    findings: dict[int, tuple[Finding, ...]]
    unknown: dict[int, tuple[Finding, ...]]


@dataclass(frozen=True)
class Figures:
    """What the rules apart from money judge, by initiative: misses, gates, silence, reviews, sunset criteria."""

    runs: Mapping[int, MissedRun]
    gates: Mapping[int, Sequence[Gate]]
    newest: Mapping[int, date]
    missed: Mapping[int, tuple[str, str]]
    ends: Mapping[int, Sequence[Criterion]]


def evaluate(*, on: date, initiative_ids: Iterable[int] | None = None, policy: Policy | None = None) -> Evaluation:
    """Judge initiatives at the end of a day under the policy in force then; the number of queries does not grow."""
    law = policy or policy_on(on)
    rows = Initiative.objects.exclude(condition=Condition.CLOSED)
    if initiative_ids is not None:
        rows = rows.filter(pk__in=Among(initiative_ids))
    stages = dict(rows.values_list("pk", "stage"))
    ids = list(stages)
    held = positions(ids, on=on)
    may_end = [pk for pk in ids if stages[pk] in MAY_SUNSET]
    ahead = forecasts(_may_end_over(held, law, on), on=on, held=held)
    figures = Figures(
        runs=missed_runs(ids, on=on, policy=law),
        gates=standings(once_breached(ids, on=on), on=on),
        newest=data_to(ids, on=on),
        missed=missed_reviews(may_end, on),
        ends=sunset_standings(may_end, on=on),
    )
    without = [pk for pk in ids if held[pk].first_released_on is None]
    recent = spending_between(without, on - SANDBOX_WINDOW + ONE_DAY, on + ONE_DAY, with_credits=False)
    findings: dict[int, tuple[Finding, ...]] = {}
    unknown: dict[int, tuple[Finding, ...]] = {}
    for pk in ids:
        position, lately = held[pk], recent.get(pk, NOTHING)
        about_money = _money_findings(_money(position, stages[pk], lately), position, ahead.get(pk), law)
        lacking = _lacking(position, lately.plus, law)
        found = [rules.told_with(finding, lacking) for finding in about_money] + _other_findings(pk, figures, on, law)
        if found:
            findings[pk] = tuple(found)
        if open_questions := rules.undecided(about_money, lacking):
            unknown[pk] = tuple(open_questions)
    return Evaluation(on, law, tuple(ids), findings, unknown)


def _may_end_over(held: Mapping[int, Position], law: Policy, on: date) -> list[int]:
    """Return whose forecast is to be made: the rule would trip on the dearest course, or only the forecast can tell."""
    return [
        pk
        for pk, highest in highest_forecasts(held, on=on).items()
        if highest is None or _forecast_over(_budget(held[pk], law), highest, held[pk].currency, law)
    ]


def _money(position: Position, stage: str, lately: Tally) -> Money:
    has_budget = position.first_released_on is not None
    return Money(
        currency=position.currency,
        stage=stage,
        approved=position.approved if has_budget else None,
        spent=position.spent,
        unfunded=Decimal(0) if has_budget else lately.amount,
    )


def _budget(position: Position, law: Policy) -> Decimal | None:
    """Return what spend is judged against: the whole budget, or the tranche's money where the policy says so."""
    tranche = position.tranche_in_force
    if tranche is not None and law.text("over_budget_basis") == "tranche":
        return tranche.money
    return position.approved if position.first_released_on is not None else None


def _lacking(position: Position, unfunded: str, law: Policy) -> dict[str, str]:
    """Say, by rule, what of the spend that it looks at has no rate of exchange; nothing where it does not apply."""
    tranche = position.tranche_in_force
    spent = position.plus if position.first_released_on is not None else ""
    by_tranche = tranche is not None and law.text("over_budget_basis") == "tranche"
    return {
        "over_budget": tranche.plus if tranche is not None and by_tranche else spent,
        "unfunded_spend": unfunded,
        "tranche_overspent": tranche.plus if tranche is not None else "",
        "forecast_over": spent if tranche is not None else "",
    }


def _money_findings(money: Money, position: Position, ahead: Decimal | None, law: Policy) -> list[Finding]:
    percent = law.decimal("over_budget_percent")
    tranche = position.tranche_in_force
    if tranche is not None and law.text("over_budget_basis") == "tranche":
        money = replace(money, approved=tranche.money, spent=tranche.spent)
    found = [
        rules.over_budget(money, percent=percent),
        rules.unfunded_spend(money, cap=law.decimal("sandbox_cap")),
        _forecast_over(money.approved, ahead, money.currency, law),
    ]
    if tranche is not None:
        found.append(
            rules.tranche_overspent(
                label=tranche.label,
                released=tranche.money,
                cost=tranche.spent,
                currency=money.currency,
                percent=percent,
            )
        )
    return [finding for finding in found if finding is not None]


def _forecast_over(approved: Decimal | None, ahead: Decimal | None, currency: str, law: Policy) -> Finding | None:
    percent = law.decimal("over_budget_percent")
    return rules.forecast_over(forecast=ahead, approved=approved, currency=currency, percent=percent)


def _other_findings(pk: int, figures: Figures, on: date, law: Policy) -> list[Finding]:
    run = figures.runs.get(pk)
    standings_of = figures.gates.get(pk, ())
    readings = tuple(_reading(gate, stand) for gate, stand in standings_of if stand.latest is not None)
    met = {str(row.criterion.pk): row.words for row in figures.ends.get(pk, ()) if row.is_met}
    silent_days = law.integer("silent_source_days")
    found = [
        rules.missed_milestones(
            names=run.milestones,
            length=run.length,
            last_due_on=run.misses[-1].due_on if run.misses else None,
            limit=law.integer("missed_milestones"),
        )
        if run
        else None,
        rules.quality_failed(readings),
        rules.no_data(data_to=figures.newest.get(pk), on=on, rhythm_days=1, silent_days=silent_days),
        rules.sunset(figures.missed.get(pk), met),
    ]
    return [finding for finding in found if finding is not None]


def _reading(gate: QualityGate, stand: Standing) -> Reading:
    assert stand.latest is not None
    return Reading(
        gate=gate.metric,
        metric=gate.metric,
        value=stand.latest.value,
        threshold=gate.threshold,
        direction=gate.direction,
        read_on=stand.latest.read_on,
        unit=gate.unit,
    )


def missed_days(today: date) -> list[date]:
    """Return the days before today that no full sweep has evaluated since the last one, in order, at most 31."""
    last = EscalationRun.objects.filter(is_full=True, on__lt=today).order_by("-on").values_list("on", flat=True).first()
    if last is None:
        return []
    first = max(last + timedelta(days=1), today - timedelta(days=MOST_MISSED_DAYS))
    return [first + timedelta(days=step) for step in range((today - first).days)]
