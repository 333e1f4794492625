"""Reads of money: where initiatives and tranches stand, and what envelopes can still give."""

from projects.funding.selectors.headrooms import balance, headroom, levels, subtree
from projects.funding.selectors.positions import (
    InForce,
    Position,
    authority_for,
    band_opened,
    envelope_nets,
    first_release_days,
    positions,
    released_lately,
    tranche_money,
    tranche_rest,
    tranche_spent,
)

__all__ = [
    "InForce",
    "Position",
    "authority_for",
    "balance",
    "band_opened",
    "envelope_nets",
    "first_release_days",
    "headroom",
    "levels",
    "positions",
    "released_lately",
    "subtree",
    "tranche_money",
    "tranche_rest",
    "tranche_spent",
]
