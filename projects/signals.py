"""What happened in projects, told to whoever listens: past-tense signals."""

from django.dispatch import Signal

gate_request_submitted = Signal()  # gate, by, at
gate_request_checked = Signal()  # gate, by, at: sent to expert review
gate_request_delegated = Signal()  # gate, by, at: no trigger and inside the budget, nobody has to meet
gate_request_ready = Signal()  # gate, by, at
gate_request_returned = Signal()  # gate, by, at
gate_request_stale = Signal()  # gate, at
gate_request_decided = Signal()  # gate, by, at
