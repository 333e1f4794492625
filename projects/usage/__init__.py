"""How models are used: calls and tokens by initiative, model and day, and what they should have cost.

Words. A *usage day* is what one delivery says of one initiative, model and UTC day; nobody's usage has no initiative.
Tokens stand in disjoint buckets: input that was not cached, cached reads, cached writes, output that was said,
reasoning that was not; the billable input is the sum of the first three. The *stated cost* is the source's own figure,
the *computed cost* follows from the price of the day.

Always true: a day is rebuilt with its delivery and never added to; a model without a price is an alarm that names it,
and its computed cost is unknown, not zero; aggregates only, no request and no person is kept.
"""
