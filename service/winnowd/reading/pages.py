"""An HTML page to a record: what it says of itself, and its body by the first way that gives enough. Pure.

Trafilatura first (F1 0.93 to 0.96), resiliparse where it fails, the page's own JSON-LD last, since that is often cut
(docs/design/reading.md, "HTML pages"). All three are imported when the first page comes.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from html import unescape
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.model import Finding, Grade, Limit
from winnowd.reading.decoding import decode
from winnowd.reading.markup import declared_encodings
from winnowd.reading.names import text_of
from winnowd.reading.page_claims import claims, linked_data, plain
from winnowd.reading.page_layout import half_lost, paragraph_words, untabled
from winnowd.reading.records import GATE, Record, RefusedError, beyond, found
from winnowd.reading.schema import fits, is_usable

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from trafilatura.settings import Extractor

    from winnowd.reading.limits import ReadingLimits
    from winnowd.reading.page_claims import Element

_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]{0,1000}>")
_FEW_TAGS: Final = 5
_BEGINS: Final = re.compile(
    r"\s*<(?:p|div|h[1-6]|article|section|figure|blockquote|ul|ol|html|body|!doctype)[\s>]", re.IGNORECASE
)


_ESCAPED: Final = re.compile(
    r"\s*&lt;(?:p|div|h[1-6]|article|section|figure|blockquote|ul|ol)(?:\s|&gt;)", re.IGNORECASE
)
_LONG_TAG: Final = re.compile(r"<[a-zA-Z][^<>]{4000,}")
_QUOTED: Final = re.compile(r""""[^"]*"|'[^']*'""")
_MOST_ATTRIBUTES: Final = 1_000
_MOST_TAGS: Final = 200_000
"""A page of 800 KB that is nothing but open paragraphs takes 6 s; a long article has 5,000 tags."""
_ELEMENT: Final = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)")
_UNCOUNTED: Final = frozenset(
    {
        *(
            "area",
            "base",
            "br",
            "col",
            "embed",
            "hr",
            "img",
            "input",
            "link",
            "meta",
            "param",
            "source",
            "track",
            "wbr",
        ),
        *("p", "li", "td", "th", "tr", "dt", "dd", "thead", "tbody", "tfoot"),
    }
)
_DEEPEST: Final = 2_000
"""Parsers take the square of what goes beyond these two: 25 s for a page of 1 MB that is one tag, or one in another."""


Way = Callable[[str, "Element | None"], str]
"""From a page, and trafilatura's tree of it, to its body."""


class Body(NamedTuple):
    """The text of a page, and what took it out."""

    text: str
    extractor: str


def page(
    data: bytes, limits: ReadingLimits, received_at: dt.datetime, *, charset: str | None = None, url: str | None = None
) -> Record:
    """The record of one page; ``charset`` and ``url`` are what was said of it from outside.

    Raises:
        RefusedError: INP103-106, 120, 121.
    """
    if len(data) > limits.page_bytes:
        raise beyond("INP103", "bytes", len(data), limits.page_bytes, "larger than a page may be")
    decoded = decode(data, charset, *declared_encodings(data))
    _check_markup(decoded.text)
    tree = _parsed(decoded.text)
    linked = linked_data(tree)
    expected = 0 if tree is None else paragraph_words(tree)
    body = body_of(decoded.text, limits, tree=tree, written=linked.get("articleBody"))
    fields = {**claims(tree, linked, received_at), "text": body.text}
    if url is not None and fits("url", url, received_at):
        fields["url"] = url
    findings = (*decoded.findings, *half_lost(body.text, expected))
    return Record(fields, findings, decoded.notes, decoded.encoding, "html", body.extractor)


def with_body(fields: Mapping[str, Any], limits: ReadingLimits) -> tuple[Mapping[str, Any], str | None]:
    """A record whose text is made of HTML, with the body of that in its place; and what took it out.

    Raises:
        RefusedError: INP120, 121.
    """
    name, text = text_of(fields) or ("", None)
    if not isinstance(text, str) or not is_markup(text := unescaped(text)) or not is_usable(text):
        return fields, None
    html = f"<html><body>{text}</body></html>"
    _check_markup(html)
    body = body_of(html, limits, tree=_parsed(html))
    return {**fields, name: body.text}, body.extractor


def unescaped(text: str) -> str:
    """A text that begins with an element of a page as one that was escaped once too often, as that HTML."""
    return unescape(text) if _ESCAPED.match(text) else text


