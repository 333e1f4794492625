"""The two pages of an item: the ask with its figures, and the inputs with their evidence."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from council.decisions.models import Decision, Outcome
from council.meetings.models import AgendaItem
from council.packs import rules
from council.packs.selectors.basis import Basis
from council.packs.selectors.front import Figure, decision_sought, figure
from council.packs.selectors.readings import Readings, readings_of, six_series
from council.portfolio.rules import Line
from projects.common import formats
from projects.common.marks.bars import Month, spend_by_month
from projects.common.marks.ladder import Ladder, ladder_on_paper
from projects.common.marks.shapes import Drawing
from projects.common.months import month_starts
from projects.conditions.models import Condition
from projects.funding.models import Tranche
from projects.funding.selectors import initiative_ladder
from projects.gates.models import FrozenInputs, GateRequest
from projects.guardrails.selectors import checklist
from projects.inputs.selectors import compute_inputs
from projects.reviews.models import Recommendation, Review
from projects.reviews.selectors import are_revealed, guardrail_items, live_reviews

MONTHS = 8
LONG_NAME = 60
MANY_RAILS = 6
INPUT_NAMES = (
    "Actual against expected spend",
    "Value signals",
    "Cost risks and anomalies",
    "Optimisation under way",
    "Funding for the next milestone",
)


@dataclass(frozen=True)
class Case:
    """What the pages of one item are made of."""

    item: AgendaItem
    basis: Basis
    line: Line
    frozen: FrozenInputs | None
    inputs: dict[str, Any]
    reviews: list[Review]
    readings: Readings

    @property
    def request(self) -> GateRequest | None:
        """Return the gate request, None where only an escalation stands on the agenda."""
        return self.item.gate_request

    @property
    def currency(self) -> str:
        """Return the initiative's currency."""
        return self.line.budget.currency

    def money(self, amount: Decimal) -> str:
        """Write an amount in the initiative's currency."""
        return formats.money_full(amount, self.currency)


def dossier(item: AgendaItem, basis: Basis) -> dict[str, Any]:
    """Return both pages of an item as of the freeze."""
    case = _case(item, basis)
    name = item.initiative.name
    rails = _guardrails(case)
    return {
        "anchor": f"i{item.number}",
        "section": f"Item {item.number}, {item.initiative.key}",
        "place": _place(case),
        "name": name,
        "is_long": len(name) > LONG_NAME,
        "is_tight": len(rails) > MANY_RAILS,
        "meta": _meta(case),
        "stage": item.snapshot.get("stage") or item.initiative.stage,
        "ask": item.asked,
        "currency": case.currency,
        "purpose": _purpose(case),
        "effect": _effect(case),
        "figures": _figures(case),
        "budget": case.line.budget,
        "ladder": _ladder(case),
        "months": _months(case),
        "changed": _changed(case)[: rules.SHOWN],
        "risks": rules.risk_lines(case.inputs["risks"], case.currency, case.line.budget.approved or None),
        "optimisation": rules.optimisation_lines(case.inputs["optimisation"]),
        "review": _review(case),
        "guardrails": rails,
        "question": _question(case),
        "outcomes": [str(label) for label in Outcome.labels],
        **_second_page(case, rails),
    }


def _case(item: AgendaItem, basis: Basis) -> Case:
    request, frozen, reviews = item.gate_request, None, []
    if request is not None:
        frozen = request.frozen.filter(computed_at__lte=basis.frozen_at).order_by("-round").first()
        reviews = list(live_reviews(request))
        reviews = reviews if are_revealed(reviews, basis.frozen_at) else []
    inputs = frozen.inputs if frozen else compute_inputs(item.initiative, ask={}, on=basis.on).five
    return Case(
        item=item,
        basis=basis,
        line=basis.line(item.initiative_id),
        frozen=frozen,
        inputs=inputs,
        reviews=reviews,
        readings=readings_of(item.initiative_id, on=basis.on),
    )


def _place(case: Case) -> str:
    place = f"Item {case.item.number} of {case.basis.agenda}, {decision_sought(case.item)}"
    if case.item.escalation and case.request:
        return f"{place}, escalation: {case.item.escalation.get_rule_display()}"
    return place


