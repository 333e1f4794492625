"""The demo organisation: twelve initiatives with a year of money, spend, value and decisions, and a meeting today.

Deterministic: the same clock gives the same rows. Everything goes through the services that people use, at past times.
"""
