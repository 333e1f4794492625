"""What happened in projects, told to whoever listens: past-tense signals."""

from django.dispatch import Signal

gate_request_submitted = Signal()  # gate, by, at
gate_request_checked = Signal()  # gate, by, at: sent to expert review
gate_request_delegated = Signal()  # gate, by, at: no trigger and inside the budget, nobody has to meet
gate_request_ready = Signal()  # gate, by, at
gate_request_returned = Signal()  # gate, by, at
gate_request_stale = Signal()  # gate, at
gate_request_decided = Signal()  # gate, by, at

portfolio_imported = Signal()  # portfolio_import, initiative_ids (the new ones), by, at
milestone_baselined = Signal()  # milestone, by, at
milestone_accepted = Signal()  # milestone, by, at
quality_reading_recorded = Signal()  # reading, initiative_id, by, at: entered, or verified
condition_verified = Signal()  # condition, by, at: verified or waived
tranche_released = Signal()  # tranche, by, at
tranche_ended = Signal()  # tranche, by, at: returned, lapsed or exhausted with nothing after it
tranche_frozen = Signal()  # tranche, freeze, by, at
tranche_lifted = Signal()  # tranche, freeze, by, at
costs_imported = Signal()  # initiative_ids (whose figures may have moved), delivery, by, at
spend_reattributed = Signal()  # initiative_ids, by, at
rates_changed = Signal()  # places: months with currencies whose rate is new or another, by, at
prices_changed = Signal()  # by (None: the product), at: a sheet, an approved price or the catalogue
