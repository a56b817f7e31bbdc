"""CLN342: lines that were wrapped at a width are joined to the paragraphs that they were. Pure.

Whoever wraps text breaks a line only where the next word no longer fits. Lists and verse break elsewhere.
"""

from __future__ import annotations

import itertools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

WRAPPED = "CLN342"
WIDTHS = range(40, 101)
LEAST_BREAKS = 5
LEAST_FULL, LEAST_USUAL = 0.5, 0.4
LEAST_SMALL = 0.4
"""Of the full lines, how many are followed by one that begins with a small letter: 0.6 to 0.9 of those of prose."""
_ITEM = re.compile(r"[•·*–-] |\d{1,3}[.)] |#{1,6} |>|\|")
_DIVIDED = re.compile(r"[^\W\d_]-$")


def joined(text: str) -> tuple[str, int]:
    """A trimmed text with its wrapped lines joined, and how many line ends that took; the same if it is not wrapped."""
    lines = text.split("\n")
    full = _full_lines(lines)
    if not full:
        return text, 0
    made: list[str] = []
    for index, line in enumerate(lines):
        if index - 1 not in full:
            made.append(line)
        elif _DIVIDED.search(made[-1][-2:]) and line[:1].islower():
            made[-1] += line
        else:
            made[-1] += f" {line}"
    return "\n".join(made), len(full)


def _full_lines(lines: Sequence[str]) -> set[int]:
    """The lines that the next one goes on; empty if the text is not wrapped.

    Each line that another follows was broken at some width from its length to where that one's first word would end;
    the width is where most of them could be. Longer ones are headlines, or paragraphs that were glued together
    since: such a line goes on if the next begins with a small letter.
    """
    breaks = [index for index in range(len(lines) - 1) if lines[index] and _goes_on(lines[index + 1])]
    if len(breaks) < LEAST_BREAKS:
        return set()
    spans = {
        index: (len(lines[index]), len(lines[index]) + len(lines[index + 1].partition(" ")[0])) for index in breaks
    }
    width = _commonest(spans.values())
    usual = [index for index in breaks if spans[index][0] <= width]
    full = {index for index in usual if spans[index][1] >= width}
    small = {index for index in breaks if lines[index + 1][0].islower()}
    if len(full) < max(LEAST_BREAKS, LEAST_FULL * len(usual), LEAST_USUAL * len(breaks)):
        return set()
    return full | (small - set(usual)) if len(full & small) >= LEAST_SMALL * len(full) else set()


def _commonest(spans: Iterable[tuple[int, int]]) -> int:
    """The width that lies in most spans; the first of equals."""
    steps = [0] * (WIDTHS.stop + 1)
    for begin, end in spans:
        if begin < WIDTHS.stop:
            steps[begin] += 1
            steps[min(end + 1, WIDTHS.stop)] -= 1
    counts = list(itertools.accumulate(steps))
    return max(WIDTHS, key=lambda width: counts[width])


def _goes_on(line: str) -> bool:
    return bool(line) and _ITEM.match(line) is None
