"""Escalations: rules over money, milestones and quality that bring an initiative before the council by themselves.

Life: raised → acknowledged → plan filed → on agenda → decided → closed. One open per initiative and rule, whatever runs
at once. A cause that clears is marked and still closed by a person; a decision covers the figures that it names.
"""
