"""Wordings and what they mean: the tests hold the code to them, and docs/understood.md is written from them."""
