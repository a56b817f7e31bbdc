"""The corpus index: a row for each article, pages of rows for people and programs, and INDEX.md above them. Pure.

All outside text is escaped: as GFM a row has seven cells and one link, ours, whatever the title holds.
"""

from __future__ import annotations

import dataclasses
import functools
import json
from typing import TYPE_CHECKING, Any, Final

from winnowd.layout import below_seeds, split_block
from winnowd.model import Origin
from winnowd.views.escape import cell, flat, yaml

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence

    from winnowd.article import Article
    from winnowd.model import Judged, Nearest

LONGEST: Final = 65_536
"""Bytes of INDEX.md, for ever: GitHub shows 512,000, and every git commit of seeds/ holds it anew."""
LISTED: Final = 20
MONTHS: Final = 60
PAGES_NAMED: Final = 6

_SEEN: Final = frozenset(
    {
        *("CLN351", "CLN352", "CLN353", "CLN354", "CLN355", "DUP608", "DUP609", "DUP612"),
        *("SCH205", "SCH206", "SCH207", "SCH208", "SCH210"),
    }
)
_HEAD: Final = "| admitted | title | source | published | words | lang | id |\n|---|---|---|---|--:|---|---|\n"
_OPENING: Final = 60
"""Characters of a text that stand for its title."""
_JSON: Final = json.JSONEncoder(ensure_ascii=True, allow_nan=False)


def row(judged: Judged, sequence: int) -> dict[str, Any]:
    """The index row of an admitted article; every row has every key, and null is what nobody knows.

    ``opening``: the first words of a text without a title, for people's pages alone; a program has the text.
    ``sequence``: of the event of its admission. ``path`` is below seeds/. ``flags``: codes of what was doubted and
    admitted all the same, and of what was only seen. Raises ValueError for a record without an article.
    """
    prepared = judged.prepared
    article = prepared.article
    if article is None:
        raise ValueError(f"{judged.name} has no text, so it has no row")
    origin = Origin.of(article)
    nearest = judged.nearest
    return {
        "id": judged.name,
        "path": below_seeds(judged.location),
        "text_sha256": prepared.text_sha256,
        "title": article.title,
        "opening": None if flat(article.title or "") else flat(article.text, _OPENING),
        "authors": list(article.authors or ()),
        "source": origin.domain or article.publisher,
        "url": _address(article),
        "published": None if article.published_at is None else article.published_at.isoformat()[:10],
        "admitted": judged.decided_at.date().isoformat(),
        "language": prepared.language or article.language,
        "words": prepared.words,
        "bytes": len(article.text.encode()),
        "licence": origin.licence,
        "tdm_opt_out": origin.tdm_opt_out,
        "feed": judged.arrival.feed,
        "flags": _flags(judged, origin),
        "nearest": None if nearest is None else _nearest(nearest),
        "sequence": sequence,
    }


def row_json(row: Mapping[str, Any]) -> str:
    """A row as the ledger keeps it. Raises ValueError for a number that JSON has not."""
    return json.dumps(row, ensure_ascii=False, allow_nan=False)


def _address(article: Article) -> str | None:
    """The address that the page itself calls its own, before the one it was fetched from."""
    address = article.canonical_url or article.url
    return None if address is None else str(address)


def _nearest(nearest: Nearest) -> dict[str, Any]:
    shared = nearest.shared_runs
    return {"id": nearest.id} if shared is None else {"id": nearest.id, "shared_runs": shared}


def _flags(judged: Judged, origin: Origin) -> list[str]:
    codes = {*judged.decision.codes, *(note.code for note in judged.prepared.notes if note.code in _SEEN)}
    codes |= {finding.code for finding in judged.decision.findings if finding.code in _SEEN}
    if origin.tdm_opt_out == "yes":
        codes.add("SCH212")
    if origin.category == "synthetic":
        codes.add("SCH213")
    return sorted(codes, key=lambda code: code[3:])


@functools.lru_cache(maxsize=1_200)
def _row_texts(line: str) -> tuple[str, str]:
    """A row as the ledger keeps it: its lines on a page for programs, and on one for people.

    A page is written anew with each hundred articles, and all of its rows but these are as they were.
    """
    row = json.loads(line)
    for_people = _line(row, "../../")
    row.pop("opening", None)
    return f"{_JSON.encode(row)}\n", for_people


def page_of(month: str, lines: Sequence[str]) -> tuple[bytes, bytes]:
    """A page, of rows as the ledger keeps them, oldest first: for programs, and for people below ``index/<month>/``.

    For programs a row is a line, in ASCII, so that no reader splits one where a title has a line separator. Both only
    grow at their ends, unless an article is retracted.
    """
    texts = list(map(_row_texts, lines))
    table = f"# Admitted in {month}\n\n{_HEAD}" + "".join(text for _, text in texts)
    return "".join(text for text, _ in texts).encode("ascii"), table.encode()


