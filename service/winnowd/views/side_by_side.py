"""Two whole texts with the words they share marked in both, as segments for a page. Pure."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.views.escape import printable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

SIDES: Final = ("item", "twin")


class Segment(NamedTuple):
    """A piece of a text, to be escaped and shown with its line breaks.

    ``band``: 0 for what stands here alone, 1 to 4 for a shared run of 3-4, 5-6, 7-11, 12 and more words. ``run``: its
    number from 1 on, the same at the other side; 0 for none.
    """

    text: str
    band: int = 0
    run: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class MarkedTexts:
    """A record's text and its twin's.

    ``item`` and ``twin``: segments, in order, that make up each text; ``item_words``, ``twin_words``: how many words it
    has. ``runs``: shared runs as the dot map asks for them: first word in the twin, first in the item, number of words.
    """

    item: tuple[Segment, ...]
    twin: tuple[Segment, ...]
    item_words: int
    twin_words: int
    runs: tuple[tuple[int, int, int], ...]


def segments(text: str, side: str, passages: Sequence[Mapping[str, Any]]) -> tuple[Segment, ...]:
    """A text cut where a shared run begins or ends; runs are numbered in the order of the item.

    ``passages`` as evidence has them: {words, band, item and twin {start, end}}, in code points. Where several cover a
    piece, the longest counts, of equal ones the first. What does not print is named, ``<U+202E>``; line breaks and tabs
    stay.
    """
    in_order = sorted(passages, key=lambda one: (one["item"]["start"], one["twin"]["start"]))
    owners = _owners(in_order, side, len(text))
    found = []
    start = 0
    for number, end in owners:
        band = in_order[number - 1]["band"] if number else 0
        found.append(Segment(_visible(text[start:end]), band, number))
        start = end
    return tuple(found)


def _owners(passages: Sequence[Mapping[str, Any]], side: str, size: int) -> list[tuple[int, int]]:
    """The number of the run that counts, 0 for none, up to where: pieces that together make up a text of that size."""
    spans = [
        (max(0, one[side]["start"]), min(size, one[side]["end"]), number) for number, one in enumerate(passages, 1)
    ]
    spans = [span for span in spans if span[0] < span[1]]
    opening, ending = sorted(spans), sorted(spans, key=lambda span: span[1])
    cuts = sorted({0, size, *(span[0] for span in spans), *(span[1] for span in spans)})
    pieces: list[tuple[int, int]] = []
    covering: set[int] = set()
    opened = ended = 0
    for start, end in itertools.pairwise(cuts):
        while ended < len(ending) and ending[ended][1] <= start:
            covering.discard(ending[ended][2])
            ended += 1
        while opened < len(opening) and opening[opened][0] <= start:
            covering.add(opening[opened][2])
            opened += 1
        number = min(covering, key=lambda one: (-passages[one - 1]["words"], one), default=0)
        if pieces and pieces[-1][0] == number:
            pieces[-1] = (number, end)
        else:
            pieces.append((number, end))
    return pieces


def _visible(text: str) -> str:
    """A text with what does not print named, line breaks and tabs as they are."""
    if text.isprintable():
        return text
    return "\n".join("\t".join(map(printable, line.split("\t"))) for line in text.split("\n"))
