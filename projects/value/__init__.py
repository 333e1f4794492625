"""Value: KPI cards with their readings, and claims that finance verifies.

A claim is declared, measured, then verified by somebody in finance who did not declare it. Declared value is frozen
when a Pilot becomes a Launch; shares of one benefit never sum to more than 100%. Readings are never edited: a later
reading of the same period replaces the earlier. Only imported and verified readings prove anything.
"""
