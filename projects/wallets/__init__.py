"""Wallets: credits and tokens that are bought ahead and drawn down, and commitments that nobody used.

A wallet is a balance in a provider's own unit, bought less used, beside money and never added to it: the purchase is billed and
has no effective cost, each use has an effective cost in money and a number of units. What was committed and left unused is a
cost like any other; it is kept by day so that it can be shown as money.
"""
