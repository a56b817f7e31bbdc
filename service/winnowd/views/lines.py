"""Lines of styled spans: laid out here, painted by the terminal, or read as plain text with nothing moved. Pure."""

from __future__ import annotations

import functools
import re
import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

WIDEST: Final = 118
UNKNOWN_WIDTH: Final = 100
_PIECES: Final = re.compile(r"\s+|[^\s]+")


class Span(NamedTuple):
    """A piece of one line and what it means, never a colour.

    Styles: "" (plain), bad, doubt, good, dim, bold, sign, path, band1 to band4 (runs of 3-4, 5-6, 7-11, 12+ words).
    """

    text: str
    style: str = ""


Line = tuple[Span, ...]


def width_for(terminal: int | None) -> int:
    """The width to lay out for: the terminal's, at most 118; 100 where there is none."""
    return UNKNOWN_WIDTH if terminal is None else min(terminal, WIDEST)


def plain(lines: Iterable[Line]) -> str:
    """The lines without their styles, each with its LF."""
    return "".join("".join(span.text for span in line).rstrip() + "\n" for line in lines)


@functools.lru_cache(maxsize=4_096)
def _sign_cells(sign: str) -> int:
    if unicodedata.combining(sign) or unicodedata.category(sign) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(sign) in {"W", "F"} else 1


def cells(text: str) -> int:
    """How many terminal cells a text takes."""
    return len(text) if text.isascii() else sum(map(_sign_cells, text))


def line_cells(line: Iterable[Span]) -> int:
    """How many cells a line takes."""
    return sum(cells(span.text) for span in line)


def padded(line: Line, width: int) -> Line:
    """The line with blanks up to a width."""
    missing = width - line_cells(line)
    return (*line, Span(" " * missing)) if missing > 0 else line


def cut(text: str, width: int) -> str:
    """Text of at most so many cells, its middle left out: both ends of a name tell something."""
    if cells(text) <= width:
        return text
    head = (width - 1) // 2
    tail = width - 1 - head
    return _start(text, head) + "…" + _start(text[::-1], tail)[::-1]


def _start(text: str, width: int) -> str:
    used = 0
    for at, sign in enumerate(text):
        used += _sign_cells(sign)
        if used > width:
            return text[:at]
    return text


def wrapped(line: Sequence[Span], width: int, indent: str = "") -> list[Line]:
    """A line broken at blanks, the blanks at a break left out; a word wider than ``width`` is broken anywhere.

    Lines after the first begin with ``indent``.
    """
    rows: list[list[Span]] = [[]]
    room = width
    for gap, word in _words(line, max(1, width - len(indent))):
        needed = line_cells(word)
        if rows[-1] and needed + len(gap.text) > room:
            rows.append([Span(indent)] if indent else [])
            room = width - len(indent)
        elif rows[-1]:
            rows[-1].append(gap)
            room -= len(gap.text)
        rows[-1] += word
        room -= needed
    return [_joined(row) for row in rows]


def _words(line: Sequence[Span], width: int) -> Iterator[tuple[Span, list[Span]]]:
    """Each word, in as many spans as it has styles, with the blank before it ("" where a too wide word was broken)."""
    gap, word = Span(""), list[Span]()
    for piece in _pieces(line):
        if piece.text.isspace():
            if word:
                yield gap, word
            gap, word = Span(" ", piece.style), []
            continue
        rest = piece.text
        while line_cells(word) + cells(rest) > width:
            head = _start(rest, width - line_cells(word)) or ("" if word else rest[0])
            yield gap, [*word, Span(head, piece.style)]
            gap, word, rest = Span(""), [], rest[len(head) :]
        word.append(Span(rest, piece.style))
    if word:
        yield gap, word


def _pieces(line: Sequence[Span]) -> Iterator[Span]:
    for span in line:
        yield from (Span(found[0], span.style) for found in _PIECES.finditer(span.text))


def _joined(row: Sequence[Span]) -> Line:
    """Neighbours of one style as one span."""
    joined: list[Span] = []
    for span in row:
        if joined and joined[-1].style == span.style:
            joined[-1] = Span(joined[-1].text + span.text, span.style)
        else:
            joined.append(span)
    return tuple(joined)


def in_two_columns(left: Sequence[Line], right: Sequence[Line], width: int, gutter: str = "   ") -> list[Line]:
    """Two columns of lines, each ``width`` wide."""
    rows = []
    for at in range(max(len(left), len(right))):
        one = left[at] if at < len(left) else ()
        two = right[at] if at < len(right) else ()
        rows.append((*padded(one, width), Span(gutter), *two))
    return rows


def table(head: Sequence[str], rows: Sequence[Sequence[Span]], numeric: Sequence[bool]) -> list[Line]:
    """A table, ruled below its head; the columns are as wide as their widest cell, numbers stand to the right."""
    widths = [
        max(cells(name), *(cells(row[at].text) for row in rows)) if rows else cells(name)
        for at, name in enumerate(head)
    ]
    lines: list[Line] = [_row([Span(name, "bold") for name in head], widths, numeric)]
    lines.append((Span("  " + "─" * (sum(widths) + 3 * len(widths) - 2), "dim"),))
    return [*lines, *(_row(row, widths, numeric) for row in rows)]


def _row(row: Sequence[Span], widths: Sequence[int], numeric: Sequence[bool]) -> Line:
    spans = []
    for span, width, right in zip(row, widths, numeric, strict=True):
        blanks = Span(" " * (width - cells(span.text)))
        spans += [Span("   "), blanks, span] if right else [Span("   "), span, blanks]
    return tuple(spans)
