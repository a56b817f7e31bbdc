"""What a page says of itself: JSON-LD, then what trafilatura finds, then ``meta`` and ``link``; rights too. Pure.

The first value that its field can take wins; one that it cannot take is passed over, and kept in ``extra`` as
``unfit_<field>`` if no other was found: pages are full of unfilled templates, and none of them is the sender's word.
"""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final, Protocol

from winnowd.reading.json_text import check_depth
from winnowd.reading.page_titles import without_site
from winnowd.reading.people import is_organisation
from winnowd.reading.records import RefusedError, shown
from winnowd.reading.schema import fits
from winnowd.reading.shapes import kind_of, shaped

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping


class Element(Protocol):
    """What is asked of lxml's elements."""

    tag: str
    text: str | None

    def get(self, name: str) -> str | None:
        """Give an attribute."""

    def iter(self, *tags: str) -> Iterator[Element]:
        """Give the elements of these tags below, in order."""

    def find(self, path: str) -> Element | None:
        """Give the first element of a path."""

    def getparent(self) -> Element | None:
        """Give the element around it."""

    def text_content(self) -> str:
        """Give all text in it."""


_DEEPEST: Final = 64
_WRAPPING: Final = re.compile(r"^\s*(?:<!--|//<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\]\]>|\]\]>)\s*$")
_MARKUP: Final = re.compile(r"<[^<>]{1,500}>")
_ARTICLE: Final = re.compile(r"(?:Article|BlogPosting|Report|SocialMediaPosting)$")
_NAME: Final = re.compile(r"(?!https?:)[^@\s]+(?: [^@\s]+)+")
_NESTED: Final = ("@graph", "mainEntity")
_MOST_TAGS: Final = 100
_MOST_HEADINGS: Final = 5
_NAMING: Final = ("property", "name", "itemprop", "http-equiv")
"""Attributes by which a ``meta`` says what it is, the first that has a value."""

_LINKED: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("headline", "name"),
    "subtitle": ("alternativeHeadline",),
    "description": ("description", "abstract"),
    "authors": ("author", "creator"),
    "publisher": ("publisher", "sourceOrganization"),
    "url": ("url",),
    "canonical_url": ("mainEntityOfPage",),
    "published_at": ("datePublished",),
    "modified_at": ("dateModified",),
    "language": ("inLanguage",),
    "section": ("articleSection",),
    "tags": ("keywords",),
    "licence": ("license",),
    "usage_terms": ("usageInfo",),
    "copyright_holder": ("copyrightHolder",),
    "accessible_for_free": ("isAccessibleForFree",),
}
_META: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("og:title", "twitter:title"),
    "description": ("og:description", "description"),
    "authors": ("author", "article:author", "parsely-author"),
    "publisher": ("og:site_name", "dc.publisher"),
    "url": ("og:url",),
    "published_at": ("article:published_time", "datepublished", "parsely-pub-date", "dc.date", "date", "pubdate"),
    "modified_at": ("article:modified_time", "datemodified", "last-modified"),
    "section": ("article:section",),
    "tags": ("keywords", "news_keywords"),
    "licence": ("dc.rights", "dcterms.license"),
}


def claims(tree: Element | None, linked: Mapping[str, Any], received_at: dt.datetime) -> dict[str, Any]:
    """The fields of a page but for its text; ``tree`` is lxml's or None, ``linked`` its JSON-LD article."""
    fields: dict[str, Any] = {}
    unfit: dict[str, str] = {}
    bodies: list[object] = []
    if tree is None:
        return fields
    metas = _metas(tree)
    for field, value in _candidates(tree, linked, metas, fields, received_at):
        if field in fields or not value:
            continue
        if not fits(field, value, received_at):
            unfit.setdefault(f"unfit_{field}", shown(value))
        elif field == "authors" and _are_bodies(value, _first(metas, "og:site_name")):
            bodies.append(value)
        else:
            fields[field] = value
    if bodies:
        fields.setdefault("authors", bodies[0])
    fields |= {name: value for name, value in unfit.items() if name.removeprefix("unfit_") not in fields}
    if tdm := _tdm(metas):
        fields["tdm"] = tdm
    if isinstance(fields.get("title"), str):
        sites = [name for name in (_first(metas, "og:site_name"), fields.get("publisher")) if isinstance(name, str)]
        headings = [plain(head.text_content()) for _, head in zip(range(_MOST_HEADINGS), tree.iter("h1"), strict=False)]
        fields["title"] = without_site(fields["title"], sites, headings)
    return fields


