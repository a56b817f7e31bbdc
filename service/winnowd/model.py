"""Every value that one room hands to the next: frozen, without behaviour beyond its own arithmetic. Pure."""

from __future__ import annotations

import dataclasses
import functools
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from winnowd.article import Article


class Grade(StrEnum):
    """What one finding says of an article; ordered by ``rank``."""

    PASS = "pass"  # noqa: S105 - a grade, not a password
    DOUBT = "doubt"
    FAIL = "fail"

    @property
    def rank(self) -> int:
        """0 for pass, 1 for doubt, 2 for fail."""
        return _GRADE_RANK[self]


_GRADE_RANK = {Grade.PASS: 0, Grade.DOUBT: 1, Grade.FAIL: 2}


class Outcome(StrEnum):
    """The all-in answer for one record."""

    ADMITTED = "admitted"
    QUARANTINED = "quarantined"
    REJECTED = "rejected"


class Standing(StrEnum):
    """What a known article is to a newcomer that resembles it (originality.md section 7)."""

    ADMITTED = "admitted"
    QUARANTINED = "quarantined"
    REJECTED = "rejected"  # for a fault of its own
    COPY = "copy"  # rejected or superseded only as a copy; ``Known.root`` names of what
    RETRACTED = "retracted"
    ERASED = "erased"


@dataclasses.dataclass(frozen=True, slots=True)
class Limit:
    """Where a measure begins to be doubted and where it fails; ``None`` switches that limit off, zero is a number.

    ``code`` is the rule's code, ``measure`` the setting's name under its gate, ``side`` tells which way is worse.
    A measure must lie strictly beyond a limit unless ``reached`` counts too.
    """

    code: str
    measure: str
    side: Literal["min", "max"]
    doubt: float | None = None
    fail: float | None = None
    reached: bool = False

    def grade(self, value: float) -> Grade:
        """Grade one measured value."""
        if self.fail is not None and self._beyond(value, self.fail):
            return Grade.FAIL
        if self.doubt is not None and self._beyond(value, self.doubt):
            return Grade.DOUBT
        return Grade.PASS

    def _beyond(self, value: float, limit: float) -> bool:
        if value == limit:
            return self.reached
        return value < limit if self.side == "min" else value > limit


