"""From the bytes of an arrival to a cleaned article: what reading, cleaning and the gates hand on. Pure."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping

    from winnowd.article import Article
    from winnowd.model.findings import Finding, Note


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """Some lines of a file of JSON Lines: its bytes from ``start`` to ``end``, both behind the end of a line.

    ``record``, ``line``: the numbers in the whole file, from 0 and from 1, of the first record and line that begin
    here. That the file is of lines, and where they may be cut, is for whoever cuts it (``reading.lines_of``).
    """

    start: int
    end: int
    record: int = 0
    line: int = 1


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """The bytes of one arrival, as reading sees them: ``chunks()`` gives them from the start, each call anew.

    ``feed`` is the sub-folder of the inbox that it lay in, "" for the inbox itself. With ``part``, ``chunks`` gives the
    bytes of that alone; ``size`` is the whole file's. ``bytes_at(start, size)``: some bytes from anywhere in the file,
    fewer at its end; None where they come only one after the other.
    """

    name: str
    size: int
    received_at: dt.datetime
    chunks: Callable[[], Iterator[bytes]]
    feed: str = ""
    part: Part | None = None
    bytes_at: Callable[[int, int], bytes] | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Provenance:
    """How one record was read; the arrival's own facts are added by the pipeline."""

    record: int
    raw_sha256: str
    raw_size: int
    media_type: str
    encoding: str | None = None
    parser: str | None = None
    extractor: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Unreadable:
    """A record that gave no article, and the findings that say why (at least one is not a pass).

    ``raw`` holds the record's own bytes if it is one of many in its file, else ``None`` (the file is the record).
    """

    provenance: Provenance
    findings: tuple[Finding, ...]
    raw: bytes | None = None
    notes: tuple[Note, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Read:
    """A record that gave an article that meets the schema; ``findings`` are those of reading and schema."""

    provenance: Provenance
    article: Article
    findings: tuple[Finding, ...] = ()
    raw: bytes | None = None
    notes: tuple[Note, ...] = ()


@dataclasses.dataclass(frozen=True, slots=True)
class Origin:
    """Where an article comes from and under what terms; what nobody said is unknown, never free.

    ``domain``: the host of its address without ``www.``, "" if it has none. ``category``: as the public summaries of
    training content name it.
    """

    domain: str
    category: Literal["web-scrape", "synthetic", "unknown"]
    licence: str
    tdm_opt_out: Literal["yes", "no", "unknown"]

    @classmethod
    def of(cls, article: Article) -> Origin:
        """The origin that an article states."""
        domain = _host(str(article.canonical_url or article.url or ""))
        found: Literal["web-scrape", "unknown"] = "web-scrape" if domain else "unknown"
        return cls(
            domain=domain,
            category="synthetic" if article.synthetic else found,
            licence=article.licence or "unknown",
            tdm_opt_out=_opt_out(article),
        )


def _opt_out(article: Article) -> Literal["yes", "no", "unknown"]:
    tdm = article.tdm
    if tdm is None:
        return "unknown"
    if tdm.reservation or "noai" in (tdm.robots_meta or "").lower():
        return "yes"
    return "unknown" if tdm.reservation is None else "no"


@functools.lru_cache(maxsize=4_096)
def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:  # brackets around what is no address: the article has no domain then
        return ""


@dataclasses.dataclass(frozen=True, slots=True)
class Cleaned:
    """An article after cleaning: its text (LF, one final newline), what was lifted into fields, what was removed.

    ``measures`` are those only cleaning can know (raw_words, error_lines, consent_share, subscribe_tail, removed_share,
    repeated_share, more_pages, own_lines, outside_lines, mojibake, lost_chars, control_chars, lost_space); names as in
    the catalogue. ``tokens`` is the ``text.Tokens`` of the text without its final newline, so that the gates need not
    cut it again; None is no harm.
    """

    article: Article
    notes: tuple[Note, ...]
    measures: Mapping[str, float]
    tokens: object | None = dataclasses.field(default=None, compare=False, repr=False)
