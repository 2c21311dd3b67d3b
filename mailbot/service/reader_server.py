"""Imported by the small server from which readers are forked, and by nobody else: what they all share is made here."""

from __future__ import annotations

from mailbot import prefilter
from mailbot.service import readers

__all__ = ["readers"]  # what they do, with all that it imports

prefilter.compile_all()
