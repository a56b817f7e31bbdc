"""The block before a text: YAML between ``---`` lines, TOML between ``+++`` lines, all values as texts. Pure."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.reading.yaml_text import NotPlainError, UnreadableError, Value, load

if TYPE_CHECKING:
    from collections.abc import Callable

_DEEPEST: Final = 8
_MOST_DOTS: Final = 100
_NESTED: Final = ("params", "extra", "taxonomies")
"""Tables in which Hugo and Zola keep fields of an article."""
_UNQUOTED: Final = re.compile(
    r"""^([\w@.-]{1,200}[ \t]*:[ \t]+)((?!["'\[{|>&*!]).+|"[^"\n]+".*[^"\n]|'[^'\n]+'.*[^'\n])$""", re.MULTILINE
)
_TABS: Final = re.compile(r"^[\w@.-]{1,200}[ \t]*:[ \t]+", re.MULTILINE)
"""A tab behind a key, which YAML allows and the parser does not take."""
_LINK: Final = re.compile(r"\[\[(?:[^\[\]|]*[|/])?([^\[\]|/]+)\]\]")


class _Form(NamedTuple):
    """A way of writing a block: its first line, its last, how a first key begins there, and its parser."""

    opening: re.Pattern[str]
    closing: re.Pattern[str]
    key: re.Pattern[str]
    parse: Callable[[str], dict[str, Value]]


@dataclass(frozen=True, slots=True)
class Fronted:
    """A text without its front matter, the fields in it, and the block itself if it could not be understood."""

    text: str
    fields: dict[str, Value] = field(default_factory=dict)
    block: str = ""
    fault: str = ""


def split(text: str, longest: int) -> Fronted:
    """Part a text from its front matter: a first line ``---`` or ``+++``, then up to the next such line.

    ``longest`` is in bytes. Without a second fence, or if no key follows the first, the text merely begins with a rule
    and is left alone. A block that is larger or not plain is left out, with ``fault`` saying why.
    """
    for form in _FORMS:
        opening = form.opening.match(text)
        if opening is None:
            continue
        closing = form.closing.search(text, opening.end())
        if closing is None or not _begins_with_key(text, opening.end(), closing.start(), form):
            return Fronted(text)
        return _parted(text, (opening.end(), closing.start(), closing.end()), longest, form)
    return Fronted(text)


def _begins_with_key(text: str, start: int, end: int, form: _Form) -> bool:
    first = form.key.match(text, start, end)
    return first is not None and (first[1] is not None or first.end() == end)


def _parted(text: str, offsets: tuple[int, int, int], longest: int, form: _Form) -> Fronted:
    start, end, after = offsets
    block = text[start:end]
    if len(block.encode("utf-8", "replace")) > longest:
        return Fronted(text[after:], block=text[start:after], fault=f"it has more than {longest:,} bytes")
    try:
        return Fronted(text[after:], _tidied(form.parse(block.replace("\r\n", "\n"))))
    except NotPlainError as error:
        return Fronted(text[after:], block=text[start:after], fault=str(error))


def yaml_fields(block: str) -> dict[str, Value]:
    """The fields of YAML; where that is none, once more with unquoted values taken to their line's end.

    Tools that print ``title: Harbour: the ferry is back`` without quoting mean it so.

    Raises:
        NotPlainError: what ``load`` raises.
    """
    if not block.strip():
        return {}
    try:
        return load(block)
    except UnreadableError:
        quoted = _UNQUOTED.sub(lambda line: f"{line[1]}'{_doubled(line[2])}'", block)
        quoted = _TABS.sub(lambda line: line[0].replace("\t", " "), quoted)
        if quoted == block:
            raise
        return load(quoted)


def _doubled(value: str) -> str:
    return value.rstrip().replace("'", "''")


def toml_fields(block: str) -> dict[str, Value]:
    """The fields of TOML, dates and numbers as texts.

    Raises:
        NotPlainError: for what is not TOML, and for what is nested deep.
    """
    if any(line.count(".") > _MOST_DOTS for line in block.split("\n")):
        raise NotPlainError(f"a line has more than {_MOST_DOTS} dots")  # the parser takes the square of a dotted key
    try:
        found = tomllib.loads(block)
    except (ValueError, RecursionError) as error:
        raise NotPlainError("it is no TOML") from error
    return {key: _as_text(value, 1) for key, value in found.items()}


def _as_text(value: object, depth: int) -> Value:
    if depth > _DEEPEST:
        raise NotPlainError(f"it is more than {_DEEPEST} deep")
    if isinstance(value, dict):
        return {key: _as_text(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_as_text(item, depth + 1) for item in value]
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else str(value)


def _tidied(fields: dict[str, Value]) -> dict[str, Value]:
    """Without blank values, nested tables of fields brought up, and Obsidian's links by what they show."""
    flat = {key: value for key, value in fields.items() if not (key in _NESTED and isinstance(value, dict))}
    for name in _NESTED:
        inner = fields.get(name)
        if isinstance(inner, dict):
            flat = {**inner, **flat}
    return {key: _unlinked(value) for key, value in flat.items() if value}


def _unlinked(value: Value) -> Value:
    if isinstance(value, str):
        return _LINK.sub(r"\1", value)
    if isinstance(value, dict):
        return {key: _unlinked(item) for key, item in value.items()}
    if len(value) == 1 and isinstance(value[0], list) and len(value[0]) == 1:
        return _unlinked(value[0][0])  # [[a link]] that is not quoted
    return [_unlinked(item) for item in value]


_FORMS: Final = (
    _Form(
        re.compile(r"---[ \t]*\r?(?:\n|\Z)"),
        re.compile(r"^(?:---|\.\.\.)[ \t]*\r?(?:\n|\Z)", re.MULTILINE),
        re.compile(r"""(?:[ \t]*(?:#.*)?\r?\n)*+(["']?[A-Za-z_@][\w.@-]{0,199}["']?[ \t]*:(?=\s|\Z))?"""),
        yaml_fields,
    ),
    _Form(
        re.compile(r"\+\+\+[ \t]*\r?(?:\n|\Z)"),
        re.compile(r"^\+\+\+[ \t]*\r?(?:\n|\Z)", re.MULTILINE),
        re.compile(r"""(?:[ \t]*(?:#.*)?\r?\n)*+(\[|["']?[A-Za-z_@][\w.@-]{0,199}["']?[ \t]*=)?"""),
        toml_fields,
    ),
)
