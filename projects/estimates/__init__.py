"""Cost estimates: low, likely and high a month, in nine lines of full cost, against a price sheet.

A version is never changed; the newest counts. The visible bill is model usage; its share of full cost says how much of
the cost a provider's invoice would never show.
"""
