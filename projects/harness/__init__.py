"""Harness lines: people, evaluation and review that no bill shows, entered by hand for an initiative and a month.

Finance enters them; an owner proposes and finance confirms. A confirmed line is a charge of the source `harness` and runs through
the same facts and rollups as a bill. It always counts in full cost, and in the budget only where the tranche in force on its day funds harness lines. It is never edited: a correction is a line
that takes another back, and that takes two persons.
"""
