"""Reads of money: where initiatives and tranches stand, and what envelopes can still give."""

from projects.funding.selectors.authorities import authorities_for, authority_for, released_lately
from projects.funding.selectors.charges import Paid, paid_by
from projects.funding.selectors.headrooms import balance, headroom, levels, subtree
from projects.funding.selectors.panels import FundingPanel, funding_panel, initiative_ladder
from projects.funding.selectors.positions import (
    InForce,
    Position,
    band_opened,
    envelope_nets,
    first_release_days,
    funded_spans,
    positions,
    tranche_entries,
    tranche_money,
    tranche_rest,
    tranche_spending,
    tranche_spent,
)
from projects.funding.selectors.queues import envelope_rows, open_freezes, release_queue
from projects.funding.selectors.sandbox import sandbox_blockers

__all__ = [
    "FundingPanel",
    "InForce",
    "Paid",
    "Position",
    "authorities_for",
    "authority_for",
    "balance",
    "band_opened",
    "envelope_nets",
    "envelope_rows",
    "first_release_days",
    "funded_spans",
    "funding_panel",
    "headroom",
    "initiative_ladder",
    "levels",
    "open_freezes",
    "paid_by",
    "positions",
    "release_queue",
    "released_lately",
    "sandbox_blockers",
    "subtree",
    "tranche_entries",
    "tranche_money",
    "tranche_rest",
    "tranche_spending",
    "tranche_spent",
]
