"""The names under which a record may bring a field, and which of several is taken (docs/design/reading.md). Pure."""

from __future__ import annotations

import html
import json
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from winnowd.reading.dates import moment
from winnowd.reading.name_table import NAMES, TABLE, steps_of, value_at
from winnowd.reading.shapes import is_nothing, kind_of, shaped

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from winnowd.reading.name_table import Step

SERVICE_FIELDS: Final = frozenset(
    {
        *("id", "provenance", "notes", "measures", "pii"),
        *("detected_language", "detected_language_confidence", "language_confidence"),
    }
)
"""What only the service writes: dropped if a record brings it."""

Fields: TypeAlias = "Mapping[str, str]"
"""A feed's own mapping: field to the path at which its records bring it."""

_LOWER_RANK: Final = 100
_INNER_RANK: Final = 1_000
_LAST_RANK: Final = 10_000
_DEEPEST: Final = 3
_MOST_EXTRA: Final = 100
_LONGEST_KEY: Final = 200
LONGEST_EXTRA: Final = 10_000
_LARGEST_INT: Final = 1 << 63
_TDM: Final = frozenset({"tdm-reservation", "tdm-policy"})
_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]{0,1000}>")
_MARKUP: Final = re.compile(_TAG.pattern + r"|&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});")
_BLOCK: Final = re.compile(r"</?(?:p|div|br|li|ul|ol|h[1-6]|tr|td)\b[^<>]{0,1000}>", re.IGNORECASE)
_PLAIN: Final = frozenset({"title", "subtitle", "description"})
_ONE_TEXT: Final = 0.8


class _Row(NamedTuple):
    """A name of a field: its rank among the others, and the steps that lead on from its first key."""

    owner: str
    rank: int
    path: str
    steps: tuple[Step, ...]


def _rows() -> dict[str, list[_Row]]:
    """The rows of all fields by the first key of their paths; those that lead further in come first."""
    rows: dict[str, list[_Row]] = {}
    for owner, names in NAMES.items():
        for rank, path in enumerate(names):
            first, *steps = steps_of(path) or (path,)
            rows.setdefault(str(first), []).append(_Row(owner, rank, path, tuple(steps)))
    return {key: sorted(found, key=lambda row: not row.steps) for key, found in rows.items()}


_EXACT: Final = _rows()
_SEPARATORS: Final = str.maketrans("", "", " -_")


def _closed_up(key: str) -> str:
    """A key in lower case and one word: ``Article Body``, ``article_body`` and ``articleBody`` are one name."""
    return key.lower().translate(_SEPARATORS)


_LOWER: Final[Mapping[str, str]] = {_closed_up(name): name for name in _EXACT}
_DATES: Final = frozenset({"published_at", "modified_at"})
_TERMS: Final = ("tags", "categories")
_OPT_OUT: Final = "tdm_opt_out"
_FIRST_NAME: Final = NAMES["text"][0]
"""The name of most texts, which comes before all others."""
_TEXT_KEYS: Final = frozenset(key for key, rows in _EXACT.items() if any(row.owner == "text" for row in rows))
_LONGEST_NAME: Final = max(map(len, _LOWER))
_CONTAINERS: Final = frozenset(TABLE["containers"])
_NOT_MAPPED: Final = SERVICE_FIELDS | _TDM | {_OPT_OUT}


