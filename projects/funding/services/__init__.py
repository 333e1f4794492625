"""Every act on money, one module for envelopes, asks, tranches, freezes, bands and late costs each."""

from projects.funding.services.asks import (
    Ask,
    Event,
    decide_funding_request,
    funding_request_blockers,
    open_funding_request,
    save_funding_request,
    take_back_funding_request,
    withdraw_funding_request,
)
from projects.funding.services.bands import open_band, shut_band
from projects.funding.services.endings import cover_late_costs, lapse_final_tranches
from projects.funding.services.envelopes import change_envelope, open_envelope
from projects.funding.services.errors import FreezeStands, FundingRefused, OverHeadroom, ReleaseBlocked
from projects.funding.services.freezes import FreezeRefused, freeze_tranche, lift_freeze, may_lift
from projects.funding.services.late_costs import cover_late_cost
from projects.funding.services.openings import OpeningBudget, open_budgets
from projects.funding.services.tranches import (
    Part,
    decide_tranche,
    lapse,
    post_run_down,
    release_tranche,
    release_tranche_blockers,
    return_rest,
)

__all__ = [
    "Ask",
    "Event",
    "FreezeRefused",
    "FreezeStands",
    "FundingRefused",
    "OpeningBudget",
    "OverHeadroom",
    "Part",
    "ReleaseBlocked",
    "change_envelope",
    "cover_late_cost",
    "cover_late_costs",
    "decide_funding_request",
    "decide_tranche",
    "freeze_tranche",
    "funding_request_blockers",
    "lapse",
    "lapse_final_tranches",
    "lift_freeze",
    "may_lift",
    "open_band",
    "open_budgets",
    "open_envelope",
    "open_funding_request",
    "post_run_down",
    "release_tranche",
    "release_tranche_blockers",
    "return_rest",
    "save_funding_request",
    "shut_band",
    "take_back_funding_request",
    "withdraw_funding_request",
]
