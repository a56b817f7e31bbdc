"""The dot map of two texts: each shared run of words where it stands in both, so that a copy is a diagonal. Pure."""

from __future__ import annotations

import bisect
import itertools
from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.views.pictures.lettering import LINE, SMALL, Box, Label, apart, fitted
from winnowd.views.pictures.picture import WIDTH, Picture, nice_ticks, percent, picture, short
from winnowd.views.pictures.svg import line, number, path, rect

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from winnowd.views.pictures.svg import Element

    SharedRun = tuple[int, int, int]

_LEFT, _TOP, _RIGHT, _BOTTOM = 46.0, 66.0, 14.0, 26.0
_LONGEST: Final = WIDTH - _LEFT - _RIGHT
_FLATTEST: Final = 0.4
"""The least height of the map by its width, and the other way round: a much longer text is drawn shorter."""
_BANDS: Final = ((12, "band4"), (7, "band3"), (5, "band2"), (0, "band1"))
_SHORTEST: Final = 0.01  # a line of no length has no round ends in some browsers

_TELLING: Final = 0.25  # share of words in runs from which a diagonal is spoken of
_IN_ORDER: Final = 0.9
_THIN: Final = 0.7  # of few words in runs, what must keep its order to be called a diagonal still
_THIN_RUNS: Final = 4
_ALIKE: Final = 1.25  # of the longer text by the shorter: from corner to corner a copy goes only if they are alike
_UNBROKEN: Final = 0.15  # of the item, the longest piece between two runs of an unbroken diagonal


def dot_map(runs: Sequence[SharedRun], left_words: int, right_words: int, left_name: str, right_name: str) -> Picture:
    """Across the original (left), downwards this item (right), each from its first word to its last.

    ``runs``: index of the first word in the left text, in the right text, number of words. The more words a run has,
    the stronger it is drawn.
    """
    plot = _plot(left_words, right_words)
    title = _finding(runs, right_words)
    drawing = [
        rect(plot.left, plot.top, plot.right - plot.left, plot.bottom - plot.top, "plot"),
        *_diagonal(left_words, right_words, plot),
        *_lines(runs, left_words, right_words, plot),
    ]
    ticks, figures = _axes(left_words, right_words, plot)
    heads = [
        Label(_head("across:", left_name, left_words, "→"), 6.0, 18.0),
        Label(_head("down:", right_name, right_words, "↓"), 6.0, 18.0 + LINE),
    ]
    heads.append(
        Label(
            "a slanting line is a copy, the stronger the longer its runs",
            6.0,
            plot.bottom + 18,
            class_="axis",
            size=SMALL,
        )
    )
    order = sorted(runs, key=lambda run: (run[1], run[0]))
    table = [(at, words, left + 1, right + 1) for at, (left, right, words) in enumerate(order, 1)]
    header = ("run", "words", f"first word in {fitted(left_name, _LONGEST)}", f"in {fitted(right_name, _LONGEST)}")
    return picture("dot-map", title, plot.bottom + _BOTTOM, [*drawing, *ticks], [*heads, *figures], (header, table))


def _plot(left_words: int, right_words: int) -> Box:
    """The map: a word is as long across as downwards, unless one text is far longer."""
    slope = max(_FLATTEST, min(1 / _FLATTEST, max(1, right_words) / max(1, left_words)))
    width = min(_LONGEST, _LONGEST / slope)
    return Box(_LEFT, _TOP, _LEFT + width, _TOP + width * slope)


def _diagonal(left_words: int, right_words: int, plot: Box) -> Iterator[Element]:
    """Where the whole of a copy would stand."""
    if max(left_words, right_words) <= _ALIKE * min(left_words, right_words):
        yield line(plot.left, plot.top, plot.right, plot.bottom, "diagonal")


def _head(axis: str, name: str, words: int, arrow: str) -> str:
    rest = f", {words:,} {'word' if words == 1 else 'words'} {arrow}"
    room = WIDTH - 12 - Label(f"{axis} {rest}", 0, 0).width
    return f"{axis} {fitted(name, room)}{rest}"


def _lines(runs: Sequence[SharedRun], left_words: int, right_words: int, plot: Box) -> Iterator[Element]:
    """One path for each band: each run a line from its first word to its last."""
    across = (plot.right - plot.left) / max(1, left_words)
    down = (plot.bottom - plot.top) / max(1, right_words)
    commands: dict[str, list[str]] = {band: [] for _, band in reversed(_BANDS)}
    for left, right, words in runs:
        band = next(band for least, band in _BANDS if words >= least)
        x, y = plot.left + left * across, plot.top + right * down
        dx, dy = max(_SHORTEST, words * across), max(_SHORTEST, words * down)
        commands[band].append(f"M{number(x)} {number(y)}l{number(dx)} {number(dy)}")
    for band, found in commands.items():
        if found:
            yield path("".join(found), f"run {band}")


