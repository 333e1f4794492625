"""The figures that the rules judge, gathered in sets, and the findings of a day."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from council.escalations import rules
from council.escalations.models import EscalationRun
from council.escalations.rules import Finding, Money, Reading
from projects.forecasts.selectors import forecasts
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
from projects.quality.selectors import standings
from projects.spend.converting import NOTHING
from projects.spend.selectors import data_to, spending_between
from projects.sunsets.selectors import sunset_standings

Gate = tuple[QualityGate, Standing]
MAY_SUNSET = frozenset({"pilot", "launch", "scale"})
SANDBOX_WINDOW = timedelta(days=30)
MOST_MISSED_DAYS = 31


@dataclass(frozen=True)
class Evaluation:
    """What the rules found at the end of a day, under which policy, among which initiatives."""

    on: date
    policy: Policy
    judged: tuple[int, ...]
    findings: dict[int, tuple[Finding, ...]]
    unknown: dict[int, tuple[Finding, ...]]


def evaluate(*, on: date, initiative_ids: Iterable[int] | None = None, policy: Policy | None = None) -> Evaluation:
    """Judge initiatives at the end of a day under the policy in force then; the number of queries does not grow."""
    law = policy or policy_on(on)
    rows = Initiative.objects.exclude(condition=Condition.CLOSED)
    if initiative_ids is not None:
        rows = rows.filter(pk__in=list(initiative_ids))
    stages = dict(rows.values_list("pk", "stage"))
    ids = list(stages)
    held = positions(ids, on=on)
    runs = missed_runs(ids, on=on, policy=law)
    gates = standings(ids, on=on)
    newest = data_to(ids, on=on)
    may_end = [pk for pk in ids if stages[pk] in MAY_SUNSET]
    missed = missed_reviews(may_end, on)
    ends = sunset_standings(may_end, on=on)
    ahead = forecasts(ids, on=on)
    recent = spending_between(ids, on - SANDBOX_WINDOW + timedelta(days=1), on + timedelta(days=1), with_credits=False)
    findings: dict[int, tuple[Finding, ...]] = {}
    unknown: dict[int, tuple[Finding, ...]] = {}
    for pk in ids:
        position = held[pk]
        has_budget = position.first_released_on is not None
        money = Money(
            currency=position.currency,
            stage=stages[pk],
            approved=position.approved if has_budget else None,
            spent=position.spent,
            unfunded=Decimal(0) if has_budget else recent.get(pk, NOTHING).amount,
        )
        about_money = _money_findings(money, position, ahead.get(pk), law)
        lacking = _lacking(position, "" if has_budget else recent.get(pk, NOTHING).plus, law)
        found = [
            *[rules.told_with(finding, lacking) for finding in about_money],
            *_other_findings(pk, runs, gates, newest, on, law),
        ]
        met = {str(row.criterion.pk): row.words for row in ends.get(pk, ()) if row.is_met}
        if due := rules.sunset(missed.get(pk), met):
            found.append(due)
        if found:
            findings[pk] = tuple(found)
        if open_questions := rules.undecided(about_money, lacking):
            unknown[pk] = tuple(open_questions)
    return Evaluation(on, law, tuple(ids), findings, unknown)


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
        rules.forecast_over(forecast=ahead, approved=money.approved, currency=money.currency, percent=percent),
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


def _other_findings(
    pk: int, runs: dict[int, MissedRun], gates: dict[int, list[Gate]], newest: dict[int, date], on: date, law: Policy
) -> list[Finding]:
    run = runs.get(pk)
    readings = tuple(_reading(gate, stand) for gate, stand in gates.get(pk, ()) if stand.latest is not None)
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
        rules.no_data(data_to=newest.get(pk), on=on, rhythm_days=1, silent_days=law.integer("silent_source_days")),
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
