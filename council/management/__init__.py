"""Management commands: command line in, one service, command line out."""
