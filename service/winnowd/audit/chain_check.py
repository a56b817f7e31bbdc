"""Whether anything in the audit log was changed: chain, numbers, days, digests, anchors.

A line names the SHA-256 of the line before it, across days, and its number follows; a sealed day is what its digest
says, and digests name each other; anchors (HEAD.json, INDEX.md, and what the caller has) name lines that must be there.
Who owns the log and every anchor can write all of it anew: this shows tampering, it does not prevent it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Final, Literal

from winnowd.audit.links import FIRST, head_of, link_of
from winnowd.audit.pieces import pieces
from winnowd.audit.reader import Log, Logged, day_of
from winnowd.layout import HEAD, INDEX

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path


_TIME: Final = re.compile(rb'\{"@timestamp":"(\d{4}-\d\d-\d\d)T')
_BEGINS: Final = b'{"@timestamp":"'
_DAY: Final = slice(15, 25)
_FRONT_MATTER: Final = 8_192
_DIGEST: Final = ".digest.json"

Kind = Literal["line", "chain", "sequence", "day", "digest", "anchor", "packed", "torn"]


@dataclasses.dataclass(frozen=True, slots=True)
class Anchor:
    """A line that someone else remembers: its number and hash, and where that is written."""

    sequence: int
    sha256: str
    where: str


@dataclasses.dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is not as it was written; ``torn`` is a line that a crash left unfinished, which a start mends."""

    position: str
    kind: Kind
    what: str


@dataclasses.dataclass(frozen=True, slots=True)
class Checked:
    """What a check found: lines and days read, anchors met, the last line's number and hash, all faults."""

    lines: int
    days: int
    sealed: int
    anchors: int
    last_sequence: int
    last_sha256: str
    faults: tuple[Fault, ...]


def anchors(instance_dir: Path, audit_dir: Path | None = None) -> list[Anchor]:
    """What the instance's own files remember of the log: HEAD.json and the front matter of INDEX.md.

    Beside a copy of the log only HEAD.json is asked.
    """
    found = []
    if (head := head_of(Log(instance_dir, audit_dir).path(HEAD))) is not None:
        found.append(Anchor(head.sequence, head.sha256, HEAD))  # of a broken one no line has the number
    if audit_dir is not None:
        return found
    index = instance_dir / INDEX
    if index.is_file():
        with index.open("rb") as content:
            front = content.read(_FRONT_MATTER).decode("utf-8", "replace")
        is_before_all = re.search(r"^  audit_sequence: 0$", front, re.MULTILINE) is not None
        index_anchors = index_anchor(front, INDEX)
        found += index_anchors or ([] if is_before_all else [Anchor(0, "", INDEX)])
    return found


def index_anchor(front_matter: str, where: str) -> list[Anchor]:
    """The anchor in the front matter of an INDEX.md, of now or of an older commit; none before the first event."""
    sequence = re.search(r"^  audit_sequence: (\d+)$", front_matter, re.MULTILINE)
    sha256 = re.search(r'^  audit_sha256: "?([0-9a-f]{64})"?$', front_matter, re.MULTILINE)
    if sequence is None or sha256 is None or sequence[1] == "0":
        return []
    return [Anchor(int(sequence[1]), sha256[1], where)]


def check(
    instance_dir: Path,
    remembered: Iterable[Anchor] = (),
    *,
    audit_dir: Path | None = None,
    since: str = "",
    each: Callable[[Logged], None] | None = None,
    step: Callable[[], None] = lambda: None,
) -> Checked:
    """Read the log and list all that is not as it was written, in the order of the log; ``each`` is told of its lines.

    ``step`` is called for each.

    From the day ``since`` (``2026-11-22``) on only: what was before it, its first line is taken at its word for.
    ``audit_dir``: of a copy of the log, beside which nothing is read.
    """
    return _Check(Log(instance_dir, audit_dir), [*anchors(instance_dir, audit_dir), *remembered], each, step).run(since)


@dataclasses.dataclass(slots=True)
class _Day:
    """What was read of one day; ``content`` hashes all of it, where a digest says what that must be."""

    file: str
    digest: Path
    day: bytes
    content: Any
    first: int = 0
    last: int = 0
    events: int = 0
    last_sha256: str = ""

    @property
    def position(self) -> str:
        """Of the line read last."""
        return f"{self.file}:{self.events}"


