"""The record: one event for each act, chained per stream by hash, never edited."""
