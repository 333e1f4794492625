"""The checks, each named as the template names it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal

from projects.checks.facts import CardFacts, Facts, LimitFacts

BASELINE_DAYS = 14
TWO_PLACES = Decimal("0.01")  # floored, so that 94.99 never reads as the 95 that is asked
PERIODS_TRACKED = 2
PERIODS_STABLE = 3


@dataclass(frozen=True)
class Result:
    """What a check found: proved, failed or unproved; its figure, and a sentence that says why."""

    verdict: str
    figure: str = ""
    note: str = ""


@dataclass(frozen=True)
class Check:
    """A named check: what it proves in one sentence, and the function over the facts."""

    code: str
    sentence: str
    look: Callable[[Facts], Result]


CHECKS: dict[str, Check] = {}


def check(code: str, sentence: str) -> Callable[[Callable[[Facts], Result]], Callable[[Facts], Result]]:
    """Enter a function in the registry under the name that a template uses."""

    def enter(look: Callable[[Facts], Result]) -> Callable[[Facts], Result]:
        CHECKS[code] = Check(code, sentence, look)
        return look

    return enter


def run(code: str, facts: Facts) -> Result:
    """Run a check by name; a name that nobody knows leaves its criterion unproved and says so."""
    known = CHECKS.get(code)
    return known.look(facts) if known else Result("unproved", "", f"There is no check named {code}.")


def _holds(holds: bool, figure: str, note: str) -> Result:
    return Result("proved" if holds else "failed", figure, note)


def cost_at_target(fixed: Decimal, target: Decimal, variable: Decimal, volume: Decimal) -> Decimal | None:
    """Return fixed cost ÷ target volume + variable cost per outcome; None where a volume is not above zero."""
    return fixed / target + variable / volume if target > 0 and volume > 0 else None


def _filled(lines: Iterable[LimitFacts], what: str) -> Result:
    lines = tuple(lines)
    open_titles = [line.title for line in lines if not line.is_filled]
    figure = f"{len(lines) - len(open_titles)} of {len(lines)}"
    if not lines or open_titles:
        return Result("unproved", figure, f"Fill the {what}: {'; '.join(open_titles) or 'none is filled'}.")
    return Result("proved", figure, f"All {len(lines)} {what} are filled.")


def _proved(lines: Iterable[LimitFacts], what: str) -> Result:
    lines = tuple(lines)
    broken = [line for line in lines if line.has_failed]
    waiting = [line.title for line in lines if not line.is_proved and not line.has_failed]
    figure = f"{sum(line.is_proved for line in lines)} of {len(lines)}"
    if broken:
        return Result("failed", figure, " ".join(f"{line.title}: {line.note}" for line in broken))
    if not lines or waiting:
        return Result("unproved", figure, f"No fresh proof of {'; '.join(waiting) or what}.")
    return Result("proved", figure, f"All {len(lines)} {what} are proved.")


@check(
    "model_shortlist", "Every model of the shortlist has a price, and a cheaper one is named unless it is the cheapest."
)
def model_shortlist(facts: Facts) -> Result:
    """Want a shortlist that lacks nothing: prices for all, and an alternative cheaper than the intended model."""
    shortlist = facts.shortlist
    if shortlist is None or not shortlist.models:
        return Result("unproved", "0 models", "Put the models that could do it on the shortlist, the intended first.")
    figure = f"{shortlist.priced} of {len(shortlist.models)} priced"
    if shortlist.lacks:
        return Result("unproved", figure, " ".join(shortlist.lacks))
    return Result("proved", figure, f"{', '.join(shortlist.models)}: all priced, and the cheaper ones compared.")


@check("owners_named", "Business, technical and budget owner are named.")
def owners_named(facts: Facts) -> Result:
    """Want a name in all three places."""
    places = {"business_owner": "business", "technical_owner": "technical", "budget_owner": "budget"}
    missing = [word for place, word in places.items() if not facts.names.get(place)]
    figure = f"{3 - len(missing)} of 3"
    if missing:
        return Result("unproved", figure, f"Name the {', '.join(missing)} owner.")
    return Result("proved", figure, ", ".join(facts.names[place] for place in places))


@check("estimate", "There is an estimate with low ≤ likely ≤ high.")
def estimate(facts: Facts) -> Result:
    """Want an estimate whose three figures stand in order."""
    if facts.estimate is None:
        return Result("unproved", "", "Make the cost estimate.")
    low, likely, high = facts.estimate
    figure = f"{low:,} / {likely:,} / {high:,}"
    return _holds(0 <= low <= likely <= high, figure, f"A month costs {low:,} to {high:,}, likely {likely:,}.")


@check("cost_baseline", "Imported spend covers at least 14 final days.")
def cost_baseline(facts: Facts) -> Result:
    """Want enough final days of imported spend to call their cost a baseline."""
    if facts.baseline_days is None or facts.baseline_cost is None:
        return Result("unproved", "", "No imported spend is attributed to the initiative yet.")
    figure = f"{facts.baseline_days} days"
    if facts.baseline_days < BASELINE_DAYS:
        return Result("unproved", figure, f"{facts.baseline_days} final days of spend, {BASELINE_DAYS} are needed.")
    return Result("proved", figure, f"{facts.baseline_cost:,.2f} over {facts.baseline_days} final days.")


@check("kpi_cards", "There is a KPI card, and each has baseline, target, floor and source.")
def kpi_cards(facts: Facts) -> Result:
    """Want at least one card and no card with a gap."""
    if not facts.cards:
        return Result("unproved", "0 cards", "Add a KPI card.")
    gaps = [f"{card.name} lacks {', '.join(card.gaps)}" for card in facts.cards if card.gaps]
    figure = f"{len(facts.cards) - len(gaps)} of {len(facts.cards)}"
    return (
        Result("unproved", figure, "; ".join(gaps) + ".") if gaps else Result("proved", figure, "Every card is whole.")
    )


@check("budgets_set", "Token budget and output limit have a value.")
def budgets_set(facts: Facts) -> Result:
    """Want both budgets filled."""
    return _filled((row for row in facts.guardrails if row.code in ("token_budget", "output_limit")), "budgets")


@check("guardrails_filled", "All six guardrails have a value.")
def guardrails_filled(facts: Facts) -> Result:
    """Want no guardrail open."""
    return _filled(facts.guardrails, "guardrails")


@check("agent_limits_filled", "All eight agent limits have a value.")
def agent_limits_filled(facts: Facts) -> Result:
    """Want no agent limit open."""
    return _filled(facts.agent_limits, "agent limits")


@check("guardrails_proved", "Imported rows hold to each of the six guardrails.")
def guardrails_proved(facts: Facts) -> Result:
    """Want a fresh proof for each guardrail that applies."""
    return _proved(facts.guardrails, "guardrails")


@check("agent_limits_proved", "Imported rows hold to each of the eight agent limits.")
def agent_limits_proved(facts: Facts) -> Result:
    """Want a fresh proof for each agent limit."""
    return _proved(facts.agent_limits, "agent limits")


@check("attribution_live", "The policy share of the last 30 final days' spend carries every mandatory key.")
def attribution_live(facts: Facts) -> Result:
    """Want coverage by value at or above the policy's share."""
    if facts.coverage is None:
        return Result("unproved", "", facts.coverage_note or "Tag coverage is not known yet.")
    least = facts.limits.coverage_percent
    figure = f"{facts.coverage.quantize(TWO_PLACES, ROUND_FLOOR)}%"
    return _holds(facts.coverage >= least, figure, f"{figure} of spend carries every key, at least {least}% asked.")