def _line(one: Mapping[str, Any], up: str) -> str:
    cells = (
        one["admitted"],
        f"[{_title(one)}]({up}{split_block(one['path'])[0] or one['path']})",
        cell(one.get("source") or "", most=60),
        one.get("published") or "",
        f"{one['words']:,}",
        cell(one.get("language") or "", most=12),
        f"`{one['id'][:8]}`",
    )
    return f"| {' | '.join(cells)} |\n"


def _title(one: Mapping[str, Any]) -> str:
    """Its title; the first words of a text that has none, in italics; rows of older versions do not have these."""
    if title := cell(one.get("title") or ""):
        return title
    opening = cell(one.get("opening") or "")
    return f"*{opening}*" if opening else "(no title)"


@dataclasses.dataclass(frozen=True, slots=True)
class Month:
    """What was admitted in one month (``2026-11``) and is still there, and its pages (``001``), oldest first."""

    month: str
    articles: int
    words: int
    pages: tuple[str, ...]


@dataclasses.dataclass(frozen=True, slots=True)
class IndexState:
    """All that INDEX.md says.

    ``months`` oldest first. ``newest``: rows, newest first; all of them while they are few. ``refused``: (code, slug,
    articles) of the last 30 days. Days are ``2026-11-22`` or None; hashes are SHA-256 in hex.
    """

    articles: int
    words: int
    bytes: int
    updated: dt.datetime
    version: str
    audit_sequence: int
    audit_sha256: str
    index_sha256: str
    months: tuple[Month, ...] = ()
    newest: tuple[Mapping[str, Any], ...] = ()
    refused: tuple[tuple[str, str, int], ...] = ()
    languages: tuple[str, ...] = ("en",)
    first_published: str | None = None
    last_published: str | None = None
    last_admitted: str | None = None
    name: str = "Seeds"


def index_md(state: IndexState) -> bytes:
    """INDEX.md, at most 64 KiB: all articles if it holds them, else the newest 20; months fold into years after 60."""
    for most in (len(state.newest), LISTED, LISTED // 4):
        page = "".join((*_front_matter(state), *_summary(state), *_newest(state, most), *_refused(state))).encode()
        if len(page) <= LONGEST:
            break
    return page


def _front_matter(state: IndexState) -> Iterator[str]:
    """What this page vouches for, one counter a line, for ``git diff``."""
    yield "---\n"
    yield f"# made by winnowd {state.version} - do not edit: `winnowd index rebuild` writes it anew\n"
    yield "winnowd:\n  format: 1\n"
    yield f"  articles: {state.articles}\n  words: {state.words}\n  bytes: {state.bytes}\n"
    yield f"  updated: {state.updated:%Y-%m-%dT%H:%M:%SZ}\n"
    yield f"  audit_sequence: {state.audit_sequence}\n"
    yield f"  audit_sha256: {yaml(state.audit_sha256)}\n  index_sha256: {yaml(state.index_sha256)}\n"
    yield "---\n\n"


def _summary(state: IndexState) -> Iterator[str]:
    yield f"# {cell(state.name)}\n\n{state.articles:,} articles, {state.words:,} words"
    if state.first_published:
        yield f", published {state.first_published} to {state.last_published}"
    if state.last_admitted:
        yield f", last admitted {state.last_admitted}"
    yield "\n\n"
    if state.months:
        yield "| month | articles | words | pages |\n|---|--:|--:|---|\n"
        yield from (_month(month) for month in reversed(state.months[-MONTHS:]))
        yield from _years(state.months[:-MONTHS])
        yield "\n"


def _month(month: Month) -> str:
    folder = f"index/{month.month}/"
    named = [f"[{int(page)}]({folder}{page}.md)" for page in month.pages]
    if len(named) > PAGES_NAMED:
        named = [*named[: PAGES_NAMED - 1], ELLIPSIS_CELL, named[-1]]
    return f"| [{month.month}]({folder}) | {month.articles:,} | {month.words:,} | {' '.join(named)} |\n"


ELLIPSIS_CELL: Final = "…"


def _years(months: Sequence[Month]) -> Iterator[str]:
    """Older months, a row for each year with a link to each of its months."""
    for year in sorted({month.month[:4] for month in months}, reverse=True):
        of_year = [month for month in months if month.month.startswith(year)]
        links = " ".join(f"[{month.month[5:]}](index/{month.month}/)" for month in of_year)
        articles, words = sum(month.articles for month in of_year), sum(month.words for month in of_year)
        yield f"| {year} | {articles:,} | {words:,} | {links} |\n"


def _newest(state: IndexState, most: int) -> Iterator[str]:
    if state.newest:
        shown = state.newest[:most]
        yield f"## {'Articles' if len(shown) == state.articles else 'Newest'}\n\n{_HEAD}"
        yield from (_line(one, "") for one in shown)
        yield "\n"


def _refused(state: IndexState) -> Iterator[str]:
    """Why articles were turned away: the worst finding of each."""
    yield "## Turned away in the last 30 days\n\n"
    if not state.refused:
        yield "Nothing.\n"
        return
    yield "| why | articles |\n|---|--:|\n"
    for code, slug, articles in state.refused:
        yield f"| {code} {slug} | {articles:,} |\n"
