"""API tokens: what a program may do in a person's name, and for how long.

A token belongs to the person who made it, names what it may be used for, ends on a day, and is shown once. It carries
no right of its own: each call asks what its person may do at that moment. What needs a person's presence refuses it.
"""
