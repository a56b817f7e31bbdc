"""The block between ``---`` lines before a text: an own parser that knows strings only, never YAML. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

_FENCE: Final = re.compile(r"---[ \t]*\r?(?:\n|\Z)")
_LATER_FENCE: Final = re.compile(r"^---[ \t]*\r?$\n?", re.MULTILINE)
_KEY: Final = re.compile(r"([A-Za-z_@][\w.@-]{0,199})[ \t]*:(?:[ \t]+(.*)|)$")
_ITEM: Final = re.compile(r"[ \t]*-[ \t]+(.*)$")
_ESCAPE: Final = re.compile(r'\\(["\\/nt])')
_ESCAPED: Final = {"n": "\n", "t": "\t"}
_NOT_PLAIN: Final = tuple("!&*|>%@`{}'\"")

Value = str | list[str]


class NotPlainError(ValueError):
    """The block is not made of ``key: value`` lines; the message names the line, never its content."""


@dataclass(frozen=True, slots=True)
class Fronted:
    """A text without its front matter, the fields in it, and the block itself if it could not be understood."""

    text: str
    fields: dict[str, Value] = field(default_factory=dict)
    block: str = ""
    fault: str = ""


def split(text: str, longest: int) -> Fronted:
    """Part a text from its front matter: a first line ``---``, then up to the next ``---``.

    ``longest`` is in bytes. Without a second fence, or if what follows the first is no ``key:`` line, the text merely
    begins with a rule and is left alone. A block that is larger or not plain is left out, with ``fault`` saying why.
    """
    opening = _FENCE.match(text) if text.startswith("---") else None
    if opening is None:
        return Fronted(text)
    lines: list[str] = []
    at = opening.end()
    while (end := text.find("\n", at)) >= 0 or at < len(text):
        line = text[at : end if end >= 0 else len(text)].rstrip("\r")
        at = end + 1 if end >= 0 else len(text)
        if line.rstrip() == "---":
            return _parted(text, opening.end(), at, lines)
        lines.append(line)
        if at - opening.end() > longest:
            return _too_large(text, opening.end(), at, lines, longest)
    return Fronted(text)


def _parted(text: str, start: int, end: int, lines: list[str]) -> Fronted:
    if not _begins_with_key(lines):
        return Fronted(text)
    try:
        return Fronted(text[end:], parse(lines))
    except NotPlainError as error:
        return Fronted(text[end:], block=text[start:end], fault=str(error))


def _too_large(text: str, start: int, at: int, lines: list[str], longest: int) -> Fronted:
    """A block that ends beyond the largest size; one that never ends is prose after a rule."""
    fence = _LATER_FENCE.search(text, at) if _begins_with_key(lines) else None
    if fence is None:
        return Fronted(text)
    block = text[start : fence.end()]
    return Fronted(text[fence.end() :], block=block, fault=f"it has more than {longest:,} bytes")


def _begins_with_key(lines: list[str]) -> bool:
    first = next((line for line in lines if line.strip() and not line.lstrip().startswith("#")), None)
    return first is None or _KEY.match(first) is not None


def parse(lines: list[str]) -> dict[str, Value]:
    """The fields of a block's lines: ``key: value``, ``key: [a, b]``, and ``- item`` lines below a bare ``key:``.

    Raises:
        NotPlainError: for anything else, and for a key that stands twice.
    """
    fields: dict[str, Value] = {}
    items: list[str] | None = None
    for number, line in enumerate(lines, start=2):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if items is not None and (item := _ITEM.match(line)):
            items.append(_scalar(item[1], number))
            continue
        key, value = _entry(line, number)
        if key in fields:
            raise NotPlainError(f"line {number} has a key that stood before")
        items = None
        if value:
            fields[key] = _value(value, number)
        else:
            fields[key] = items = []
    return {key: value for key, value in fields.items() if value}


def _entry(line: str, number: int) -> tuple[str, str]:
    match = _KEY.match(line)
    if match is None:
        raise NotPlainError(f"line {number} is no `key: value`")
    return match[1], (match[2] or "").strip()


def _value(value: str, number: int) -> Value:
    if value.startswith("["):
        if not value.endswith("]"):
            raise NotPlainError(f"line {number} has a list without its end")
        return [_scalar(item, number) for item in value[1:-1].split(",") if item.strip()]
    return _scalar(value, number)


def _scalar(value: str, number: int) -> str:
    """One string, its quotes taken off; tags, anchors, aliases, maps and folded text are not plain."""
    value = value.strip()
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"":
        inner = value[1:-1]
        return _ESCAPE.sub(lambda match: _ESCAPED.get(match[1], match[1]), inner) if value[0] == '"' else inner
    if value.startswith(_NOT_PLAIN):
        raise NotPlainError(f"line {number} has a value that is no plain text")
    return value
