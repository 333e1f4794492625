"""The route of an initiative and why: model tier, reviewers, council review, who decides, and the sandbox."""

from collections.abc import Sequence
from dataclasses import dataclass

from projects.initiatives.tiers import is_dearer, proposed_tier

NO_BAR = "A Concept inside its cap that is not high risk, not met by customers and without restricted data."


@dataclass(frozen=True)
class Step:
    """One part of the route: its name, what it says, why; ``asks`` where something is still to be told."""

    name: str
    says: str
    why: str
    asks: bool = False


def tier_step(*, tier: str, workload_class: str, work: str, reason: str) -> Step:
    """Say which tier is proposed, and whether a dearer one is chosen with its reason."""
    proposed = proposed_tier(workload_class)
    if not proposed:
        words = "Say what kind of work it is: the proposal follows from that."
        return Step("Model tier", tier.capitalize() or "Not proposed yet", words, asks=True)
    why = f"Proposed for {work[0].lower()}{work[1:]}: {proposed}."
    if not is_dearer(tier, workload_class):
        return Step("Model tier", tier.capitalize() or f"{proposed.capitalize()}, proposed", why)
    told = reason.strip()
    why = f"{why} A dearer one is chosen: {told}" if told else f"{why} A dearer one needs a reason."
    return Step("Model tier", f"{tier.capitalize()}, judged by reviewers", why, asks=not told)


def review_step(topics: Sequence[str], *, risk_tier: str, levels: Sequence[tuple[str, str]]) -> Step:
    """Say who reviews by risk tier, and which classifications make the tier."""
    told = [f"{name} {level}" for name, level in levels if level]
    if not told:
        return Step("Reviewed by", ", ".join(topics), "Nothing is classified yet, which counts as low risk.", asks=True)
    return Step("Reviewed by", ", ".join(topics), f"Risk tier {risk_tier}, the highest of {', '.join(told)}.")


def sandbox_step(reasons: Sequence[str]) -> Step:
    """Say whether a Concept may go on in the sandbox, and what keeps it out."""
    return Step("Sandbox", "Not allowed", " ".join(reasons)) if reasons else Step("Sandbox", "Allowed", NO_BAR)
