"""Readers turn a cost or usage file into rows of one canonical schema, whatever tool wrote it.

A file is first *recognised* (kind, version, encoding, separator, role) and then read in *batches*, so that memory does
not grow with the file. Every row is either accepted, and then stands in the canonical schema, or refused with its line,
column, value and reason; accepted and refused add up to the file, in rows and in money. Amounts are text in plain
decimal notation and never pass through binary floating point, except where the source itself is binary. Nothing here
knows the database, the clock or the settings: the caller decides whether a file with refused rows is loaded.
"""