def _meta(case: Case) -> list[tuple[str, str]]:
    initiative = case.item.initiative
    found = [("Owner", str(initiative.business_owner))]
    if initiative.sponsor:
        found.append(("sponsor", str(initiative.sponsor)))
    if case.line.team:
        found.append(("business unit", case.line.team))
    found.append(("cost centre", initiative.cost_centre))
    if case.request:
        found.append(("request", case.request.key))
    if case.item.escalation:
        found.append(("escalation", case.item.escalation.key))
    return found


def _purpose(case: Case) -> str:
    request = case.request
    if request is None:
        return case.item.escalation.headline if case.item.escalation else case.item.title
    if not request.milestone_name:
        return str(request.title)
    words = f"to reach “{request.milestone_name}”"
    return f"{words} by {formats.on_day(request.milestone_due_on)}" if request.milestone_due_on else words


def _effect(case: Case) -> str:
    request, asked = case.request, case.item.asked
    if request is None or asked is None:
        return f"Plan: {case.item.escalation.plan}" if case.item.escalation and case.item.escalation.plan else ""
    approved = case.line.budget.approved
    words = f"Takes approval from {case.money(approved)} to {case.money(approved + asked)}."
    if request.minimum is not None and request.maximum is not None:
        words += f" At least {case.money(request.minimum)}, at most {case.money(request.maximum)}."
    return words


def _figures(case: Case) -> list[Figure]:
    budget, value = case.line.budget, case.line.value
    tranches = Tranche.objects.filter(
        initiative=case.item.initiative_id, released_at__isnull=False, released_at__lte=case.basis.frozen_at
    )
    found = [
        figure("Approved", case.money(budget.approved), formats.counted(tranches.count(), "tranche")),
        figure("Spent", case.money(budget.spent), _against(budget.spent, budget.approved)),
    ]
    if budget.forecast is None:
        found.append(figure("Forecast", "Unknown", "no recent cost data"))
    else:
        found.append(figure("Forecast", case.money(budget.forecast), _against(budget.forecast, budget.approved)))
    per_unit = case.line.value_per_unit
    worth = "" if per_unit is None else f"{formats.grouped(per_unit, 2)} per 1 spent"
    found.append(figure("Verified value", "None yet" if value is None else case.money(value), worth))
    unit = case.readings.unit_cost
    if unit and unit.latest is not None:
        target = unit.card.target
        context = f"target {formats.unit_cost(target, case.currency)}" if target is not None else ""
        found.append(figure(unit.card.name, formats.unit_cost(unit.latest.value, case.currency), context, wide=True))
    return found


def _against(amount: Decimal, approved: Decimal) -> str:
    return (
        f"{formats.variance_words(amount / approved - 1)} approved".replace("budget approved", "approval")
        if (approved)
        else ""
    )


def _ladder(case: Case) -> Drawing:
    key = case.request.key if case.request else ""
    drawn = initiative_ladder(case.item.initiative, on=case.basis.on, policy=case.basis.policy, request_key=key)
    if drawn is None:
        first = case.basis.on.replace(month=1, day=1)
        drawn = Ladder(case.item.initiative.name, first, 12, [], [], Decimal(0), currency=case.currency)
    return ladder_on_paper(drawn)


def _months(case: Case) -> Drawing:
    starts = month_starts(case.basis.on, MONTHS)
    spent = case.line.months[-MONTHS:]
    months = [
        Month(cost, case.readings.value.get(first) if case.readings.value else None)
        for first, cost in zip(starts, spent, strict=True)
    ]
    return spend_by_month(case.item.initiative.name, starts[0], months, is_cut=True, currency=case.currency)


def _changed(case: Case) -> list[str]:
    lines = []
    escalation = case.item.escalation
    if escalation:
        lines.append(f"{escalation.headline} Raised {formats.on_day(escalation.raised_at.date())}.")
    if case.frozen:
        lines += rules.change_lines(case.frozen.changes)
    return lines


def _review(case: Case) -> dict[str, Any] | None:
    given = [review for review in case.reviews if review.recommendation]
    worst = rules.worst_of([review.recommendation for review in given])
    if not worst:
        return None
    said = [review.condition for review in given if review.condition]
    last = max(review.finished_at for review in given if review.finished_at)
    names = list(dict.fromkeys(str(review.reviewer) for review in given))
    return {
        "verdict": str(Recommendation(worst).label),
        "is_against": worst == "not_ready",
        "words": " ".join(said[:2]),
        "who": f"{', '.join(names)}, {formats.on_day(case.basis.local(last).date(), year=False)}",
    }


