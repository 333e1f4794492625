"""The initiatives that the council decides on: people, gates, money, spend, value and proofs."""
