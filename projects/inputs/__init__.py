"""The five required inputs of a gate request, and what changed since the last decision: computed, never typed.

Actual against expected spend; value signals and the growth of cost beside the growth of value; cost risks and
anomalies; optimisation under way; funding for the next milestone only. Unknown is said with its reason, never zero.
"""
