"""Kills the real daemon at every stage of its work, again and again, and proves that nothing is lost or doubled."""
