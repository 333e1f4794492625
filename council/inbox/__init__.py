"""The escalations page: what has tripped, what its owner answers, and what people do about it."""
