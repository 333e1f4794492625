"""Standing conflicts of interest: what a person has declared that keeps them out of an initiative's judgement.

A declaration names an initiative, a team or a provider, with its reason; it is ended, never deleted. Interest that
follows from a part in the initiative needs no declaration.
"""
