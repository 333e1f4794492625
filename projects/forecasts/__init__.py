"""What an initiative will have spent when its tranche ends, from its own final days; unknown is never zero."""