def _are_bodies(authors: object, site: str | None) -> bool:
    """Whether these name organisations, or the site, and no person: a byline in the page is better.

    In one string a single one will do, since trafilatura cuts the name of a body at its *and*.
    """
    names = shaped("authors", authors)
    of_those = any if isinstance(authors, str) else all
    return isinstance(names, tuple) and of_those(name == site or is_organisation(name) for name in names)


def _candidates(
    tree: Element,
    linked: Mapping[str, Any],
    metas: Mapping[str, list[str]],
    claimed: Mapping[str, Any],
    received_at: dt.datetime,
) -> Iterator[tuple[str, object]]:
    """Values for fields, best first; trafilatura is asked only for what is missing, since it takes milliseconds."""
    yield from _of_linked(linked)
    yield "published_at", _first(metas, "article:published_time")
    yield "authors", [name for name in metas.get("author", ()) if _NAME.fullmatch(name)]
    yield from _found_by_trafilatura(tree, claimed, received_at)
    yield from _of_metas(metas)
    yield from _of_links(tree)
    yield "language", tree.get("lang") or tree.get("{http://www.w3.org/XML/1998/namespace}lang") or tree.get("xml:lang")
    yield "language", _first(metas, "og:locale")
    title = tree.find(".//title")
    yield "title", None if title is None else plain(title.text_content())


