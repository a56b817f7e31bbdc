"""Lines of styled spans: laid out here, painted by the terminal, or read as plain text with nothing moved. Pure."""

from __future__ import annotations

import bisect
import functools
import itertools
import re
import unicodedata
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

WIDEST: Final = 118
UNKNOWN_WIDTH: Final = 100
_ONE_CELL_EACH: Final = re.compile("[\x00-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e]*")
"""Signs of Western texts that take one cell each, with their quotes and dashes; others are asked one by one."""


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
    return len(text) if _is_one_cell_each(text) else sum(map(_sign_cells, text))


def _is_one_cell_each(text: str) -> bool:
    return text.isascii() or _ONE_CELL_EACH.fullmatch(text) is not None


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

    Lines after the first begin with ``indent``. Neighbours of one style become one span.
    """
    spans = _collapsed(line)
    rows = _rows("".join(span.text for span in spans), width, width - len(indent))
    first, *others = _pieces(spans, rows)
    return [first, *(_indented(row, indent) if indent else row for row in others)]


def wrapped_text(text: str, width: int) -> list[str]:
    """The rows of a line without styles, broken as ``wrapped`` breaks them."""
    text = " ".join(text.split())
    return [text[start:stop] for start, stop in _rows(text, width, width)]


def _collapsed(line: Iterable[Span]) -> list[Span]:
    """Each run of blanks as one blank, in the style of its last; none at the ends; neighbours of one style joined."""
    spans: list[Span] = []
    for text, style in line:
        text = " ".join(f"|{text}|".split())[1:-1]  # noqa: PLW2901 - bars, so that blanks at the ends stay
        if text.startswith(" "):
            _drop_last_blank(spans)
            text = text if spans else text[1:]  # noqa: PLW2901
        if spans and spans[-1].style == style:
            spans[-1] = Span(spans[-1].text + text, style)
        elif text:
            spans.append(Span(text, style))
    _drop_last_blank(spans)
    return spans


def _drop_last_blank(spans: list[Span]) -> None:
    if spans and spans[-1].text.endswith(" "):
        text, style = spans.pop()
        if len(text) > 1:
            spans.append(Span(text[:-1], style))


def _rows(text: str, first: int, others: int) -> Iterator[tuple[int, int]]:
    """Where each row of a text begins and ends, the first in so many cells; the blank at a break belongs to none."""
    reach = _reach(text)
    inside = _inside_words(text, max(1, others), reach)
    start, room = 0, first
    while (end := reach(start, room)) < len(text):
        stop = max(text.rfind(" ", start, end + 1), start)
        if inside:
            stop = max([stop, *(at for at in inside if at <= end)])
        if stop == start:  # not one word: then the row is as wide as that is
            stop = min(at for at in (text.find(" ", start), *inside, len(text)) if at > start)
            if stop == len(text):
                break
        yield start, stop
        start, room = stop + text.startswith(" ", stop), others
    yield start, len(text)


def _reach(text: str) -> Callable[[int, int], int]:
    """A function (start, cells): where that which has room ends; what takes no cell goes with the sign before it."""
    if _is_one_cell_each(text):
        return lambda start, room: start + max(0, room)
    ends = list(itertools.accumulate(map(_sign_cells, text), initial=0))
    return lambda start, room: bisect.bisect_right(ends, ends[start] + max(0, room)) - 1


def _inside_words(text: str, width: int, reach: Callable[[int, int], int]) -> list[int]:
    """Where words are broken that are wider than a row."""
    breaks, stop, words = list[int](), -1, text.split(" ")
    if 2 * max(map(len, words)) <= width:
        return breaks
    for word in words:
        at, stop = stop + 1, stop + 1 + len(word)
        while 2 * (stop - at) > width and (at := max(reach(at, width), at + 1)) < stop:  # a sign has two cells at most
            breaks.append(at)
    return breaks


def _pieces(spans: Sequence[Span], rows: Iterable[tuple[int, int]]) -> Iterator[Line]:
    """The spans of each row of their text."""
    left, begin = iter(spans), 0
    text, style = next(left, Span(""))
    for start, stop in rows:
        row = []
        while begin < stop:
            if piece := text[max(0, start - begin) : stop - begin]:
                row.append(Span(piece, style))
            if begin + len(text) > stop:
                break
            begin += len(text)
            text, style = next(left, Span(""))
        yield tuple(row)


def _indented(row: Line, indent: str) -> Line:
    if row and not row[0].style:
        return (Span(indent + row[0].text), *row[1:])
    return (Span(indent), *row)


def in_two_columns(left: Sequence[Line], right: Sequence[Line], width: int, gutter: str = "   ") -> list[Line]:
    """Two columns of lines, each ``width`` wide."""
    rows = []
    for at in range(max(len(left), len(right))):
        one = left[at] if at < len(left) else ()
        two = right[at] if at < len(right) else ()
        rows.append((*padded(one, width), Span(gutter), *two))
    return rows


def two_texts(left: Sequence[str], right: Sequence[str], width: int, gutter: str = "   ") -> list[str]:
    """The same of rows without styles, without blanks at their ends."""
    rows = itertools.zip_longest(left, right, fillvalue="")
    return [f"{one}{' ' * (width - cells(one))}{gutter}{two}".rstrip() for one, two in rows]


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
