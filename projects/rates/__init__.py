"""Rates of exchange, one a month and currency: so many units of it are worth so many US dollars.

Kept as two numbers, because published tables quote some currencies the one way and some the other, and a quotation turned
round is no longer exact. Every conversion goes through the dollar as a fraction; nothing is rounded until it is shown.
A month without a rate is unknown: no neighbouring month stands in for it.
"""
