"""What the route makes of records: arrivals, judged records, lines of the log, files to write, changes. Pure."""

from __future__ import annotations

import dataclasses
import datetime as dt  # noqa: TC003 - msgspec reads the types while it runs
import itertools
import json
from collections.abc import Mapping  # noqa: TC003 - the same
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Protocol

from winnowd.model.findings import Grade, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from winnowd.article import Article
    from winnowd.model.articles import Provenance
    from winnowd.model.findings import Finding, Note, Outcome
    from winnowd.model.originality import Fingerprint, Nearest, Presentation, QualityKey, Relation

REST: Final = "SYS949"
"""The code of what stands for the rest of a file."""


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

    @property
    def weight(self) -> int:
        """The characters of its text and the bytes that are its own: what it takes to hold it."""
        return (0 if self.article is None else len(self.article.text)) + (0 if self.raw is None else len(self.raw))

    @property
    def is_rest(self) -> bool:
        """Whether it stands for all further records of its file, which were counted and not judged."""
        return any(finding.code == REST for finding in self.findings)

    @property
    def is_of_many(self) -> bool:
        """Whether it is not all that its file has."""
        return self.raw is not None or self.provenance.record > 0


@dataclasses.dataclass(frozen=True, slots=True)
class Decision:
    """The outcome, and all findings, worst grade first, then by code."""

    outcome: Outcome
    findings: tuple[Finding, ...]

    @property
    def codes(self) -> tuple[str, ...]:
        """The codes of all doubts and fails, worst first."""
        return tuple(finding.code for finding in self.not_passed)

    @property
    def not_passed(self) -> tuple[Finding, ...]:
        """The findings that doubt or fail: the first of all."""
        return tuple(itertools.takewhile(_is_not_passed, self.findings))


def _is_not_passed(finding: Finding) -> bool:
    return finding.grade is not Grade.PASS


@dataclasses.dataclass(frozen=True, slots=True)
class Arrival:
    """One file taken from the inbox: how it lay there, and its row in the ledger.

    ``path`` is below the inbox, in bytes as the file system gave it; ``id`` is 16 hex digits, ours. ``tries`` counts
    the attempts begun; ``records_done`` the records already decided. ``barren``: how many of them, up to the last one,
    had nothing to judge; -1 if that does not matter any more, since a person wants all of them judged. ``counted``: the
    records behind those decided that this run has counted so far, and will hold as one. ``continues``: the arrival
    (number, id) whose file was changed after it was judged, and is this one. ``changed``: so, it is known, was this.
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
    barren: int = 0
    continues: tuple[int, str] | None = None
    changed: bool = False
    counted: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class Judged:
    """One record with its decision and its place: event, why-files, index row and ledger row are all made from it.

    ``number`` is its row in the ledger; ``name`` the article's id, or ``<arrival>-<record>`` for what has no text;
    ``location`` where it is kept, below the instance folder. ``standing`` is None for a record without an article.
    ``repeats``: it stood in its file before that was changed, and is turned away as that comes again.
    ``corpus_sequence`` and ``corpus_articles``: the last event and the size of the corpus that it was judged against.
    ``presentation``: what is still to be said of it from its text and its nearest article's; nothing is decided by it.
    """

    number: int
    arrival: Arrival
    prepared: Prepared
    decision: Decision
    name: str
    location: str
    begun_at: dt.datetime
    decided_at: dt.datetime
    originality_ns: int = 0
    nearest: Nearest | None = None
    relations: tuple[Relation, ...] = ()
    standing: Standing | None = None
    root: int | None = None
    supersedes: int | None = None
    repeats: bool = False
    quality_key: QualityKey | None = None
    corpus_sequence: int = 0
    corpus_articles: int = 0
    presentation: Presentation | None = None


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
class EvidenceLine:
    """The evidence of one record: a line of the file at ``path`` from the offset ``start`` on; ``line`` has no LF."""

    path: str
    start: int
    line: bytes
    sha256: str


class KeptFile(NamedTuple):
    """A file that holds something of a record, or the ``size`` bytes from ``offset`` on of one that holds more.

    ``blanked``: what the whole file is with blanks instead of these bytes.
    """

    path: str
    sha256: str
    size: int
    offset: int | None = None
    blanked: bytes | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A judged record with all that follows from it: its line, its files, its index row (of any record with a text).

    ``effects`` are the files that are its own, so without the evidence; ``row`` is JSON, as the ledger keeps it.
    """

    judged: Judged
    line: Line
    effects: tuple[Effect, ...]
    row: str | None
    evidence_line: EvidenceLine | None = None

    @property
    def event(self) -> dict[str, Any]:
        """Its event, as the log has it; read anew each time."""
        event: dict[str, Any] = json.loads(self.line.line)
        return event

    @property
    def evidence(self) -> dict[str, Any]:
        """Its evidence, {} if it has none; read anew each time."""
        evidence: dict[str, Any] = {} if self.evidence_line is None else json.loads(self.evidence_line.line)
        return evidence


