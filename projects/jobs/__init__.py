"""Long work: a row that tells progress, can be cancelled, and is taken up again after a crash. The row is the truth."""