@dataclass(slots=True)
class Mapped:
    """A record by the schema's names.

    ``found_at``: of each field the path at which it stood. ``texts`` are other texts than the first, by name;
    ``others`` the names of fields that came twice and differ; ``service`` what was dropped; ``surplus`` the keys that
    are too many or too large to be kept; ``nothing`` the fields that came with a word for nothing.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    found_at: dict[str, str] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, Any] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    service: list[str] = field(default_factory=list)
    surplus: list[str] = field(default_factory=list)
    nothing: set[str] = field(default_factory=set)


class _Claim(NamedTuple):
    """A value that a record brings for a field: its rank, the path at which it stands, the last key of that."""

    owner: str
    rank: int
    path: str
    key: str
    value: Any


def mapped(record: Mapping[str, Any]) -> Mapped:
    """Bring a record's names to the schema's: exact ones first, then by letters alone; unknown ones go to ``extra``."""
    result = Mapped(service=[key for key in record if key in SERVICE_FIELDS])
    tdm = {key.removeprefix("tdm-"): record[key] for key in _TDM if key in record}
    if _OPT_OUT in record:
        tdm.setdefault("reservation", record[_OPT_OUT])
    rest = {key: record[key] for key in record if key not in _NOT_MAPPED}
    ids = {key: rest.pop(key) for key in _TERMS if _are_ids(record, key)}
    claims, left = _claimed(rest, result.nothing)
    left |= ids
    if tdm:
        claims.append(_Claim("tdm", 1, "tdm-reservation", "tdm-reservation", {**tdm, "source": "record"}))
    for key, value in left.items():
        _keep(result, key, value)
    for owner in dict.fromkeys(claim.owner for claim in claims):
        _settle(result, owner, sorted((one for one in claims if one.owner == owner), key=lambda one: one.rank))
    return result


def _are_ids(record: Mapping[str, Any], key: str) -> bool:
    """Whether a record of WordPress REST, whose title is ``rendered``, names its terms by their numbers there."""
    value, title = record.get(key), record.get("title")
    numbers = isinstance(value, list) and all(type(one) is int for one in value)
    return numbers and isinstance(title, dict) and "rendered" in title


def is_name(key: str) -> bool:
    """Whether a key is the beginning of a field's name, or a container's."""
    return _name_of(key) != "" or key in _CONTAINERS


def text_of(record: Mapping[str, Any]) -> tuple[str, Any] | None:
    """The key under which this record brings its text, and the text; None if it brings none.

    Put under the same key into the record itself, another text takes its place.
    """
    if isinstance(text := record.get(_FIRST_NAME), str) and text and not text.isspace():
        return _FIRST_NAME, text
    first = min(_texts(record), key=lambda claim: claim.rank, default=None)
    return None if first is None else (first.key, first.value)


def _texts(record: Mapping[str, Any], depth: int = 0) -> Iterator[_Claim]:
    """What a record and its containers bring as its text."""
    for key, value in record.items():
        if key in _CONTAINERS and isinstance(value, dict) and depth < _DEEPEST:
            for inner in _texts(value, depth + 1):
                yield inner._replace(rank=inner.rank + _INNER_RANK)
        elif _name_of(key) in _TEXT_KEYS:
            yield from (claim for claim in _claims_of(key, value) if claim.owner == "text")


def brings_text(record: Mapping[str, Any], own: Fields) -> bool:
    """Whether a record has a text, by a feed's own names or by those that all use."""
    _, text = text_of(renamed(record, own)) or ("", None)
    return isinstance(text, str)


def renamed(record: Mapping[str, Any], own: Fields) -> Mapping[str, Any]:
    """A record in which what a feed's own paths reach stands under its fields' names; a text found so has no rival."""
    found: dict[str, Any] = {}
    left = record
    for name, path in own.items():
        steps = (path,) if path in record else steps_of(path) or ()
        value = value_at(record, steps)
        if not _absent(value):
            found[name] = value
            left = _without(left, steps)
    rivals = NAMES["text"] if "text" in found else ()
    return {**{key: value for key, value in left.items() if key not in rivals}, **found} if found else record


def _without(record: Mapping[str, Any], steps: Sequence[Step]) -> Mapping[str, Any]:
    """A record without what a path reaches; of a list all goes, and what is empty then goes too."""
    first, rest = steps[0], steps[1:]
    inner = record.get(str(first))
    inner = _without(inner, rest) if rest and isinstance(rest[0], str) and isinstance(inner, dict) else None
    return {key: inner if key == first else value for key, value in record.items() if key != first or inner}


def _claimed(
    record: Mapping[str, Any], nothing: set[str], above: str = "", depth: int = 0
) -> tuple[list[_Claim], dict[str, Any]]:
    """All that a record brings for fields, and what is nobody's; what containers hold comes last.

    The fields that came with a word for nothing are added to ``nothing``.
    """
    claims: list[_Claim] = []
    left: dict[str, Any] = {}
    for key, value in record.items():
        if key in _CONTAINERS and isinstance(value, dict) and depth < _DEEPEST:
            inner, rest = _claimed(value, nothing, f"{above}{key}.", depth + 1)
            claims += [claim._replace(rank=claim.rank + _INNER_RANK) for claim in inner]
            left |= {key: rest} if rest else {}
        elif (name := _name_of(key)) and is_nothing(value) and (owner := _owner(name)):
            nothing.add(owner)
        elif name and (found := _claims_of(key, value)):
            claims += [claim._replace(path=above + claim.path) for claim in found]
        elif not _absent(value):
            left[key] = value
    return claims, left


def _name_of(key: str) -> str:
    """The name that a key is, exactly or but for its case and blanks; "" if it is none."""
    if key in _EXACT:
        return key
    return _LOWER.get(_closed_up(key), "") if len(key) <= _LONGEST_NAME else ""


