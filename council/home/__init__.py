"""The pages everybody lands on: an initiative with its tabs, what waits for a person, the search.

Words: *head* is what every tab of an initiative shows above its own content; a *wait* is one thing that somebody owes.
Always true: a figure here equals the same figure on the page it links to, and a missing one is named, never printed as zero.
"""
