"""Sunset criteria that data can prove, beside the owner's own words: any one that is met makes a Sunset due.

Only imported or verified readings, and spend of days past the lag, count. What is not known is never met.
"""
