"""Pauses Python's search for circular garbage while many values that stay are made."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def collecting_paused() -> Iterator[None]:
    """Do without the search: a big site makes a million values that stay, and each round would look through them all.

    It took two thirds of the time of loading; what is free of circles is given back at once all the same.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
