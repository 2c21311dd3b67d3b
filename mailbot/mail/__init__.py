"""Bytes to values and back, by RFC; this room knows nothing of the office."""
