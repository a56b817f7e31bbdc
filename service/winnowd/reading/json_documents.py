"""A JSON file: one object, or an array of objects that are read one by one (docs/design/reading.md, "JSON"). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winnowd.reading.decoding import decode
from winnowd.reading.json_text import Strict, after_blanks, check_depth
from winnowd.reading.pages import with_body
from winnowd.reading.records import Record, RefusedError, found, refused, shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.reading.decoding import Decoded
    from winnowd.reading.limits import ReadingLimits

_MOST_KEYS = 20


def document(data: bytes, limits: ReadingLimits) -> Iterator[Record]:
    """The records of a JSON file: one for an object, one for each element of an array.

    An element that is no object is refused alone; a fault of syntax ends the array, what came before it stands.

    Raises:
        RefusedError: INP104-106, 111-113, 117, 118.
    """
    decoded = decode(data)
    text = decoded.text
    check_depth(text, limits.json_depth)
    start = after_blanks(text, 0)
    if text.startswith("[", start):
        yield from _elements(decoded, start + 1, limits)
        return
    strict = Strict()
    value = strict.whole(text)
    if not isinstance(value, dict):
        raise refused("INP112", "it is one JSON value, and no object")
    yield of_object(value, strict, decoded, "json", limits)


def _elements(decoded: Decoded, index: int, limits: ReadingLimits) -> Iterator[Record]:
    text, strict, number = decoded.text, Strict(), 0
    index = after_blanks(text, index)
    if text.startswith("]", index):
        _end(strict, text, index + 1)
        raise refused("INP118", "an empty array")
    while True:
        value, end = strict.at(text, index)
        if number >= limits.records:
            raise refused("INP117", f"more than {limits.records:,} records; the rest is unread")
        raw = text[index:end].encode("utf-8", "surrogatepass")
        if isinstance(value, dict):
            yield of_object(value, strict, decoded, "json", limits, raw)
        else:
            yield Record(None, (found("INP112", f"element {number} is no object"),), parser="json", raw=raw)
        number += 1
        index = after_blanks(text, end)
        if text.startswith("]", index):
            _end(strict, text, index + 1)
            return
        if not text.startswith(",", index):
            raise strict.invalid("no comma, and no end of the array", text, index)
        index = after_blanks(text, index + 1)


def _end(strict: Strict, text: str, index: int) -> None:
    index = after_blanks(text, index)
    if index < len(text):
        raise strict.invalid("something follows its end", text, index)


def of_object(
    fields: dict[str, Any],
    strict: Strict,
    decoded: Decoded,
    parser: str,
    limits: ReadingLimits,
    raw: bytes | None = None,
) -> Record:
    """The record of one object; a text that is made of HTML is read as a page is."""
    findings = decoded.findings
    if strict.twice:
        keys = [shown(key) for key in strict.twice[:_MOST_KEYS]]
        findings += (found("INP114", f"{len(strict.twice)} keys stand twice; the first was taken", keys=keys),)
    try:
        fields, extractor = with_body(fields, limits)
    except RefusedError as error:
        return Record(None, (error.finding, *findings), decoded.notes, decoded.encoding, parser, raw=raw)
    return Record(fields, findings, decoded.notes, decoded.encoding, parser, extractor, raw)
