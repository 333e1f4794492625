"""The trail from a figure to the charges behind it, from a charge to the decision that paid for it, and back.

A charge is one row of one delivery. It belongs to the tranche in force on its charge day, else it is unfunded; nothing
is stored for that, so the trail always says what the ledger and the current deliveries say now.
"""
