"""CLN342: lines that were wrapped at a width are joined to the paragraphs that they were. Pure.

Whoever wraps text breaks a line only where the next word no longer fits. Lists and verse break elsewhere.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from winnowd.text import Tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

WRAPPED = "CLN342"
WIDTHS = range(40, 101)
LEAST_BREAKS = 5
FAR_LONGER = 1.25
LEAST_FULL = 0.6
LEAST_SMALL = 0.4
"""Of the full lines, how many are followed by one that begins with a small letter: 0.6 to 0.9 of those of prose."""
_ITEM = re.compile(r"[•·*–-] |\d{1,3}[.)] |#{1,6} |>|\|")
_DIVIDED = re.compile(r"[^\W\d_]-$")


def joined(tokens: Tokens) -> tuple[Tokens, int]:
    """A trimmed text with its wrapped lines joined, and how many line ends that took; the same if it is not wrapped."""
    lines = tokens.lines
    full = _full_lines(lines)
    if not full:
        return tokens, 0
    made: list[str] = []
    for index, line in enumerate(lines):
        if index - 1 not in full:
            made.append(line)
        elif _DIVIDED.search(made[-1][-2:]) and line[:1].islower():
            made[-1] += line
        else:
            made[-1] += f" {line}"
    return Tokens("\n".join(made)), len(full)


def _full_lines(lines: Sequence[str]) -> set[int]:
    """The lines that the next one goes on; empty if the text is not wrapped.

    The width is that of the longest line which another follows. Lines far longer than their median are headlines or
    were glued together; such a line goes on if the next begins with a small letter.
    """
    breaks = [index for index in range(len(lines) - 1) if lines[index] and _goes_on(lines[index + 1])]
    if len(breaks) < LEAST_BREAKS:
        return set()
    longest = FAR_LONGER * sorted([len(lines[index]) for index in breaks])[len(breaks) // 2]
    if longest > FAR_LONGER * WIDTHS.stop:
        return set()
    usual = [index for index in breaks if len(lines[index]) <= longest]
    width = max([len(lines[index]) for index in usual])
    if width not in WIDTHS:
        return set()
    full = {index for index in usual if len(lines[index]) + len(lines[index + 1].partition(" ")[0]) >= width}
    small = {index for index in breaks if lines[index + 1][0].islower()}
    if len(full) < LEAST_FULL * len(usual) or len(full & small) < LEAST_SMALL * len(full):
        return set()
    return full | (small - set(usual))


def _goes_on(line: str) -> bool:
    return bool(line) and _ITEM.match(line) is None
