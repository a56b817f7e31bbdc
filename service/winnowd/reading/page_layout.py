"""How a page is laid out: tables that hold no data become text, and the paragraphs that an article would be. Pure."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from winnowd.model import Finding, Grade, Limit
from winnowd.reading.records import GATE
from winnowd.text import word_count

if TYPE_CHECKING:
    from winnowd.reading.page_claims import Element


_TABLE: Final = frozenset({"table", "tbody", "thead", "tfoot", "tr", "td", "colgroup", "caption"})
_BLOCKS: Final = ("p", "h1", "h2", "h3", "article", "section", "blockquote", "ul", "ol", "table")
_CELL_WORDS: Final = 40
"""A cell of more words holds text; those of tables of data have a few."""
LONG_PARAGRAPH: Final = 25
FEWEST_KEPT: Final = 0.5
_ASIDES: Final = frozenset({"nav", "aside", "footer", "header", "form", "figure", "noscript", "template", "button"})
_LONGEST_NAME: Final = 500
_ASIDE_NAMES: Final = re.compile(
    r"comment|respond|cookie|consent|newsletter|subscri|related|recommend|promo|sidebar|footer|disclaimer|author-?bio"
    r"|modal|popup|banner|teaser|paywall",
    re.IGNORECASE,
)


def untabled(tree: Element) -> None:
    """Make blocks of each table that only lays the page out: one without heads whose cells hold blocks or long text.

    Extractors write a table's row as one line between strokes, whatever is in it.
    """
    headed = {_table_of(head) for head in tree.iter("th")}
    cells = [(cell, _table_of(cell)) for cell in tree.iter("td")]
    count = Counter(table for _, table in cells)
    laying = {table for cell, table in cells if table not in headed and (count[table] == 1 or _holds_text(cell))}
    laying |= {table for table in tree.iter("table") if table.get("role") in {"presentation", "none"}}
    parts = [part for part in tree.iter(*_TABLE) if (part if part.tag == "table" else _table_of(part)) in laying]
    for part in parts:
        part.tag = "div"


def _table_of(part: Element) -> Element | None:
    above = part.getparent()
    while above is not None and above.tag != "table":
        above = above.getparent()
    return above


def _holds_text(cell: Element) -> bool:
    return next(iter(cell.iter(*_BLOCKS)), None) is not None or word_count(cell.text_content()) > _CELL_WORDS


def paragraph_words(tree: Element) -> int:
    """The words of a page's paragraphs of at least 25, but for those that stand beside the article by tag or name."""
    asides: dict[Element, bool] = {}
    total = 0
    for paragraph in tree.iter("p"):
        words = word_count(paragraph.text_content())
        if words >= LONG_PARAGRAPH and not _is_within_aside(paragraph, asides):
            total += words
    return total


def _is_within_aside(element: Element, asides: dict[Element, bool]) -> bool:
    """Whether it or an element around it is beside the article; each is asked once and remembered."""
    unknown: list[Element] = []
    above: Element | None = element
    while above is not None and above not in asides:
        unknown.append(above)
        above = above.getparent()
    answer = above is not None and asides[above]
    for one in reversed(unknown):
        answer = asides[one] = answer or _is_aside(one)
    return answer


def _is_aside(element: Element) -> bool:
    if element.tag in _ASIDES:
        return True
    if element.tag in {"body", "html"}:
        return False
    return any(_ASIDE_NAMES.search((element.get(name) or "")[:_LONGEST_NAME]) for name in ("class", "id"))


def half_lost(text: str, expected: int) -> tuple[Finding, ...]:
    """INP139 if a body has fewer than half of so many words, which the page's long paragraphs have."""
    kept = word_count(text) / expected if expected else 1.0
    if kept >= FEWEST_KEPT:
        return ()
    because = f"the body has {kept:.0%} of the words of the page's long paragraphs, below {FEWEST_KEPT:.0%}"
    limit = Limit("INP139", "kept", "min", doubt=FEWEST_KEPT)
    return (Finding("INP139", GATE, Grade.DOUBT, round(kept, 6), limit, because),)