@dataclasses.dataclass(frozen=True, slots=True)
class Progress:
    """How far an arrival is decided; ``location`` is where its original goes, None while records are still to come.

    ``barren`` as in ``Arrival``.
    """

    arrival: Arrival
    records_done: int
    location: str | None = None
    barren: int = 0


@dataclasses.dataclass(frozen=True, slots=True)
class StoredDecision:
    """A decision as it stands today: ``outcome`` is one of ``Outcome``, or retracted, erased or reopened.

    ``location`` is where it is kept, ``path`` how its file lay in the inbox, ``original`` where that file is now,
    ``alone`` that it holds no other record but erased ones.
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
    location: str
    decided_at: dt.datetime
    original: str = ""
    alone: bool = True


@dataclasses.dataclass(frozen=True, slots=True)
class StateChange:
    """What an order, or a better article, makes of a decision: how it stands then, and all that follows from it.

    ``listed`` is the index row that it gets, ``unlisted`` why its row leaves the pages (a code or an action); ``text``
    is kept in the ledger from now on, None drops what is kept there; ``codes`` are why it is turned away now, None for
    those of its decision; ``erased`` tells how much of its fingerprint goes. ``person`` gave the order; ``restores`` is
    the sequence of the event that it undoes.
    """

    stored: StoredDecision
    action: str
    order: str
    line: Line
    outcome: str
    standing: Standing | None
    root: int | None
    location: str
    effects: tuple[Effect, ...] = ()
    listed: Mapping[str, Any] | None = None
    unlisted: str = ""
    text: str | None = None
    codes: tuple[str, ...] | None = None
    erased: Literal["", "text", "all"] = ""
    person: str = ""
    restores: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Binding:
    """What a person decided about a text (confirm, retract or erase), and the sequence of the event that tells it."""

    action: str
    person: str
    sequence: int


def effects_of(entries: Iterable[DecisionRecord]) -> list[Effect]:
    """What becomes of files by the decisions of one batch, in order: their evidence together, then what each has."""
    lines: dict[str, list[bytes]] = {}
    effects: list[Effect] = []
    for entry in entries:
        if (one := entry.evidence_line) is not None:
            lines.setdefault(one.path, []).append(one.line)
        effects += entry.effects
    return [Effect(path, b"\n".join([*found, b""])) for path, found in lines.items()] + effects


@dataclasses.dataclass(frozen=True, slots=True)
class DecidedBatch:
    """What one transaction makes true, and what follows from it: decisions, progress of arrivals, changes of others."""

    entries: Sequence[DecisionRecord]
    progress: Sequence[Progress]
    changes: Sequence[StateChange] = ()

    @property
    def effects(self) -> list[Effect]:
        """All that becomes of files, in order."""
        return effects_of(self.entries) + [effect for change in self.changes for effect in change.effects]

    @property
    def lines(self) -> list[Line]:
        """The log's lines, in order."""
        lines = [*(entry.line for entry in self.entries), *(change.line for change in self.changes)]
        return sorted(lines, key=lambda line: line.sequence)

    @property
    def nbytes(self) -> int:
        """What is to be written of it: the log's lines and the files' content, in bytes."""
        return sum(len(one.line) for one in self.lines) + sum(len(one.content or b"") for one in self.effects)


class Recorded(Protocol):
    """What a transaction has made true, and what follows from it: as ``DecidedBatch``, with its records or without."""

    @property
    def effects(self) -> Sequence[Effect]:
        """All that becomes of files, in order."""
        ...

    @property
    def lines(self) -> Sequence[Line]:
        """The log's lines, in order."""
        ...

    @property
    def progress(self) -> Sequence[Progress]:
        """How far arrivals are decided."""
        ...
