"""What ``winnowd doctor`` says of one thing."""

from __future__ import annotations

from typing import Literal, NamedTuple


class Advice(NamedTuple):
    """How one thing is: well, worth knowing, or bad; in words, and what mends it."""

    state: Literal["ok", "note", "bad"]
    what: str
    said: str
    do: str = ""