def _consecutive(card: CardFacts) -> int:
    count = 1 if card.periods else 0
    for earlier, later in zip(reversed(card.periods[:-1]), reversed(card.periods), strict=False):
        if earlier[1] != later[0]:
            break
        count += 1
    return count


@check("unit_economics", "Cost per outcome is known for at least two consecutive periods.")
def unit_economics(facts: Facts) -> Result:
    """Want two periods in a row with an imported or verified cost per outcome."""
    card = facts.card("unit_cost")
    if card is None:
        return Result("unproved", "", "No KPI card measures cost per outcome.")
    count = _consecutive(card)
    verdict = "proved" if count >= PERIODS_TRACKED else "unproved"
    return Result(verdict, f"{count} periods", f"{count} consecutive periods with a proven cost per outcome.")


@check("unit_cost_stable", "Over three periods cost per outcome rises by no more than the policy allows.")
def unit_cost_stable(facts: Facts) -> Result:
    """Want each later period of the last three at most the policy's percent above the first of them."""
    card = facts.card("unit_cost")
    if card is None or _consecutive(card) < PERIODS_STABLE:
        return Result("unproved", "", "Three consecutive periods with a proven cost per outcome are needed.")
    first, *later = card.values[-PERIODS_STABLE:]
    allowed = facts.limits.stable_percent
    figure = " → ".join(f"{value.normalize():f}" for value in (first, *later))
    holds = all(value * 100 <= first * (100 + allowed) for value in later)
    return _holds(holds, figure, f"Cost per outcome {figure}; at most {allowed}% above the first is stable.")


@check("case_validated", "Verified value reaches the policy share of the value declared and frozen at Launch.")
def case_validated(facts: Facts) -> Result:
    """Want verified × 100 at or above frozen × the policy's percent."""
    if facts.frozen is None or facts.frozen <= 0:
        return Result("unproved", "", "No declared value was frozen at Launch.")
    verified, least = facts.verified or facts.frozen * 0, facts.limits.verified_share_percent
    figure = f"{verified * 100 / facts.frozen:.1f}%"
    note = f"{verified:,.2f} verified of {facts.frozen:,.2f} declared is {figure}, at least {least}% asked."
    return _holds(verified * 100 >= facts.frozen * least, figure, note)


@check("post_decision_held", "The post-decision review of Launch was held.")
def post_decision_held(facts: Facts) -> Result:
    """Want a decided post-decision review since the stage began."""
    if facts.post_decision_held_on is None:
        return Result("unproved", "", "The post-decision review has not been held yet.")
    return Result("proved", f"{facts.post_decision_held_on}", f"Held on {facts.post_decision_held_on}.")