class _Check:
    """One reading of the log from its first line to its last."""

    def __init__(
        self, log: Log, anchors: list[Anchor], each: Callable[[Logged], None] | None, step: Callable[[], None]
    ) -> None:
        self._log, self._each, self._step = log, each, step
        self._anchors: dict[int, list[Anchor]] = {}
        for anchor in anchors:
            self._anchors.setdefault(anchor.sequence, []).append(anchor)
        self._faults: list[Fault] = []
        self._prev, self._sequence, self._lines = FIRST, 0, 0
        self._before: tuple[str, int] | None = None
        self._previous_digest: str | None = None
        self._met, self._sealed = 0, 0
        self._is_begun = True

    def run(self, since: str) -> Checked:
        every = self._log.days()
        files = [file for file in every if day_of(file) >= since] or every[-1:]  # its end is what anchors name
        if len(files) < len(every):
            self._is_begun = False
            self._previous_digest = _hash_of(self._digest_of(every[len(every) - len(files) - 1]))
        for file in files:
            self._read(file, is_last=file == every[-1])
        for sequence, unmet in sorted(self._anchors.items()):
            for anchor in unmet:
                what = f"names event {sequence}, which the log does not have; its end, or all of it, was replaced"
                self._add(anchor.where, "anchor", what)
        found = tuple(self._faults)
        return Checked(self._lines, len(files), self._sealed, self._met, self._sequence, self._prev, found)

    def _add(self, position: str, kind: Kind, what: str) -> None:
        self._faults.append(Fault(position, kind, what))

    def _read(self, file: str, *, is_last: bool) -> None:
        """One day, in pieces: a thread unpacks the next while the lines of one are looked at."""
        digest = self._digest_of(file)
        day = _Day(file, digest, day_of(file).encode(), hashlib.sha256() if digest.exists() else None)
        for piece in pieces(self._log, [file]):
            if piece.fault:
                self._add(file, "packed", f"{piece.fault}; restore it from a copy")
            elif piece.content.endswith(b"\n"):
                if day.content is not None:
                    day.content.update(piece.content)
                self._lines_of(piece.content[:-1].split(b"\n"), piece.offset, day)
            else:
                kind: Kind = "torn" if is_last and not file.endswith(".gz") else "line"
                what = f"ends without a line break after {len(piece.content)} bytes"
                self._add(f"{file}:{day.events + 1}", kind, what)
        self._digest(day)

    def _lines_of(self, lines: Sequence[bytes], offset: int, day: _Day) -> None:
        """Whole lines from an offset on: each names the hash of the one before it, and its number follows."""
        each, step = self._each, self._step
        for line in lines:
            step()
            day.events += 1
            sha256 = hashlib.sha256(line).hexdigest()
            if each is not None:
                each(Logged(day.file, day.events, offset, line))
                offset += len(line) + 1
            if not self._goes_on(line, day.day):
                self._line(line, sha256, day)
            else:
                self._lines += 1
                self._sequence += 1
                day.last = self._sequence
                day.first = day.first or day.last
                day.last_sha256 = self._prev = sha256
                self._before = (day.file, day.events)

    def _goes_on(self, line: bytes, day: bytes) -> bool:
        """Whether a line is all that it must be, and no anchor names it: that is told without taking it apart."""
        follows = self._sequence + 1
        return (
            line.endswith(b'"chain":{"prev":"%b"}}}' % self._prev.encode())
            and b'"sequence":%d,"kind":"event"' % follows in line
            and line.startswith(_BEGINS)
            and line[_DAY] <= day
            and follows not in self._anchors
            and self._is_begun
        )

    def _digest_of(self, file: str) -> Path:
        return self._log.path(f"{file.partition('.')[0]}{_DIGEST}")

    def _begin(self, sequence: int, prev: str) -> None:
        """The first line of a log that is not read from its beginning; anchors of older ones cannot be met."""
        self._is_begun = True
        self._sequence, self._prev = sequence - 1, prev
        for older in [one for one in self._anchors if one < sequence]:
            del self._anchors[older]

    def _line(self, line: bytes, sha256: str, day: _Day) -> None:
        self._lines += 1
        day.last_sha256 = sha256
        link = link_of(line)
        if link is None:
            self._add(day.position, "line", "is no event of the audit log")
        else:
            sequence, prev = link
            if not self._is_begun:
                self._begin(sequence, prev)
            if sequence != self._sequence + 1 or prev != self._prev:
                self._follows(day.position, sequence, prev)
            found = _TIME.match(line)
            if found is None or found[1] > day.day:  # a clock that stepped back leaves older events in a later file
                self._add(day.position, "day", "was written after this day; it belongs to another file")
            if sequence in self._anchors:
                self._meets(day.position, sequence, sha256)
            day.first = day.first or sequence
            day.last = self._sequence = sequence
        self._before, self._prev = (day.file, day.events), sha256

    def _follows(self, position: str, sequence: int, prev: str) -> None:
        """Name what happened by number and hash: both wrong is a gap or a swap, only the hash a change."""
        expected = self._sequence + 1
        if sequence > expected:
            missing = f"event {expected}" if sequence == expected + 1 else f"events {expected} to {sequence - 1}"
            self._add(position, "sequence", f"is event {sequence}; {missing} should stand before it")
        elif sequence < expected:
            self._add(position, "sequence", f"is event {sequence}, after event {self._sequence}")
        elif prev != self._prev:
            before = "the beginning" if self._before is None else f"{self._before[0]}:{self._before[1]}"
            what = f"does not follow from {before}: the bytes of that line, or of this one, were changed"
            self._add(position, "chain", what)

    def _meets(self, position: str, sequence: int, sha256: str) -> None:
        for anchor in self._anchors.pop(sequence):
            if anchor.sha256 == sha256:
                self._met += 1
            else:
                what = f"is not the event {sequence} that {anchor.where} remembers"
                self._add(position, "anchor", what)

    def _digest(self, day: _Day) -> None:
        """Hold a sealed day to its digest; a packed day must have one."""
        if day.content is None:
            if day.file.endswith(".gz"):
                self._add(day.file, "digest", "is sealed, and its digest is gone")
            return
        content = day.digest.read_bytes()
        position = f"{day.file.partition('.')[0]}{_DIGEST}"
        try:
            said = json.loads(content)
        except ValueError:
            said = None
        if not isinstance(said, dict):
            self._add(position, "digest", "is no digest")
            return
        self._sealed += 1
        found = {
            "sha256": day.content.hexdigest(),
            "first_sequence": day.first,
            "last_sequence": day.last,
            "last_line_sha256": day.last_sha256,
            "events": day.events,
            "previous_digest_sha256": self._previous_digest,
        }
        if day.file.endswith(".gz"):
            found["packed_sha256"] = hashlib.sha256(self._log.path(day.file).read_bytes()).hexdigest()
        for name, value in found.items():
            if said.get(name) != value:
                self._add(position, "digest", f"says {name} is {said.get(name)}; it is {value}")
        self._previous_digest = hashlib.sha256(content).hexdigest()


def _hash_of(path: Path) -> str | None:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else None