def _owner(name: str) -> str:
    """The field whose name this is, but for the text; "" if it is nobody's."""
    return next((row.owner for row in _EXACT[name] if row.owner != "text" and not row.steps), "")


def _claims_of(key: str, value: object) -> list[_Claim]:
    """What a value claims to be, by its key: as a whole one field, by its parts one or more; none if it is nobody's.

    A text that is none comes after all others.
    """
    claims: dict[str, _Claim] = {}
    name = _name_of(key)
    rank = 0 if name == key else _LOWER_RANK
    for row in _EXACT.get(name, ()):
        if claims and (row.owner in claims or not row.steps):
            continue
        found = _bare(row.owner, value_at(value, row.steps))
        if not _absent(found) and _may_be(row, found):
            last = _LAST_RANK if row.owner == "text" and not isinstance(found, str) else 0
            claims[row.owner] = _Claim(row.owner, rank + row.rank + last, key + row.path[len(name) :], key, found)
    return list(claims.values())


def _may_be(row: _Row, value: object) -> bool:
    """Whether a value under a name of two meanings is of this field: an address, a kind that is known."""
    if row.path == "source":
        return (row.owner == "url") == _is_address(value)
    return row.owner != "kind" or row.rank == 0 or kind_of(value) is not None


def _bare(owner: str, value: object) -> object:
    """A value out of the objects that stand for it; of a text in pieces all, a paragraph each; of a title no markup."""
    for _ in range(_DEEPEST):
        form = next((form for form in TABLE["values"] if form in value), None) if isinstance(value, dict) else None
        if form is None:
            break
        value = value[form]  # type: ignore[index] # it is a dict
    if owner == "text" and isinstance(value, list):
        parts = [part for one in value if (part := _bare(owner, _of_block(one))) not in ("", [])]
        if parts and all(isinstance(part, str) for part in parts):
            return "\n\n".join(parts)  # type: ignore[arg-type]
    if owner in _PLAIN and isinstance(value, str) and _MARKUP.search(value):
        return " ".join(html.unescape(html.unescape(_TAG.sub("", _BLOCK.sub(" ", value)))).split())
    return value


def _of_block(value: object) -> object:
    """The text of a block as editors write it: ``{"type": "paragraph", "text": ..}``; anything else as it is."""
    return (
        value["text"]
        if isinstance(value, dict) and value.keys() >= {"type", "text"} and "title" not in value
        else value
    )


def _absent(value: object) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    return value is None or value in ([], {}) or (isinstance(value, str) and not value.strip())


def _is_address(value: object) -> bool:
    return isinstance(value, str) and value.lstrip().lower().startswith(("http://", "https://"))


def _settle(result: Mapped, owner: str, rivals: list[_Claim]) -> None:
    """Take the first; what differs from it is a conflict, kept in ``extra`` unless it is a text."""
    value = shaped(owner, rivals[0].value)
    result.fields[owner] = value
    result.found_at[owner] = rivals[0].path
    differing = [rival for rival in rivals[1:] if not _is_same(owner, shaped(owner, rival.value), value)]
    if owner == "text":
        words = _words(value)
        result.texts = {rival.path: rival.value for rival in differing if not _are_one_text(words, rival.value)}
        return
    for rival in differing:
        result.others.append(owner)
        _keep(result, rival.path, rival.value)


def _is_same(owner: str, value: object, other: object) -> bool:
    """Whether two values of a field are one; of a date, whether both are of one day, however they are written."""
    if value == other or owner not in _DATES:
        return value == other
    days = {str(read.value)[:10] if (read := moment(one)) is not None else "" for one in (value, other)}
    return len(days) == 1 and days != {""}


def _words(text: object) -> frozenset[str]:
    return frozenset(_TAG.sub(" ", text).split()) if isinstance(text, str) else frozenset()


def _are_one_text(words: frozenset[str], other: object) -> bool:
    """Whether a text of these words and another are one in two forms (markup, line ends, its beginning): few differ."""
    others = _words(other)
    return len(words & others) >= _ONE_TEXT * max(1, min(len(words), len(others)))


def _keep(result: Mapped, key: str, value: object) -> None:
    """Put an unknown value into ``extra``: scalars as they are, anything nested as JSON."""
    if len(key) <= _LONGEST_KEY and key.isprintable() and len(result.extra) < _MOST_EXTRA:
        scalar = _scalar(value)
        if not isinstance(scalar, str) or len(scalar) <= LONGEST_EXTRA:
            result.extra[key] = scalar
            return
    result.surplus.append(key)


def _scalar(value: object) -> str | int | float | bool | None:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, int):
        return value if abs(value) < _LARGEST_INT else str(value)
    if value is None or isinstance(value, float):
        return value
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
