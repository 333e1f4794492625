"""Milestones: what an initiative promises to show next, by when, and who found it shown.

A milestone is planned, delivered by its owner, accepted by somebody without an interest, or cancelled; sent back it is
planned again. Its *baseline* is the date that a decision set: both dates are kept when a decision moves it, and nothing
but a decision does. The *forecast* is the owner's own expectation and moves freely.
"""