def _axes(left_words: int, right_words: int, plot: Box) -> tuple[list[Element], list[Label]]:
    """Ticks at round numbers of words, above the map and left of it."""
    lines, labels = [], []
    for tick in nice_ticks(left_words, 4):
        x = plot.left + tick / max(1, left_words) * (plot.right - plot.left)
        lines.append(line(x, plot.top - 4, x, plot.top, "tick"))
        labels.append(Label(short(tick), x, plot.top - 7, "middle", "axis", SMALL).within(WIDTH))
    for tick in nice_ticks(right_words, 4)[1:]:
        y = plot.top + tick / max(1, right_words) * (plot.bottom - plot.top)
        lines.append(line(plot.left - 4, y, plot.left, y, "tick"))
        labels.append(Label(short(tick), plot.left - 7, y + 4, "end", "axis", SMALL))
    return lines, apart(labels, Box(0, 0, WIDTH, plot.bottom + _BOTTOM))


class _Shares(NamedTuple):
    """Words of the item in shared runs: in all, in ``runs`` that keep their order, the longest gap between these."""

    anywhere: int
    in_order: int
    gap: int
    runs: int


def _finding(runs: Sequence[SharedRun], words: int) -> str:
    if not runs:
        return "Nothing in common: no three words in a row stand in both"
    found = _shares(runs)
    longest = max(length for _, _, length in runs)
    shared = f"{percent(found.anywhere, words)} of its words stand in the original too"
    if found.anywhere < _TELLING * words:
        is_thin = found.runs >= _THIN_RUNS and found.in_order >= _THIN * found.anywhere
        return f"{'A thin' if is_thin else 'No'} diagonal: {shared}, at most {longest:,} in a row"
    if found.in_order < _IN_ORDER * found.anywhere:
        return f"Pieces moved about: {shared}, {percent(found.in_order, words)} in the same order"
    if found.gap > _UNBROKEN * words:
        return f"A broken diagonal: {shared}, in the same order, with pieces between that are its own"
    return f"One unbroken diagonal: {shared}, in the same order"


def _shares(runs: Sequence[SharedRun]) -> _Shares:
    chain = _heaviest_in_order(runs)
    covered = _covered((right, right + words) for _, right, words in runs)
    gaps = [after[1] - before[1] - before[2] for before, after in itertools.pairwise(chain)]
    return _Shares(
        covered, _covered((right, right + words) for _, right, words in chain), max(gaps, default=0), len(chain)
    )


def _covered(spans: Iterator[tuple[int, int]]) -> int:
    """How many words lie in at least one span."""
    covered = reached = 0
    for start, end in sorted(spans):
        covered += max(0, end - max(start, reached))
        reached = max(reached, end)
    return covered


def _heaviest_in_order(runs: Sequence[SharedRun]) -> list[SharedRun]:
    """Of the runs those that rise in both texts, with the most words in all.

    From left to right each run follows the best of those that end before it: ``ends`` rises with ``weights``.
    """
    order = sorted(runs, key=lambda run: (run[1], run[0]))
    ends: list[int] = []
    best: list[tuple[int, int]] = []  # words so far, and the run that ends there
    before: list[int] = []
    for at, (left, _, words) in enumerate(order):
        slot = bisect.bisect_right(ends, left)
        weight, previous = best[slot - 1] if slot else (0, -1)
        before.append(previous)
        _insert(ends, best, left + words, (weight + words, at))
    chain = []
    at = best[-1][1] if best else -1
    while at >= 0:
        chain.append(order[at])
        at = before[at]
    return chain[::-1]


def _insert(ends: list[int], best: list[tuple[int, int]], end: int, found: tuple[int, int]) -> None:
    """Keep a chain unless one that ends no later has as many words; drop those that it is better than."""
    slot = bisect.bisect_right(ends, end)
    if slot and best[slot - 1][0] >= found[0]:
        return
    first = slot - 1 if slot and ends[slot - 1] == end else slot
    last = slot
    while last < len(ends) and best[last][0] <= found[0]:
        last += 1
    ends[first:last], best[first:last] = [end], [found]
