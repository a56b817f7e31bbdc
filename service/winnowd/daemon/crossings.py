"""When people are told of a level: once as it reaches a limit, then not until it was well below that. Pure."""

from __future__ import annotations

from typing import Final, NamedTuple

EASE: Final = 0.8
"""Only below so much of its limit is it over: what hovers about the limit is told of once."""


class Crossed(NamedTuple):
    """``raised``: the limit that is passed, None if none is; ``is_new``: it was not, until now."""

    raised: float | None
    is_new: bool


def crossed(raised: float | None, value: float, limit: float | None) -> Crossed:
    """How it stands, after it stood at ``raised``.

    1. At its limit or above, it is passed; that is new unless it was passed already, and by the same limit.
    2. Below ``EASE`` of the limit it is not.
    3. Between the two it stays as it was; but one that has passed another limit, which holds no more, has not passed
       this.
    """
    if limit is None:
        return Crossed(None, is_new=False)
    if value >= limit:
        return Crossed(limit, is_new=raised != limit)
    stays = raised == limit and value >= EASE * limit
    return Crossed(raised if stays else None, is_new=False)
