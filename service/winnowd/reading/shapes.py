"""Outside values brought to the type of their field; what does not fit is left for the schema to refuse. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from winnowd.article import Tdm

_TRUTH: Final = {"true": True, "false": False}
_TRUTH_ADDRESS: Final = re.compile(r"https?://schema\.org/(true|false)", re.IGNORECASE)
_KINDS: Final = {
    "newsarticle": "news",
    "reportagenewsarticle": "news",
    "backgroundnewsarticle": "news",
    "askpublicnewsarticle": "news",
    "opinionnewsarticle": "opinion",
    "editorial": "opinion",
    "op-ed": "opinion",
    "column": "opinion",
    "commentary": "opinion",
    "analysisnewsarticle": "analysis",
    "reviewnewsarticle": "review",
    "criticreview": "review",
    "review": "review",
    "liveblogposting": "liveblog",
    "live blog": "liveblog",
    "blogposting": "blog",
    **{kind: kind for kind in ("news", "opinion", "analysis", "liveblog", "wire", "blog", "other")},
}
_NOAI: Final = re.compile(r"\bno(?:image)?ai\b", re.IGNORECASE)
_NO_TRAINING: Final = re.compile(r"\b(?:train-)?ai=n\b", re.IGNORECASE)


def kind_of(value: object) -> str | None:
    """The kind of article that a genre, a page type or a schema.org type means; None for one that tells nothing."""
    for name in value if isinstance(value, list | tuple) else [value]:
        if isinstance(name, str) and (kind := _KINDS.get(name.strip().lower().rpartition("/")[2])):
            return kind
    return None


def _names(value: object, separator: str) -> object:
    """Names in one string, a list of strings, a person or a list of persons, as a tuple of strings."""
    if isinstance(value, dict) and "name" in value:
        value = value["name"]
    if isinstance(value, str):
        return _parts(value, separator)
    if isinstance(value, list | tuple):
        found = [_names(item, separator) for item in value]
        if all(isinstance(names, tuple) for names in found):
            return tuple(dict.fromkeys(name for names in found for name in names))  # type: ignore[attr-defined]
    return value


def _parts(text: str, separator: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part for whole in text.split(separator) if (part := whole.strip())))


def _line(value: object) -> object:
    """A name in a list of one, or of a thing that has one."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value["name"] if isinstance(value, dict) and isinstance(value.get("name"), str) else value


def _language(value: object) -> object:
    """``en_US`` as ``en-US``, ``EN`` as ``en``."""
    if not isinstance(value, str):
        return value
    first, dash, rest = value.strip().replace("_", "-").partition("-")
    return first.lower() + dash + rest


def truth(value: object) -> object:
    """``"True"`` and schema.org's address of it as a truth value."""
    if not isinstance(value, str):
        return value
    text = value.strip()
    if address := _TRUTH_ADDRESS.fullmatch(text):
        text = address[1]
    return _TRUTH.get(text.lower(), value)


def _tdm(value: object) -> object:
    """Its reservation may be written as text."""
    if isinstance(value, dict):
        return {key: int(item) if item in ("0", "1") else item for key, item in value.items()}
    return value


def _kind(value: object) -> object:
    return kind_of(value) or (value.strip().lower() if isinstance(value, str) else value)


_SHAPES: Final[Mapping[str, Callable[[Any], object]]] = {
    "authors": lambda value: _names(value, ";"),
    "tags": lambda value: _names(value, ","),
    "language": _language,
    "kind": _kind,
    "accessible_for_free": truth,
    "synthetic": truth,
    "tdm": _tdm,
    **dict.fromkeys(("publisher", "copyright_holder", "licence", "section"), _line),
}


def shaped(field: str, value: object) -> object:
    """A value as its field takes it."""
    shape = _SHAPES.get(field)
    return value if shape is None else shape(value)


def reserved(tdm: Tdm | None) -> bool:
    """Whether rights of text and data mining are reserved: by TDMRep's 1, ``noai``, or Content-Usage's no to AI."""
    if tdm is None:
        return False
    no_ai = _NOAI.search(tdm.robots_meta or "") or _NO_TRAINING.search(tdm.content_usage or "")
    return tdm.reservation == 1 or no_ai is not None
