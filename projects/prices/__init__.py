"""What a model costs: dated price sheets, overrides by people, and the catalogue of models.

Words. A *unit* is something vendors count (uncached input, cache reads, output, searches, requests). A *rate* is
the price of a number of units, in tiers of the request's input. A *price sheet* is a snapshot of public prices with
the day it was taken; the sheet in force on a day is the last one taken on or before it, or else the first one. An
*override* is a price our own contract says, valid from one day to another, signed by two people.

Always true: prices and costs are exact decimals; every sheet names its source and day; a model without a price gives
an ``Unpriced`` with the reason, never a zero.
"""