@dataclasses.dataclass(frozen=True, slots=True)
class Finding:
    """One rule's statement about one record; made when it passes, too.

    ``because`` never quotes the article (it enters the audit log); ``evidence`` may (it goes to the evidence file only)
    and must be made of JSON values.
    """

    code: str
    gate: str
    grade: Grade
    measured: float | str | None = None
    limit: Limit | None = None
    because: str = ""
    evidence: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Note:
    """One thing that reading or cleaning did.

    The rule's code, the line (from 1; 0 = the whole text), how often, and the text that was taken, whole.
    """

    code: str
    line: int
    count: int
    text: str


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """The bytes of one arrival, as reading sees them: ``chunks()`` gives them from the start, each call anew."""

    name: str
    size: int
    received_at: dt.datetime
    chunks: Callable[[], Iterator[bytes]]


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
    outside_lines, mojibake, lost_chars, control_chars, lost_space); names as in the catalogue. ``tokens`` is the
    ``text.Tokens`` of the text without its final newline, so that the gates need not cut it again; None is no harm.
    """

    article: Article
    notes: tuple[Note, ...]
    measures: Mapping[str, float]
    tokens: object | None = dataclasses.field(default=None, compare=False, repr=False)


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """The distinct terms of one article in id order, its counted sentences, its numbers (originality.md section 3).

    ids u32, positions u16 (first word index), weights u16, counts u8: one each per term; sentence_terms u16 (indices of
    terms, sentence after sentence) and sentence_bounds u16 (n + 1 offsets into it); numbers u32, sorted, distinct.
    """

    ids: NDArray[np.uint32]
    positions: NDArray[np.uint16]
    weights: NDArray[np.uint16]
    counts: NDArray[np.uint8]
    sentence_terms: NDArray[np.uint16]
    sentence_bounds: NDArray[np.uint16]
    numbers: NDArray[np.uint32]


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """All that originality remembers of an article; frozen by the recipe that made it.

    raw_digest, word_digest: 32 bytes; shingles u32 sorted distinct; minima u32[128]; keys u64 sorted, <= 96; sketch
    None for a language without a table; published: proleptic day number or None. ``asked``: more keys, <= 256, that
    only a newcomer has, to look others up by; not stored.
    """

    raw_digest: bytes
    word_digest: bytes
    shingles: NDArray[np.uint32]
    minima: NDArray[np.uint32] | None
    keys: NDArray[np.uint64]
    sketch: Sketch | None
    words: int
    language: str
    publisher: str
    published: int | None
    asked: NDArray[np.uint64] | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Merit:
    """What decides, beside date and words, which of two versions is kept (originality.md section 8).

    ``integrity``: TXT501's sum; ``host``: of its address, or ""; ``stated``: how many it states of title, authors,
    publisher, url, published_at, language, licence.
    """

    integrity: float = 0.0
    host: str = ""
    stated: int = 0


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Known:
    """An article met before, as originality compares newcomers with it; ``number`` is its row in the ledger.

    ``merit`` None: never superseded.
    """

    number: int
    id: str
    path: str
    text_sha256: str
    standing: Standing
    fingerprint: Fingerprint
    root: int | None = None
    codes: tuple[str, ...] = ()
    merit: Merit | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Nearest:
    """The known article most like a newcomer, twin or not, as event and INDEX rows name it.

    ``shared_runs``: share of the newcomer's words in runs of 3+ words that both share in order; ``root``: of what the
    known article is itself a copy.
    """

    id: str
    number: int
    path: str
    text_sha256: str
    standing: Standing
    twin: bool
    measures: Mapping[str, float]
    shared_runs: float = 0.0
    runs: int = 0
    longest_run_words: int = 0
    candidates: int = 0
    root: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Relation:
    """A known article that a newcomer resembles by one rule: at doubt, at fail, or only noted (grade pass)."""

    number: int
    code: str
    grade: Grade
    value: float
    standing: Standing
    note: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Examination:
    """What originality says of one record: findings (one per DUP rule asked), the nearest known article or None.

    ``relations``: every known article that reaches a rule's doubt, noted ones too (originality.md section 7).
    ``supersedes``: the number of the admitted article that this one replaces, if it is kept as the better one.
    """

    findings: tuple[Finding, ...]
    nearest: Nearest | None = None
    relations: tuple[Relation, ...] = ()
    supersedes: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Prepared:
    """One record after reading, cleaning, gates and fingerprint: all that a worker can know. Crosses processes.

    ``article`` is None for an unreadable record; ``text_sha256`` is of the cleaned text's UTF-8 bytes and its first
    16 hex are the article's id. ``language`` is the detected one. ``timings`` are nanoseconds per stage.
    """

    provenance: Provenance
    article: Article | None
    notes: tuple[Note, ...]
    findings: tuple[Finding, ...]
    fingerprint: Fingerprint | None = None
    text_sha256: str = ""
    words: int = 0
    language: str = ""
    raw: bytes | None = None
    timings: Mapping[str, int] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, slots=True)
class Decision:
    """The outcome, and all findings, worst grade first, then by code."""

    outcome: Outcome
    findings: tuple[Finding, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all doubts and fails, worst first."""
        return tuple(finding.code for finding in self.findings if finding.grade is not Grade.PASS)


