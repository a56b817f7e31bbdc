"""The names under which a record may bring a field, and which of several is taken (docs/design/reading.md). Pure."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from winnowd.reading.shapes import is_nothing, kind_of, shaped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

NAMES: Final[Mapping[str, str]] = {
    "text": "text body content articleBody article_text maintext full_text raw_text",
    "title": "title headline name headlines",
    "subtitle": "subtitle alternativeHeadline standfirst",
    "description": "description excerpt summary abstract dek descriptions",
    "authors": "authors author creator byline by people",
    "publisher": "publisher sitename outlet source_domain hostname organisations source",
    "url": "url link permalink source_url uri source",
    "canonical_url": "canonical_url canonicalURL canonical mainEntityOfPage",
    "published_at": (
        "published_at datePublished date_publish publish_date publishDate published date pubDate firstcreated"
    ),
    "modified_at": "modified_at dateModified date_modify modified updated lastmod last_modified_at versioncreated",
    "language": "language lang inLanguage",
    "section": "section articleSection category",
    "tags": "tags keywords subjects topics categories",
    "kind": "kind genre pagetype @type",
    "licence": "licence license rights license_url",
    "usage_terms": "usage_terms usageInfo",
    "copyright_holder": "copyright_holder copyrightHolder",
    "accessible_for_free": "accessible_for_free isAccessibleForFree",
    "tdm": "tdm",
    "synthetic": "synthetic ai_generated is_synthetic",
}
"""Each field's own name and its other names, in the order in which the first that is present wins."""

SERVICE_FIELDS: Final = frozenset(
    {
        *("id", "provenance", "notes", "measures", "pii"),
        *("detected_language", "detected_language_confidence", "language_confidence"),
    }
)
"""What only the service writes: dropped if a record brings it."""

_LOWER_RANK: Final = 100
_MOST_EXTRA: Final = 100
_LONGEST_KEY: Final = 200
LONGEST_EXTRA: Final = 10_000
_LARGEST_INT: Final = 1 << 63


def _first_of(inner: str) -> Callable[[Any], Any]:
    """IPTC ninjs: the first of a list of objects, and of it one field."""
    return lambda value: (
        value[0].get(inner) if value and isinstance(value, list) and isinstance(value[0], dict) else None
    )


_UNWRAP: Final[Mapping[str, Callable[[Any], Any]]] = {
    "headlines": _first_of("value"),
    "descriptions": _first_of("value"),
    "organisations": _first_of("name"),
    "mainEntityOfPage": lambda value: value.get("@id") if isinstance(value, dict) else value,
    **dict.fromkeys(("genre", "pagetype", "@type"), kind_of),
}

_EXACT: Final[Mapping[str, list[tuple[str, int]]]] = {
    name: [(owner, names.split().index(name)) for owner, names in NAMES.items() if name in names.split()]
    for name in {name for names in NAMES.values() for name in names.split()}
}
_LOWER: Final[Mapping[str, str]] = {name.lower(): name for name in _EXACT}


_TEXT_NAMES: Final = [name.lower() for name in NAMES["text"].split()]


@dataclass(slots=True)
class Mapped:
    """A record by the schema's names.

    ``texts`` are other texts than the first, by name; ``others`` the names of fields that came twice and differ;
    ``service`` what was dropped; ``surplus`` the keys that are too many or too large to be kept; ``nothing`` the fields
    that came with a word for nothing.
    """

    fields: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)
    texts: dict[str, Any] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    service: list[str] = field(default_factory=list)
    surplus: list[str] = field(default_factory=list)
    nothing: set[str] = field(default_factory=set)


def mapped(record: Mapping[str, Any]) -> Mapped:
    """Bring a record's names to the schema's: exact names first, then lower-case ones; unknown ones go to ``extra``."""
    result = Mapped()
    claims: dict[str, list[tuple[int, str, Any]]] = {}
    tdm: dict[str, Any] = {}
    for key, value in record.items():
        if key in SERVICE_FIELDS:
            result.service.append(key)
        elif key in {"tdm-reservation", "tdm-policy"}:
            tdm[key.removeprefix("tdm-")] = value
        elif key == "tdm_opt_out":
            tdm.setdefault("reservation", value)
        elif not _claim(key, value, claims, result.nothing) and not _absent(value):
            _keep(result, key, value)
    if tdm:
        claims.setdefault("tdm", []).append((1, "tdm-reservation", {**tdm, "source": "record"}))
    for owner, rivals in claims.items():
        _settle(result, owner, sorted(rivals, key=lambda rival: rival[0]))
    return result


def text_name(record: Mapping[str, Any]) -> str | None:
    """The name under which this record brings its text; None if it brings none."""
    present = [key for key, value in record.items() if key.lower() in _TEXT_NAMES and not _absent(value)]
    return min(present, key=lambda key: (key not in _EXACT, _TEXT_NAMES.index(key.lower())), default=None)


def _absent(value: object) -> bool:
    if isinstance(value, float):
        return not math.isfinite(value)
    return value is None or value in ([], {}) or (isinstance(value, str) and not value.strip())


def _claim(key: str, value: object, claims: dict[str, list[tuple[int, str, Any]]], nothing: set[str]) -> bool:
    """Enter a value for the field whose name this is; False if it is nobody's. A word for nothing is entered there."""
    rank, name = (0, key) if key in _EXACT else (_LOWER_RANK, _LOWER.get(key.lower(), ""))
    for owner, rank in _EXACT.get(name, ()):
        if name == "source" and (owner == "url") != _is_address(value):
            continue
        if owner != "text" and is_nothing(value):
            nothing.add(owner)
            return True
        unwrapped = _UNWRAP[name](value) if name in _UNWRAP else value
        if not _absent(unwrapped):
            claims.setdefault(owner, []).append((rank + rank, key, unwrapped))
            return True
    return False


def _is_address(value: object) -> bool:
    return isinstance(value, str) and value.lstrip().lower().startswith(("http://", "https://"))


def _settle(result: Mapped, owner: str, rivals: list[tuple[int, str, Any]]) -> None:
    """Take the first; what differs from it is a conflict, kept in ``extra`` unless it is a text."""
    value = shaped(owner, rivals[0][2])
    result.fields[owner] = value
    differing = [(key, other) for _, key, other in rivals[1:] if shaped(owner, other) != value]
    if owner == "text":
        result.texts = dict(differing)
        return
    for key, other in differing:
        result.others.append(owner)
        _keep(result, key, other)


def _keep(result: Mapped, key: str, value: object) -> None:
    """Put an unknown value into ``extra``: scalars as they are, anything nested as JSON."""
    scalar = _scalar(value)
    fits = len(key) <= _LONGEST_KEY and key.isprintable() and len(result.extra) < _MOST_EXTRA
    if fits and (not isinstance(scalar, str) or len(scalar) <= LONGEST_EXTRA):
        result.extra[key] = scalar
    else:
        result.surplus.append(key)


def _scalar(value: object) -> str | int | float | bool | None:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, int):
        return value if abs(value) < _LARGEST_INT else str(value)
    if value is None or isinstance(value, float):
        return value
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode()
