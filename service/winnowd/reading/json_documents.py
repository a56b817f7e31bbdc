"""A JSON file: objects and arrays of objects, one or more, read one by one (docs/design/reading.md, "JSON"). Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from winnowd.reading.decoding import decode
from winnowd.reading.json_text import Strict, after_blanks, check_depth
from winnowd.reading.records import Record, found, refused, shown
from winnowd.reading.wrappers import parts, wrappers_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from winnowd.reading.decoding import Decoded
    from winnowd.reading.limits import ReadingLimits
    from winnowd.reading.names import Fields

_MOST_KEYS = 20


@dataclass(slots=True)
class Objects:
    """Reads the objects of one file; ``own`` is the mapping of its feed."""

    parser: str
    limits: ReadingLimits
    own: Fields
    strict: Strict = field(default_factory=Strict)

    def records(self, decoded: Decoded, value: object, begin: int, raw: bytes | None) -> Iterator[Record]:
        """The records of a value parsed from ``begin`` on: what it wraps, else itself, whose own bytes are ``raw``.

        What is no object is refused alone.
        """
        if not isinstance(value, dict):
            yield self._record(decoded, value, raw)
            return
        twice = self.strict.twice
        shapes = wrappers_of(value, self.own, self.limits.records)
        for part in parts(value, shapes, (self.strict, decoded.text, begin), self.own):
            yield self._record(decoded, part.value, part.raw, part.shape)
        if not shapes:
            self.strict.twice = twice
            yield self._record(decoded, value, raw)

    def _record(self, decoded: Decoded, value: object, raw: bytes | None, shape: str = "") -> Record:
        if not isinstance(value, dict):
            return Record(None, (found("INP112", "a JSON value, and no object"),), parser=self.parser, raw=raw)
        findings = decoded.findings
        if twice := self.strict.twice:
            keys = [shown(key) for key in twice[:_MOST_KEYS]]
            findings += (found("INP114", f"{len(twice)} keys stand twice; the first was taken", keys=keys),)
        notes, encoding = decoded.notes, decoded.encoding
        return Record(value, findings, notes, encoding, self.parser, raw=raw, shape=shape, may_have_markup=True)


def document(data: bytes, limits: ReadingLimits, own: Fields) -> Iterator[Record]:
    """The records of a JSON file: of each object and each array in it, one behind the other.

    An element that is no object is refused alone; a fault of syntax ends the file, what came before it stands.

    Raises:
        RefusedError: INP104-106, 111-113, 117, 118.
    """
    decoded = decode(data)
    check_depth(decoded.text, limits.json_depth)
    number = 0
    for record in _records(decoded, Objects("json", limits, own)):
        if number >= limits.records:
            raise refused("INP117", f"more than {limits.records:,} records; the rest is unread")
        yield record
        number += 1
    if not number:
        raise refused("INP118", "an empty array")


def _records(decoded: Decoded, objects: Objects) -> Iterator[Record]:
    text, begin = decoded.text, after_blanks(decoded.text, 0)
    alone = True
    while begin < len(text):
        if text.startswith("[", begin):
            begin = _next(objects.strict, text, (yield from _elements(decoded, begin, objects)))
        else:
            value, end = objects.strict.at(text, begin)
            if not isinstance(value, dict):
                raise refused("INP112", "it is one JSON value, and no object")
            after = _next(objects.strict, text, end)
            raw = None if alone and after == len(text) else _bytes(text, begin, end)
            yield from objects.records(decoded, value, begin, raw)
            begin = after
        alone = False


def _next(strict: Strict, text: str, end: int) -> int:
    """Where the next object or array begins behind one; the end of the text, if nothing follows."""
    index = after_blanks(text, end)
    if index < len(text) and text[index] not in "[{":
        raise strict.invalid("something follows its end", text, index)
    return index


def _elements(decoded: Decoded, begin: int, objects: Objects) -> Generator[Record, None, int]:
    """The records of an array, each parsed when its turn comes; gives the index behind it."""
    text, strict = decoded.text, objects.strict
    index = after_blanks(text, begin + 1)
    if text.startswith("]", index):
        return index + 1
    while True:
        value, end = strict.at(text, index)
        yield from objects.records(decoded, value, index, _bytes(text, index, end))
        index = after_blanks(text, end)
        if text.startswith("]", index):
            return index + 1
        if not text.startswith(",", index):
            raise strict.invalid("no comma, and no end of the array", text, index)
        index = after_blanks(text, index + 1)


def _bytes(text: str, begin: int, end: int) -> bytes:
    return text[begin:end].encode("utf-8", "surrogatepass")
