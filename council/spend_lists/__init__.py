"""The approved spend list: the product of a meeting, signed as a whole by the chair, hashed, numbered, never changed.

Signing attests and moves no money. A change is a new list that supersedes the older one.
"""
