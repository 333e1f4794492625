"""Initiatives: the one key along which decision, money, spend and value join.

Only the effect of a decision moves stage or condition, except that an owner may close a Concept that never had money.
An initiative never has no owner. Keys are spoken aloud (AI-031) and never reused.
"""
