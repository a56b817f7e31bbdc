"""A text as it is shown: whatever hides or turns others around is named, and no page grows without end. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from winnowd.views.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from winnowd.views.side_by_side import Segment

LONGEST: Final = 300_000
"""Characters of a text that a page shows; all of it can be downloaded."""
BANDS: Final[Mapping[int, str]] = {1: "3–4 words", 2: "5–6", 3: "7–11", 4: "12 or more in a row"}


def visible(text: str) -> str:
    """A text that may be shown as it is: its lines stay, what does not print is named ``<U+202E>``."""
    if text.isprintable():
        return text
    return "\n".join("\t".join(map(printable, line.split("\t"))) for line in text.split("\n"))


def beginning(segments: Sequence[Segment]) -> Iterator[Segment]:
    """The segments of a text up to as much as a page shows."""
    room = LONGEST
    for one in segments:
        if room <= 0:
            return
        yield one if len(one.text) <= room else one._replace(text=one.text[:room])
        room -= len(one.text)


def is_longer(segments: Sequence[Segment]) -> bool:
    """Whether a text has more than a page shows."""
    return sum(len(one.text) for one in segments) > LONGEST


def counted(count: int, noun: str, nouns: str = "") -> str:
    """``1 record``, ``1,204 records``."""
    return f"{count:,} {noun if count == 1 else nouns or noun + 's'}"
