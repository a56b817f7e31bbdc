"""Records out of what lies around them in JSON: lists in an object, tables by columns (``shapes.toml``). Pure."""

from __future__ import annotations

import itertools
import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.reading.json_text import after_blanks
from winnowd.reading.name_table import EACH_MEMBER, TABLE, steps_of
from winnowd.reading.names import brings_text, is_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from winnowd.reading.json_text import Strict
    from winnowd.reading.name_table import Step
    from winnowd.reading.names import Fields


_PATHS: Final[Mapping[str, tuple[Step, ...]]] = {
    shape: steps_of(shape) or () for kind in ("wrappers", "among_others") for shape in TABLE[kind]
}


class Part(NamedTuple):
    """One record out of its wrapper: its value, its bytes, and the shape of what it stood in."""

    value: object
    raw: bytes
    shape: str


def wrappers_of(value: Mapping[str, Any], own: Fields, most: int) -> list[str]:
    """The shapes that an object is of; none if it is a record itself, or brings no text in its first ``most`` parts."""
    if not any(isinstance(one, dict | list) for one in value.values()) or brings_text(value, own):
        return []

    def has_text(records: Iterator[object]) -> bool:
        return any(isinstance(one, dict) and brings_text(one, own) for one in itertools.islice(records, most))

    found = [shape for shape in TABLE["wrappers"] if has_text(_reached(value, _PATHS[shape]))]
    found = [shape for shape in found if shape != EACH_MEMBER] or found  # a member by its name is one of each, too
    found = found or [shape for shape in TABLE["among_others"] if has_text(_reached(value, _PATHS[shape]))][:1]
    return found or [shape for shape in TABLE["frames"] if has_text(_FRAMES[shape](value))][:1]


def parts(
    value: Mapping[str, Any], shapes: Sequence[str], position: tuple[Strict, str, int], own: Fields
) -> Iterator[Part]:
    """The records in an object of these shapes; ``position``: the parser, the text, and where in it the object begins.

    After each the parser tells of its keys that stood twice.
    """
    strict, text, index = position
    for shape in shapes:
        if shape in _FRAMES:
            for row in _FRAMES[shape](value):
                yield Part(row, json.dumps(row, ensure_ascii=False).encode("utf-8", "surrogatepass"), shape)
            continue
        for begin in _positions(strict, text, index, _PATHS[shape]):
            one, end = strict.at(text, begin)
            if shape in TABLE["among_others"] and not (isinstance(one, dict) and brings_text(one, own)):
                continue
            yield Part(one, text[begin:end].encode("utf-8", "surrogatepass"), shape)


def _reached(value: object, steps: Sequence[Step]) -> Iterator[object]:
    """The values that a path reaches; the members of an object only where all are objects, under names of no field."""
    if not steps:
        yield value
        return
    step, rest = steps[0], steps[1:]
    inner: list[object] = []
    if step is None and isinstance(value, list):
        inner = value
    elif step == EACH_MEMBER and isinstance(value, dict):
        by_label = all(isinstance(one, dict) and not is_name(key) for key, one in value.items())
        inner = list(value.values()) if by_label else []
    elif isinstance(value, dict) and step in value:
        inner = [value[step]]
    for one in inner:
        yield from _reached(one, rest)


def _positions(strict: Strict, text: str, index: int, steps: Sequence[Step]) -> Iterator[int]:
    """Where the values begin that a path reaches from the one at an index, which is known to be JSON."""
    if not steps:
        yield index
        return
    for key, begin in _members(strict, text, index):
        if steps[0] == key or (steps[0] == EACH_MEMBER and key is not None):
            yield from _positions(strict, text, begin, steps[1:])


def _members(strict: Strict, text: str, index: int) -> Iterator[tuple[str | None, int]]:
    """Where the values in a list or an object begin, each with its key; one that stands twice is given twice."""
    opening = text[index]
    if opening not in "[{":
        return
    index = after_blanks(text, index + 1)
    while text[index] not in "]}":
        key = None
        if opening == "{":
            key, end = strict.at(text, index)
            index = after_blanks(text, after_blanks(text, end) + 1)
        yield key, index
        index = after_blanks(text, strict.at(text, index)[1])
        index = after_blanks(text, index + 1) if text[index] == "," else index


def _columns(value: Mapping[str, Any]) -> Iterator[object]:
    columns = list(value.values())
    if all(isinstance(column, dict) and column.keys() == columns[0].keys() for column in columns) and not any(
        map(is_name, columns[0] if columns else ())
    ):
        for label in columns[0] if columns else ():
            yield {name: column[label] for name, column in value.items()}


def _split(value: Mapping[str, Any]) -> Iterator[object]:
    names, rows = value.get("columns"), value.get("data")
    if isinstance(names, list) and isinstance(rows, list) and all(isinstance(name, str) for name in names):
        for row in rows:
            yield dict(zip(names, row, strict=False)) if isinstance(row, list) else row


_FRAMES: Final[Mapping[str, Callable[[Mapping[str, Any]], Iterator[object]]]] = {"columns": _columns, "split": _split}
