"""Conditions: what a decision asked for besides its money, who owes it, by when, and who checks.

The owner says that a condition is met and what shows it; a verifier without an interest confirms it. Some conditions
block the release of the tranche, some the next gate.
"""
