"""Funding: money for the next milestone only, from envelope to tranche, in a ledger that only grows.

*Envelope*: money for a period, nested. *Tranche*: what a decision gave an initiative for one milestone, in force from
``starts_on`` up to but not including ``ends_on``; windows of one initiative never overlap. *Ledger*: double entries
between the organisation's budget, envelopes, initiatives and the lapse account; spend is never posted, positions join
the two. *Approved* = released − lapsed − returned. *Committed* = approved + decided but not released.
Always true: the lines of an entry sum to zero in each currency, no tranche gives back more than it holds, and
no row of the ledger changes.
"""
