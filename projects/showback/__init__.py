"""Showback: what a team's initiatives cost in a month, told by application, model and environment, beside their usage.

A statement shows and bills nobody. Chargeback, the same figures as a claim between cost centres, is refused while less
of the month's spend on AI has an owner than the policy asks for.
"""