def _of_linked(linked: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    for field, names in _LINKED.items():
        for name in names:
            yield field, _linked_value(field, linked.get(name))
    yield "kind", kind_of(linked.get("@type"))


def _of_metas(metas: Mapping[str, list[str]]) -> Iterator[tuple[str, object]]:
    for field, names in _META.items():
        for name in names:
            yield field, metas[name] if field == "tags" and name in metas else _first(metas, name)
    yield "tags", metas.get("article:tag")
    yield "kind", kind_of(_first(metas, "og:type"))


def plain(value: str) -> str:
    """A value without markup and entities, its blanks made one."""
    return " ".join(html.unescape(_MARKUP.sub(" ", value)).split())


def _first(metas: Mapping[str, list[str]], name: str) -> str | None:
    return metas[name][0] if name in metas else None


def _linked_value(field: str, value: object) -> object:
    """A value of JSON-LD: all names where a field holds several, else one name or, for an address, one address."""
    if field in {"authors", "tags"}:
        names = [_one_linked(item, "name") for item in (value if isinstance(value, list) else [value])]
        return [name for name in names if isinstance(name, str) and not name.startswith("http")]
    return _one_linked(value, "@id" if field.endswith("url") else "name")


def _one_linked(value: object, called: str) -> object:
    """Of several the first; of a thing what it is called or else its address; text plain."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get(called) or value.get("url")
    return plain(value) if isinstance(value, str) else value


def _metas(tree: Element) -> dict[str, list[str]]:
    """The contents of ``meta`` by lower-case name, property, item property or HTTP header."""
    found: dict[str, list[str]] = defaultdict(list)
    for meta in tree.iter("meta"):
        name = next(filter(None, map(meta.get, _NAMING)), "").lower()
        content = plain(meta.get("content") or "")
        if name and content and len(found[name]) < _MOST_TAGS:
            found[name].append(content)
    return {name: contents for name, contents in found.items() if contents}


def _of_links(tree: Element) -> Iterator[tuple[str, object]]:
    for link in tree.iter("link", "a"):
        relations = (link.get("rel") or "").lower().split()
        if "canonical" in relations and link.tag == "link":
            yield "canonical_url", link.get("href")
        if "license" in relations:
            yield "licence", link.get("href")


def _tdm(metas: Mapping[str, list[str]]) -> dict[str, Any]:
    """TDMRep's two ``meta``, robots with ``noai``, and Content-Usage, as far as the page has them."""
    reservation = _first(metas, "tdm-reservation")
    robots = ", ".join(metas.get("robots", ()))
    said = {
        "reservation": int(reservation) if reservation in {"0", "1"} else None,
        "policy": (_first(metas, "tdm-policy") or "")[:2_083] or None,
        "robots_meta": robots[:500] if "ai" in robots.lower() else None,
        "content_usage": (_first(metas, "content-usage") or "")[:500] or None,
    }
    kept = {name: value for name, value in said.items() if value is not None}
    return {**kept, "source": "page"} if kept else {}


def _found_by_trafilatura(
    tree: Element, claimed: Mapping[str, object], received_at: dt.datetime
) -> Iterator[tuple[str, object]]:
    """Title, authors and date as trafilatura and htmldate find them in the page; the date as of its arrival."""
    from htmldate import find_date
    from trafilatura.metadata import examine_meta, extract_author, extract_title

    meta = _answer_of(examine_meta, tree)
    if "title" not in claimed:
        yield "title", getattr(meta, "title", None) or _answer_of(extract_title, tree)
    if "authors" not in claimed:
        yield "authors", getattr(meta, "author", None)
    if "authors" not in claimed:
        yield "authors", _answer_of(extract_author, tree)
    if "published_at" not in claimed:
        latest = (received_at + dt.timedelta(days=2)).strftime("%Y-%m-%d")
        yield (
            "published_at",
            _answer_of(lambda page: find_date(page, extensive_search=False, original_date=True, max_date=latest), tree),
        )
    yield "description", getattr(meta, "description", None)
    yield "publisher", getattr(meta, "sitename", None)


def _answer_of(way: Callable[[Any], object], tree: Element) -> object:
    """What a library finds; None where it raises: its answer is optional, the next source is asked then."""
    try:
        return way(tree)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - whatever a library raises over a hostile page, the page has other sources
        return None


def linked_data(tree: Element | None) -> dict[str, Any]:
    """The article among a page's JSON-LD, the things that it points to put in; {} if there is none."""
    nodes = [] if tree is None else list(_nodes(tree))
    articles = [node for node in nodes if any(_ARTICLE.search(kind) for kind in _types(node))]
    if not articles:
        return {}
    best = max(articles, key=lambda node: sum(name in node for name in ("headline", "articleBody", "datePublished")))
    named = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str)}
    return {key: _looked_up(value, named) for key, value in best.items()}


def _types(node: Mapping[str, Any]) -> list[str]:
    kinds = node.get("@type")
    return [kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)]


def _looked_up(value: object, named: Mapping[str, Mapping[str, object]]) -> object:
    """A thing that is only pointed to, by the node it points to."""
    if isinstance(value, list):
        return [_looked_up(item, named) if isinstance(item, dict) else item for item in value]
    if isinstance(value, dict) and isinstance(value.get("@id"), str) and "name" not in value:
        return {**value, **named.get(value["@id"], {})}
    return value


def _nodes(tree: Element) -> Iterator[dict[str, Any]]:
    """All nodes of a page's JSON-LD, in order; what is no JSON is passed over."""
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "") or not script.text:
            continue
        stack = [_loaded(_WRAPPING.sub("", script.text))]
        while stack:
            value = stack.pop()
            if isinstance(value, list):
                stack.extend(reversed(value))
            elif isinstance(value, dict):
                yield value
                stack.extend(value[name] for name in _NESTED if name in value)


def _loaded(text: str) -> object:
    """JSON as pages write it: raw line breaks in strings are forgiven."""
    try:
        check_depth(text, _DEEPEST)
        return json.loads(text, strict=False)
    except (RefusedError, ValueError):
        return None
