"""Computed proofs: the facts of an initiative, and one small named check for each criterion that data can prove.

A check answers proved, failed or unproved with its figure and a sentence. Where the data is not there it is unproved
with the reason, never proved. Typed figures that nobody verified do not reach a check.
"""
