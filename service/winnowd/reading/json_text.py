"""JSON read strictly: bounded depth without recursion, no key twice unseen (docs/design/reading.md). Pure."""

from __future__ import annotations

import json
import math
import re
from typing import Any, Final

import numpy as np

from winnowd.reading.records import RefusedError, beyond, refused

_BLANK: Final = re.compile(r"[ \t\n\r]*")
_LONGEST_INTEGER: Final = 4_300
_ESCAPE: Final = re.compile(rb"\\.", re.DOTALL)
_STRING: Final = re.compile(rb'"[^"]*+"?')
_NO_BRACKET: Final = bytes(set(range(0x100)) - set(b"[]{}"))
_DEEPEST_EVER: Final = 200
_PIECE: Final = 1 << 20


def _float(literal: str) -> float | None:
    """A number; one beyond all numbers is null, as Infinity is."""
    value = float(literal)
    return value if math.isfinite(value) else None


def _int(literal: str) -> int | None:
    """An integer; one of more digits than Python takes is null."""
    return int(literal) if len(literal) <= _LONGEST_INTEGER else None


class Strict:
    """One parser of JSON; ``twice`` holds the keys that stood more than once in what was parsed last.

    Of a key that stands twice the first value is kept; NaN, Infinity, and numbers too large to be held are null.
    ``lines_before`` are those of the file before the text.
    """

    def __init__(self) -> None:
        self.twice: list[str] = []
        self.lines_before = 0
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_constant=lambda _: None,
            parse_float=_float,
            parse_int=_int,
            strict=True,
        )

    def at(self, text: str, index: int) -> tuple[Any, int]:
        """Parse the value that begins at an index; gives it and the index after it. Its depth must be checked before.

        Raises:
            RefusedError: INP111, naming line and column.
        """
        self.twice = []
        try:
            return self._decoder.raw_decode(text, index)
        except json.JSONDecodeError as error:
            raise self.invalid(error.msg, text, error.pos) from None

    def whole(self, text: str) -> object:
        """Parse a text that is one value and nothing else.

        Raises:
            RefusedError: INP111.
        """
        value, end = self.at(text, after_blanks(text, 0))
        end = after_blanks(text, end)
        if end < len(text):
            raise self.invalid("something follows its end", text, end)
        return value

    def invalid(self, what: str, text: str, index: int) -> RefusedError:
        """INP111 at a place, by line of the file and column, from 1."""
        line = self.lines_before + text.count("\n", 0, index) + 1
        column = index - text.rfind("\n", 0, index)
        return refused("INP111", f"{_plainly(what)}: line {line:,}, column {column:,}")

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        fields = dict(pairs)
        if len(fields) < len(pairs):
            fields = {}
            for key, value in pairs:
                if key in fields:
                    self.twice.append(key)
                else:
                    fields[key] = value
        return fields


def after_blanks(text: str, index: int) -> int:
    """The index of the first character from here that is no blank."""
    match = _BLANK.match(text, index)
    return index if match is None else match.end()


def _plainly(message: str) -> str:
    """A parser's message without what it may quote of the input."""
    return message.partition(": ")[0].removesuffix(":").removesuffix(" at").removesuffix(" starting")


def check_depth(text: str, deepest: int) -> None:
    """Count brackets outside strings, as far as the text is JSON; no recursion, linear.

    Whatever ``deepest`` allows, 200 is the end: parsing and naming recurse.

    Raises:
        RefusedError: INP113.
    """
    deepest = min(deepest, _DEEPEST_EVER)
    if text.count("[") + text.count("{") <= deepest:
        return
    plain = text.encode("utf-8", "replace")
    if b"\\" in plain:
        plain = _ESCAPE.sub(b"", plain)
    brackets = _STRING.sub(b"", plain).translate(None, _NO_BRACKET)
    level = 0
    for start in range(0, len(brackets), _PIECE):
        piece = np.frombuffer(brackets, np.uint8, min(_PIECE, len(brackets) - start), start)
        levels = np.where((piece == ord("[")) | (piece == ord("{")), 1, -1).cumsum() + level
        if int(levels.max()) > deepest:
            raise beyond("INP113", "depth", int(levels.max()), deepest, f"nested deeper than {deepest}")
        level = int(levels[-1])
