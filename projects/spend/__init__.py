"""Spend: typed facts of every delivery, rolled up by day and month, and who they belong to.

A delivery is loaded whole and swapped whole in one transaction; rollups always equal the facts of current parts. Details
split facts, they never add: what is spent counts sources that are bills. Currencies are never added up.
"""