def _guardrails(case: Case) -> list[dict[str, str]]:
    """Return each guardrail with the reviewers' gravest verdict, or else with what imported rows prove."""
    answers: dict[str, list[str]] = {}
    for review in case.reviews:
        for verdict in review.verdicts.all():
            answers.setdefault(verdict.item, []).append(verdict.answer)
    days = case.basis.policy.integer("proof_freshness_days")
    lines = checklist(case.item.initiative, at=case.basis.frozen_at, fresh_days=days)
    codes = {row.title: row.code for row in guardrail_items(case.request)} if case.request else {}
    found = []
    for line in lines:
        given = answers.get(codes.get(line.definition.title, ""), [])
        gravest = next((answer for answer in ("reject", "ask", "accept") if answer in given), "")
        proved = "met" if line.is_proved else ""
        if line.guardrail and line.guardrail.proof_state == "failed":
            proved = "not_met"
        found.append({"name": line.definition.title, "verdict": rules.VERDICTS.get(gravest, proved)})
    return found


def _question(case: Case) -> str:
    asked = case.item.asked
    if asked:
        return f"approve {case.money(asked)}, lower it, or hold spend"
    return f"{decision_sought(case.item).lower()}: go on, hold spend, or stop"


def _second_page(case: Case, rails: Sequence[dict[str, str]]) -> dict[str, Any]:
    at = case.frozen.computed_at if case.frozen else case.basis.frozen_at
    not_met = [rail["name"] for rail in rails if rail["verdict"] == "not_met"]
    tripped = [case.item.escalation.headline] if case.item.escalation else []
    advances = case.request is not None and case.request.kind == "advance"
    verdict, words = rules.verdict_of(tripped=tripped, open_rails=not_met, advances=advances)
    return {
        "frozen": formats.at_time(case.basis.local(at)),
        "frozen_with": "" if case.frozen else "Inputs frozen with the pack",
        "inputs": _inputs(case, at.date()),
        "series": six_series(case.line, case.readings, on=case.basis.on),
        "verdict": verdict,
        "verdict_words": words,
        "spread": [_view(review) for review in case.reviews if review.recommendation],
        "open_conditions": _conditions(case),
        "precedents": _precedents(case),
    }


def _inputs(case: Case, on: date) -> list[dict[str, str]]:
    five = case.inputs
    words = (
        rules.spend_words(five["spend"]),
        rules.value_words(five["value"], case.currency),
        " ".join(rules.risk_lines(five["risks"], case.currency, rules.amount(five["spend"].get("approved")))),
        " ".join(rules.optimisation_lines(five["optimisation"])),
        rules.funding_words(five["funding"], case.currency),
    )
    data_to = five["spend"].get("data_to")
    seen = f"Cost data to {formats.on_day(date.fromisoformat(data_to))}" if data_to else "No cost data"
    sources = (seen, f"KPI readings to {formats.on_day(on)}", seen, "", case.request.key if case.request else "")
    return [
        {"name": name, "words": said, "source": source}
        for name, said, source in zip(INPUT_NAMES, words, sources, strict=True)
    ]


def _view(review: Review) -> dict[str, str]:
    against = [verdict.reason for verdict in review.verdicts.all() if verdict.answer != "accept" and verdict.reason]
    return {
        "reviewer": str(review.reviewer),
        "topic": review.topic.capitalize() if review.topic != "finops" else "FinOps",
        "verdict": review.get_recommendation_display(),
        "reason": review.condition or " ".join(against[:1]),
    }


def _conditions(case: Case) -> list[dict[str, str]]:
    rows = Condition.objects.open().filter(initiative=case.item.initiative_id, created_at__lte=case.basis.frozen_at)
    return [
        {"text": row.text, "owner": str(row.owner), "due": formats.on_day(row.due_on)}
        for row in rows.select_related("owner").order_by("due_on", "pk")[:4]
    ]


def _precedents(case: Case) -> list[dict[str, str]]:
    rows = Decision.objects.filter(initiative=case.item.initiative_id, decided_at__lte=case.basis.frozen_at)
    return [
        {
            "key": row.reference,
            "words": f"{row.get_outcome_display()}"
            + (f", {formats.money_full(row.amount, row.currency)}" if row.amount else "")
            + f", {formats.on_day(case.basis.local(row.decided_at).date())}. {row.reason}",
        }
        for row in rows.order_by("-decided_at")[:3]
    ]
