"""Which tier of model is enough for a class of work, and what a dearer one needs."""

from projects.common.outcomes import Blocker

TIERS = ("small", "mid", "frontier", "reasoning")
PROPOSED = {"extraction": "small", "drafting": "mid", "synthesis": "frontier", "deliberation": "reasoning"}


def proposed_tier(workload_class: str) -> str:
    """Return the tier of model that is enough for a class of work, empty where the class is not told."""
    return PROPOSED.get(workload_class, "")


def is_dearer(tier: str, workload_class: str) -> bool:
    """Say whether a tier costs more than the one proposed; an untold tier or class never does."""
    proposed = proposed_tier(workload_class)
    return bool(tier and proposed) and TIERS.index(tier) > TIERS.index(proposed)


def tier_blockers(*, tier: str, workload_class: str, reason: str) -> list[Blocker]:
    """Say that a dearer tier than the proposed one needs a reason, which reviewers then judge."""
    if not is_dearer(tier, workload_class) or reason.strip():
        return []
    proposed = proposed_tier(workload_class)
    return [
        Blocker("tier_reason_missing", f"A {proposed} model is enough for this work. Say why it takes a {tier} one.")
    ]
