"""Gate requests: an owner asks to move on, and proves it.

A request pins the template version it was drafted under. Its criteria are computed, evidenced or judged; its five
required inputs are computed and frozen at every submission; only a decision ends it otherwise than by withdrawal.
Interested people are frozen at submission. Nobody waives alone, and nobody judges what they asked for.
"""
