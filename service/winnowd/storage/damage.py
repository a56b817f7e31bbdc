"""One thing that is not as it was written."""

from __future__ import annotations

from typing import Final, NamedTuple

UNOPENED: Final = "unopened"


class Damage(NamedTuple):
    """What kind of thing it is, where it is, and what is wrong with it; UNOPENED: it could not be looked at."""

    kind: str
    place: str
    what: str
