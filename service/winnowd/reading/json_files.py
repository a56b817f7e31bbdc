"""A file of JSON: lines that are read one by one, or one document, whichever it is. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from winnowd.reading.decoding import as_utf8, wide_encoding
from winnowd.reading.json_documents import document
from winnowd.reading.json_lines import are_lines, lines

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.reading.content import Content, Context
    from winnowd.reading.limits import ReadingLimits
    from winnowd.reading.records import Record

DOCUMENT: Final = "application/json"
LINES: Final = "application/x-ndjson"


def json(content: Content, context: Context) -> Iterator[Record]:
    """The records of JSON Lines, streamed, or of one document.

    Raises:
        RefusedError: INP103-106, 111-113, 117, 118, and what the chunks raise.
    """
    limits = context.limits
    if is_of_lines(content, limits):
        content.media_type = LINES
        return lines(content.chunks, content.head, limits, context.own)
    content.media_type = DOCUMENT
    return document(content.whole(), limits, context.own)


def is_of_lines(content: Content, limits: ReadingLimits) -> bool:
    """Whether a file of JSON is read line by line; its chunks are still to be read after this."""
    wide = wide_encoding(content.head)
    beginning = _up_to(limits.line_bytes, content)
    named = content.media_type == LINES
    return are_lines(beginning if wide is None else as_utf8(beginning, wide), limits, named=named)


def _up_to(longest: int, content: Content) -> Iterator[bytes]:
    """The first bytes; behind so many, whatever they are, something is taken to follow."""
    size = 0
    for chunk in content.looked(longest):
        size += len(chunk)
        yield chunk
    if size > longest:
        yield b"."