def is_markup(text: str) -> bool:
    """Whether a text begins with an element of a page, or has more than five HTML tags."""
    if _BEGINS.match(text):
        return True
    if text.count("<") <= _FEW_TAGS:
        return False
    return sum(1 for _, _ in zip(_TAG.finditer(text), range(_FEW_TAGS + 1), strict=False)) > _FEW_TAGS


def _parsed(text: str) -> Element | None:
    """Trafilatura's tree of a page, no table in it that only lays it out; None if it is none, or cannot be parsed."""
    from trafilatura.utils import load_html

    try:
        tree: Element | None = load_html(text)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - a parser that fails is a way that fails: the next one is asked
        return None
    if tree is not None:
        untabled(tree)
    return tree


def _by_trafilatura(_html: str, tree: Element | None) -> str:
    from trafilatura import bare_extraction

    document = None if tree is None else bare_extraction(tree, options=_options())
    return (getattr(document, "text", None) or "").strip()


@functools.cache
def _options() -> Extractor:
    """What trafilatura is asked for; made anew for each page it would take 60 us."""
    from trafilatura.settings import Extractor

    return Extractor(output_format="python", comments=False)


def _by_resiliparse(html: str, _tree: Element | None) -> str:
    _check_nesting(html)
    from resiliparse.extract.html2text import extract_plain_text

    text: str = extract_plain_text(html, main_content=True, links=False, form_fields=False, alt_texts=False)
    return text.strip()


def _written(body: str) -> str:
    """The body that JSON-LD holds, its markup and entities taken off, its paragraphs kept."""
    return "\n".join(line for part in body.splitlines() if (line := plain(part)))


_WAYS: Final[tuple[tuple[str, Way], ...]] = (("trafilatura", _by_trafilatura), ("resiliparse", _by_resiliparse))


def body_of(
    html: str,
    limits: ReadingLimits,
    *,
    tree: Element | None,
    written: object = None,
    ways: tuple[tuple[str, Way], ...] = _WAYS,
) -> Body:
    """The body of a page: trafilatura's, or resiliparse's, or what JSON-LD ``written`` gives; the first that is enough.

    ``ways`` are packages and what they are asked by.

    Raises:
        RefusedError: INP120, none gave ``page_characters``; INP121, every extractor raised.
    """
    raised: list[str] = []
    most = 0
    for package, way in ways:
        try:
            text = way(html, tree)
        except (MemoryError, RefusedError):
            raise
        except Exception as error:  # noqa: BLE001 - INP121 tells it; one extractor's fault must not lose the page
            raised.append(type(error).__name__)
            continue
        most = max(most, len(text))
        if len(text) >= limits.page_characters:
            return Body(text, f"{package} {_version(package)}")
    if isinstance(written, str) and len(text := _written(written)) >= limits.page_characters:
        return Body(text, "json-ld")
    if len(raised) == len(ways):
        raise RefusedError(found("INP121", f"every extractor raised: {', '.join(raised)}"))
    because = f"no way of reading it gave {limits.page_characters} characters"
    limit = Limit("INP120", "characters", "min", fail=limits.page_characters)
    raise RefusedError(Finding("INP120", GATE, Grade.FAIL, most, limit, because))


def widest_tag(html: str) -> int:
    """How many attributes the widest tag of a page has; those of tags up to 4,000 characters are not counted."""
    return max((len(_QUOTED.sub("", tag[0]).split()) for tag in _LONG_TAG.finditer(html)), default=0)


def nesting(html: str) -> int:
    """How deep a page's elements stand in each other, not counting those that need no end."""
    depth = deepest = 0
    for ending, name in _ELEMENT.findall(html):
        if name.lower() not in _UNCOUNTED:
            depth = max(0, depth - 1) if ending else depth + 1
            deepest = max(deepest, depth)
    return deepest


def _check_markup(html: str) -> None:
    if html.count("<") > _MOST_TAGS:
        raise RefusedError(found("INP121", f"more than {_MOST_TAGS:,} tags"))
    if widest_tag(html) > _MOST_ATTRIBUTES:
        raise RefusedError(found("INP121", f"a tag with more than {_MOST_ATTRIBUTES:,} attributes"))


def _check_nesting(html: str) -> None:
    if nesting(html) > _DEEPEST:
        raise RefusedError(found("INP121", f"elements more than {_DEEPEST:,} deep"))


@functools.cache
def _version(package: str) -> str:
    from importlib.metadata import version

    return version(package)
