"""Guardrails: six from MVP on, and eight agent limits where an initiative acts supervised or by itself.

Each has a value, a unit, a source and a last proof. Filled means that the value is known; proved means that imported
rows of the window hold to it. Only prompt caching may be said not to apply, with the reason.
"""
