"""Sources of spend and usage: who delivers which files, under what scope, and how the files are read.

A source sends deliveries; a delivery has one part a billing account and billing period (for a gateway, a period), and of
each such scope exactly one part is current. A newer delivery replaces the older one of the same scope; nothing is ever
added to it, and the older one stays readable in its evidence.
"""