@check("viable", "One outcome costs less than it is worth, now and at target volume.")
def viable(facts: Facts) -> Result:
    """Want cost per outcome strictly below value per outcome, both times."""
    unit = facts.viability
    if unit is None or unit.cost_at_target is None:
        return Result("unproved", "", "Cost and value per outcome, now and at target volume, are not all known.")
    figure = f"{unit.cost_now:f} and {unit.cost_at_target:f} against {unit.value:f}"
    holds = unit.cost_now < unit.value and unit.cost_at_target < unit.value
    return _holds(
        holds,
        figure,
        f"An outcome costs {unit.cost_now:f} now, {unit.cost_at_target:f} at target volume, "
        f"and is worth {unit.value:f}.",
    )


@check("quality_met", "Every quality gate's latest proven reading keeps to its threshold.")
def quality_met(facts: Facts) -> Result:
    """Want at least one gate and all of them passed by proven readings."""
    if not facts.quality:
        return Result("unproved", "", "No quality gate is set.")
    broken = [f"{row.metric} {row.figure}" for row in facts.quality if row.verdict == "failed"]
    silent = [row.metric for row in facts.quality if row.verdict not in ("failed", "passed")]
    figure = f"{len(facts.quality) - len(broken) - len(silent)} of {len(facts.quality)}"
    if broken:
        return Result("failed", figure, f"Below the threshold: {', '.join(broken)}.")
    if silent:
        return Result("unproved", figure, f"No proven reading of {', '.join(silent)}.")
    return Result("proved", figure, "Every quality gate passed.")


@check("margin_met", "The latest proven margin reaches its target.")
def margin_met(facts: Facts) -> Result:
    """Want the newest proven margin at or above the target."""
    card = facts.card("margin")
    if card is None or card.target is None or not card.values:
        return Result("unproved", "", "No margin with a target and a proven reading is known.")
    figure = f"{card.values[-1].normalize():f}"
    return _holds(card.values[-1] >= card.target, figure, f"Margin {figure}, target {card.target.normalize():f}.")


@check("sunset_due", "Sunset criteria are met, or targets were missed at two consecutive reviews.")
def sunset_due(facts: Facts) -> Result:
    """Want either; reviews run from oldest to newest."""
    if facts.sunset_criteria_met:
        return Result("proved", "criteria met", facts.sunset_words or "The sunset criteria are met.")
    last = facts.reviews_met[-2:]
    if len(last) == 2 and last[0] is False and last[1] is False:
        return Result("proved", "2 reviews", "Targets were missed at the last two reviews.")
    return Result(
        "unproved", "", "The sunset criteria are not met, and the last two reviews did not both miss targets."
    )


@check("volume_carries", "The newest proven number of outcomes is at least the floor of its card.")
def volume_carries(facts: Facts) -> Result:
    """Want enough outcomes in a period that what is built for them pays."""
    card = facts.card("outcomes")
    if card is None or card.floor is None or not card.values:
        return Result("unproved", "", "No card counts outcomes with a floor and a proven reading.")
    figure = f"{card.values[-1].normalize():,f}"
    floor = f"{card.floor.normalize():,f}"
    return _holds(
        card.values[-1] >= card.floor, figure, f"{figure} outcomes in the last period, at least {floor} asked."
    )


@check("base_falls_short", "A quality gate fails by its latest proven reading.")
def base_falls_short(facts: Facts) -> Result:
    """Want a measured gap: at least one quality gate that the model in use does not pass."""
    broken = [f"{row.metric} {row.figure}" for row in facts.quality if row.verdict == "failed"]
    if broken:
        return Result("proved", f"{len(broken)} of {len(facts.quality)}", f"Falls short: {', '.join(broken)}.")
    if facts.quality and all(row.verdict == "passed" for row in facts.quality):
        return Result("failed", f"0 of {len(facts.quality)}", "Every quality gate is passed: nothing falls short.")
    return Result("unproved", "", "No quality gate has a proven reading that shows it.")


@check("routing_proved", "Imported rows hold to the model routing policy.")
def routing_proved(facts: Facts) -> Result:
    """Want a fresh proof of the routing guardrail."""
    return _proved((row for row in facts.guardrails if row.code == "routing_policy"), "the routing policy")


def _control(code: str, words: str, place: str) -> None:
    def look(facts: Facts) -> Result:
        value = facts.names.get(place, "")
        return (
            Result("proved", value, f"{words}: {value}.") if value else Result("unproved", "", f"{words} is not set.")
        )

    CHECKS[code] = Check(code, f"{words} is set.", look)


_control("control_business_owner", "Business owner", "business_owner")
_control("control_technical_owner", "Technical owner", "technical_owner")
_control("control_cost_centre", "Cost centre", "cost_centre")
_control("control_model_tier", "Model tier", "model_tier")
_control("control_usage_profile", "Expected usage profile", "usage_profile")
_control("control_budget_threshold", "Budget threshold", "budget_threshold")
_control("control_observability_tags", "Observability tags", "observability_tags")
_control("control_quality_metric", "Quality metric", "quality_metric")
_control("control_value_metric", "Business value metric", "value_metric")
