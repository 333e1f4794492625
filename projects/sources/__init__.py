"""Sources of spend and usage: who delivers which files, under what scope, and how the files are read."""
