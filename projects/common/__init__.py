"""What every concept shares: money, dates, the one clock, spoken keys, blockers and append-only tables."""
