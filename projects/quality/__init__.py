"""Quality gates: what must stay good while cost falls, and the readings that show it.

A reading is a figure with its source and day; it is never changed, and counts as proof once imported or verified by
somebody without an interest. Two cadences without a reading make the gate unknown, never passed.
"""
