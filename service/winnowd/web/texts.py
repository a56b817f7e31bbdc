"""A text as pieces to be shown: which of its words stand in the other text too, in runs of what length. Pure."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.originality.spans import word_spans
from winnowd.views.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

LONGEST: Final = 300_000
"""Characters of a text that a page shows; all of it can be downloaded."""
BANDS: Final[Mapping[int, str]] = {1: "3–4 words", 2: "5–6", 3: "7–11", 4: "12 or more in a row"}


class Piece(NamedTuple):
    """A piece of a text; ``run`` is the number of the shared run that it is, with its band and words, else 0."""

    text: str
    run: int = 0
    band: int = 0
    words: int = 0


def visible(text: str) -> str:
    """A text that may be shown as it is: lines stay lines, whatever hides or turns others around is named."""
    if text.isprintable():
        return text
    lines = text.replace("\r\n", "\n").replace("\t", "    ").split("\n")
    return "\n".join(map(printable, lines))


def pieces(text: str, passages: Sequence[Mapping[str, Any]], side: str) -> list[Piece]:
    """A text cut at the shared runs, in its order; of runs that overlap the earlier one keeps its words."""
    found = sorted(
        (one[side]["start"], one[side]["end"], number, one["band"], one["words"])
        for number, one in enumerate(passages, 1)
    )
    return list(_cut(text[:LONGEST], found))


def _cut(text: str, runs: Sequence[tuple[int, int, int, int, int]]) -> Iterator[Piece]:
    at = 0
    for start, end, number, band, words in runs:
        begin, stop = max(start, at), min(end, len(text))
        if begin >= stop:
            continue
        if at < begin:
            yield Piece(visible(text[at:begin]))
        yield Piece(visible(text[begin:stop]), number, band, words)
        at = stop
    if at < len(text):
        yield Piece(visible(text[at:]))


def word_runs(
    item: str, twin: str, passages: Sequence[Mapping[str, Any]]
) -> tuple[list[tuple[int, int, int]], int, int]:
    """The runs by words instead of characters: where each begins in both texts, and its length; words of both."""
    starts = {"item": word_spans(item).starts.tolist(), "twin": word_spans(twin).starts.tolist()}
    runs = [
        (
            bisect_left(starts["item"], one["item"]["start"]),
            bisect_left(starts["twin"], one["twin"]["start"]),
            one["words"],
        )
        for one in passages
    ]
    return runs, len(starts["item"]), len(starts["twin"])
