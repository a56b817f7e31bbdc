"""The head of the log in one line, for whoever keeps it elsewhere; its form is a promise. Pure.

    winnowd-head 1 sequence=12 sha256=9f..(64) day=2026-11-30 at=2026-11-30T13:00:00.000Z instance=host:/srv/corpus

Number and hash are those of the last event, ``day`` is the file that it stands in, ``at`` its time. What does not go
into one word of an instance's name is percent-encoded. Where such a line was kept there may stand anything around it:
what a journal puts before each line, the words of a tag.
"""

from __future__ import annotations

import json
import re
import urllib.parse
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.audit.chain_check import Anchor
from winnowd.audit.links import link_of
from winnowd.audit.reader import day_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.audit.reader import Logged

_LINE: Final = re.compile(
    r"winnowd-head 1 sequence=([1-9]\d{0,18}) sha256=([0-9a-f]{64}) day=(\d{4}-\d\d-\d\d)(?= )", re.ASCII
)
_AS_THEY_ARE: Final = "/:._-~"
_LONGEST_NAME: Final = 500


class Head(NamedTuple):
    """The last event of a log, or of a day of it: number, hash, day and time; and whose log it is."""

    sequence: int
    sha256: str
    day: str
    at: str
    instance: str

    def line(self) -> str:
        """The one line, without a line break."""
        return "winnowd-head 1 " + " ".join(f"{name}={value}" for name, value in self._asdict().items())


def head(logged: Logged, folder: str) -> Head | None:
    """The head that a line of the log is, in the instance at ``folder``; None if it is no event."""
    link = link_of(logged.line)
    try:
        event: Any = json.loads(logged.line)
        at, host = _word(event["@timestamp"]), event["host"]["name"]
    except (ValueError, KeyError, TypeError):
        return None
    if link is None:
        return None
    return Head(link.sequence, logged.sha256, day_of(logged.file), at, _word(f"{host}:{folder}"))


def _word(said: object) -> str:
    """Anything as one word that prints."""
    return urllib.parse.quote(str(said).encode("utf-8", "surrogateescape"), safe=_AS_THEY_ARE)[:_LONGEST_NAME]


def days_told(text: str) -> set[str]:
    """The days of the heads in a text."""
    return {found[3] for found in _LINE.finditer(text)}


def anchors_told(text: str, where: str) -> Iterator[Anchor]:
    """What the heads in a text remember; ``where`` it stands."""
    for found in _LINE.finditer(text):
        yield Anchor(int(found[1]), found[2], where)