@dataclasses.dataclass(frozen=True, slots=True)
class Arrival:
    """One file taken from the inbox: how it lay there, and its row in the ledger.

    ``path`` is below the inbox, in bytes as the file system gave it; ``id`` is 16 hex digits, ours. ``tries`` counts
    the attempts begun; ``records_done`` the records already decided.
    """

    id: str
    number: int
    feed: str
    path: bytes
    dev: int
    ino: int
    size: int
    mtime_ns: int
    seen_at: dt.datetime
    claimed_at: dt.datetime
    tries: int = 1
    records_done: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Judged:
    """One record with its decision and its place: event, why-files, index row and ledger row are all made from it.

    ``number`` is its row in the ledger; ``name`` the article's id, or ``<arrival>-<record>`` for what has no text;
    ``home`` where it is kept, below the instance folder. ``standing`` is None for a record without an article.
    ``corpus_sequence`` and ``corpus_articles``: the last event and the size of the corpus that it was judged against.
    """

    number: int
    arrival: Arrival
    prepared: Prepared
    decision: Decision
    name: str
    home: str
    begun_at: dt.datetime
    decided_at: dt.datetime
    originality_ns: int = 0
    nearest: Nearest | None = None
    relations: tuple[Relation, ...] = ()
    standing: Standing | None = None
    root: int | None = None
    supersedes: int | None = None
    merit: Merit | None = None
    corpus_sequence: int = 0
    corpus_articles: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Line:
    """One line of the audit log, its place fixed: ``line`` ends with LF; ``start`` is its offset in the day's file."""

    sequence: int
    day: str
    start: int
    line: bytes
    sha256: str


@dataclasses.dataclass(frozen=True, slots=True)
class Effect:
    """What must become of the file at ``path``: ``content`` is written, or ``source`` moved there, or it is removed."""

    path: str
    content: bytes | None = None
    source: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Entry:
    """A judged record with all that follows from it: its line, its files, its index row (of any record with a text).

    ``event`` and ``evidence`` are what the line and the evidence file were made from.
    """

    judged: Judged
    line: Line
    effects: tuple[Effect, ...]
    row: Mapping[str, Any] | None
    event: Mapping[str, Any]
    evidence: Mapping[str, Any] | None


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
    """How far an arrival is decided; ``home`` is where its original goes, None while records are still to come."""

    arrival: Arrival
    records_done: int
    home: str | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Filed:
    """A decision as it stands today: ``outcome`` is one of ``Outcome``, or retracted, or erased.

    ``home`` is where it is kept, ``path`` how its file lay in the inbox, ``original`` where that file is now, ``alone``
    that it held no other record.
    """

    number: int
    name: str
    arrival: str
    record: int
    path: bytes
    text_sha256: str | None
    outcome: str
    standing: Standing | None
    root: int | None
    codes: tuple[str, ...]
    home: str
    decided_at: dt.datetime
    original: str = ""
    alone: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """What an order, or a better article, makes of a decision: how it stands then, and all that follows from it.

    ``listed`` is the index row that it gets, ``unlisted`` why its row leaves the pages (a code or an action); ``text``
    is kept in the ledger from now on, None drops what is kept there; ``codes`` are why it is turned away now, None for
    those of its decision; ``erased`` tells how much of its fingerprint goes.
    """

    filed: Filed
    action: str
    order: str
    line: Line
    outcome: str
    standing: Standing | None
    root: int | None
    home: str
    effects: tuple[Effect, ...] = ()
    listed: Mapping[str, Any] | None = None
    unlisted: str = ""
    text: str | None = None
    codes: tuple[str, ...] | None = None
    erased: Literal["", "text", "all"] = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Carried:
    """What one transaction made true, and is carried out: decisions, arrivals that are finished, changes of others."""

    entries: Sequence[Entry]
    progress: Sequence[Progress]
    changes: Sequence[Change] = ()

    @property
    def effects(self) -> list[Effect]:
        """All that becomes of files, in order."""
        made = [effect for entry in self.entries for effect in entry.effects]
        return made + [effect for change in self.changes for effect in change.effects]

    @property
    def lines(self) -> list[Line]:
        """The log's lines, in order."""
        lines = [*(entry.line for entry in self.entries), *(change.line for change in self.changes)]
        return sorted(lines, key=lambda line: line.sequence)
