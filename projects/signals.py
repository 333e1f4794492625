"""What happened in projects, told to whoever listens: past-tense signals."""
