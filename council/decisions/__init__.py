"""Straw views, motions, votes and decisions.

One motion names outcome, amount, conditions and a reason; it is carried when more vote for than against and at least
a third of those present vote for. A tie is not carried; there is no casting vote. Quorum holds per item. A decision is
never edited: its effects on stage, money and clock happen in the transaction that declares it.
"""
