"""Outside values brought to the type of their field; what does not fit is left for the schema to refuse. Pure."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, Final

from winnowd.reading.language_names import NO_LANGUAGE, language_tag
from winnowd.reading.people import name_of, names_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from winnowd.article import Tdm

_NOTHING: Final = frozenset(
    {
        *("none", "null", "nil", "nan", "nat", "n/a", "na", "n.a.", "#n/a", "<na>", "(none)", "(null)", "undefined"),
        *("unknown", "-", "--", "---", "–", "—", "?", ".", "~", "[]", "{}"),
    }
)
_NO_DAY: Final = re.compile(r"000[01][-/.]?0[01][-/.]?0[01](?:[T ][0:.]+(?:Z|[+-]00:?00)?)?")
_LONGEST_NOTHING: Final = 40
_TRUTH: Final = {
    **dict.fromkeys(("true", "yes", "y", "t", "1", "1.0"), True),
    **dict.fromkeys(("false", "no", "n", "f", "0", "0.0"), False),
}
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
_QUOTED: Final = re.compile(r"'((?:[^'\\]|\\.)*+)'|\"((?:[^\"\\]|\\.)*+)\"")
_LIST: Final = re.compile(rf"\s*\[\s*+(?:(?:{_QUOTED.pattern})\s*+(?:,\s*+|(?=\])))*+\]\s*")
_BETWEEN_TAGS: Final = re.compile(r"[,;|\n]")
_MOST_PARTS: Final = 1_000
_LONGEST_PARTED: Final = 100_000
"""Characters of names or words in one text: an article has 100 of 500 characters at most."""
_LONGEST_ADDRESS: Final = 5_000
_NO_SCHEME: Final = re.compile(
    r"(?:[\w-]+\.)++(?!(?:html?|php|aspx?|jsp|pdf|txt|xml|json|md)$)[^\W\d_]{2,24}(?::\d{1,5})?(?:[/?#].*)?",
    re.DOTALL | re.IGNORECASE,
)
_LINE_ENDS: Final = re.compile(r"[\t\r\n]")
_BLANKS: Final = re.compile(r"\s")
_NOAI: Final = re.compile(r"\bno(?:image)?ai\b", re.IGNORECASE)
_NO_TRAINING: Final = re.compile(r"\b(?:train-)?ai=n\b", re.IGNORECASE)


def kind_of(value: object) -> str | None:
    """The kind of article that a genre, a page type or a schema.org type means; None for one that tells nothing."""
    for name in value if isinstance(value, list | tuple) else [value]:
        if isinstance(name, str) and (kind := _KINDS.get(name.strip().lower().rpartition("/")[2])):
            return kind
    return None


def is_nothing(value: object) -> bool:
    """Whether a value only says that there is none: ``None``, ``N/A``, ``0000-00-00``, a number that is not finite."""
    if isinstance(value, float):
        return not math.isfinite(value)
    if not isinstance(value, str) or len(value) > _LONGEST_NOTHING:
        return False
    text = value.strip()
    return text.casefold() in _NOTHING or _NO_DAY.fullmatch(text) is not None


def _authors(value: object) -> object:
    """Names in one string, a list of strings, a person or a list of persons, as a tuple of strings."""
    return _gathered(value, names_in)


def _tags(value: object) -> object:
    """Words in one string, or a list of scalars or of things that have a name, as a tuple of strings."""
    return _gathered(value, _words_in)


def _gathered(value: object, parted: Callable[[str], list[str] | None]) -> object:
    """All strings of a value and of what it holds, each cut into its parts; left as it came if none or too many."""
    if is_too_much(value):
        return value
    if isinstance(value, dict):
        value = name_of(value) or value.get("term") or value
    if isinstance(value, str):
        listed = _listed(value)
        items = [value] if listed is None else [item for item in listed if not is_nothing(item)]
        found = [part for item in items for part in parted(item) or ()]
        return tuple(dict.fromkeys(found)) if found else value
    if isinstance(value, list | tuple):
        return _gathered_from(value, parted)
    if parted is _words_in and isinstance(value, int | float):
        return (_written(value),)
    return value


def _is_empty(item: object) -> bool:
    """Whether an element of a list says nothing: a person whose name is null does not cost the others theirs."""
    if isinstance(item, dict):
        return item.get("name", "-") in (None, "") and name_of(item) is None
    return item in (None, "") or is_nothing(item)


def _gathered_from(items: Sequence[object], parted: Callable[[str], list[str] | None]) -> object:
    """The parts of all items, each once; the items themselves if one of them has none."""
    found: dict[str, None] = {}
    for item in items:
        if _is_empty(item):
            continue
        parts = _gathered(item, parted)
        if not isinstance(parts, tuple):
            return items
        found |= dict.fromkeys(parts)
        if len(found) > _MOST_PARTS:
            break  # more than any article has
    return tuple(found)


def is_too_much(value: object) -> bool:
    """Whether a value is too long a text, or holds too many things, to be cut into names or words."""
    if isinstance(value, str):
        return len(value) > _LONGEST_PARTED
    return isinstance(value, list | tuple) and len(value) > _MOST_PARTS


def _listed(text: str) -> list[str] | None:
    """The strings of a list that was written into one, as tables have them; None if it is none."""
    if not text.lstrip().startswith("[") or _LIST.fullmatch(text) is None:
        return None
    return [match[1] or match[2] or "" for match in _QUOTED.finditer(text)]


def _words_in(text: str) -> list[str] | None:
    return [part for whole in _BETWEEN_TAGS.split(text) if (part := whole.strip())] or None


def _written(value: float) -> str:
    """A number or a truth value as people write it."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def _line(value: object) -> object:
    """A text, also in a list of one or as the name of a thing."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    name = name_of(value) if isinstance(value, dict) else value
    return name if isinstance(name, str) else value


def _first_line(value: object) -> object:
    """Of several sections the first, which pages name the widest."""
    return _line(value[:1] if isinstance(value, list) else value)


def _language(value: object) -> object:
    """A tag, of whatever names the language; of several the first."""
    value = _first_line(value)
    if isinstance(value, dict):
        value = value.get("code") or value.get("id") or value
    if isinstance(value, str) and value.strip().lower() not in NO_LANGUAGE:
        return language_tag(value) or value
    return None if isinstance(value, str) else value


def _address(value: object) -> object:
    """An address with its scheme, its blanks and ``&`` as they must be written; another scheme stays and is refused."""
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, dict):
        value = next((value[key] for key in ("@id", "url", "href") if isinstance(value.get(key), str)), value)
    if not isinstance(value, str) or len(value) > _LONGEST_ADDRESS:
        return value
    text = _LINE_ENDS.sub("", value.strip().removeprefix("<").removesuffix(">").replace("&amp;", "&"))
    if text.startswith("//") or _NO_SCHEME.fullmatch(text):
        text = f"https://{text.removeprefix('//')}"
    return _BLANKS.sub("%20", text)


def truth(value: object) -> object:
    """``"True"``, ``yes``, 1 and schema.org's address of it as a truth value."""
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    if not isinstance(value, str):
        return value
    text = value.strip()
    if address := _TRUTH_ADDRESS.fullmatch(text):
        text = address[1]
    return _TRUTH.get(text.lower(), value)


def _tdm(value: object) -> object:
    """Its reservation may be a truth value, also as text, and may stand alone."""
    if isinstance(truth(value), bool):
        value = {"reservation": value}
    if not isinstance(value, dict):
        return value
    given = {key: item for key, item in value.items() if not is_nothing(item)}
    if isinstance(reserved := truth(given.get("reservation")), bool):
        given["reservation"] = int(reserved)
    return given


def _kind(value: object) -> object:
    return kind_of(value) or (value.strip().lower() if isinstance(value, str) else value)


_SHAPES: Final[Mapping[str, Callable[[Any], object]]] = {
    "authors": _authors,
    "tags": _tags,
    "section": _first_line,
    "language": _language,
    "kind": _kind,
    "accessible_for_free": truth,
    "synthetic": truth,
    "tdm": _tdm,
    **dict.fromkeys(("url", "canonical_url"), _address),
    **dict.fromkeys(("title", "subtitle", "description", "publisher"), _line),
    **dict.fromkeys(("copyright_holder", "licence", "usage_terms"), _line),
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
