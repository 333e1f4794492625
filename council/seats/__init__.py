"""Seats of the council: a persona, voting or adviser, held by one person at a time.

No proxies. Each of finance and risk has a named deputy of the same persona, who counts for quorum in its place.
"""
