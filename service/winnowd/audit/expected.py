"""What must lie on disk by the audit log: its events taken one after the other, and held against the files at once."""

from __future__ import annotations

import dataclasses
import errno
import hashlib
import stat
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from winnowd.audit.evidence import evidence_at, is_blank, slot_of
from winnowd.layout import EVIDENCE, split_block
from winnowd.storage import packed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


T = TypeVar("T")

UNOPENED: Final = "unopened"
DECISIONS: Final = frozenset({"admit", "quarantine", "reject"})
ORDERS: Final = frozenset({"release", "confirm", "restore", "supersede", "retract", "erase"})
_UNKNOWN: Final = (0, 0)
_HELD: Final = frozenset({"quarantined", "rejected"})


class Damage(NamedTuple):
    """What kind of thing is not as it was written, where, and what is wrong; UNOPENED: it could not be looked at."""

    kind: str
    position: str
    what: str


@dataclasses.dataclass(slots=True)
class Counts:
    """How much was looked at."""

    decisions: int = 0
    evidence: int = 0
    evidence_erased: int = 0
    held: int = 0
    gone: int = 0


class ExpectedState:
    """``tell`` each event; ``corpus`` is what ``seeds/`` must hold then (path to SHA-256), ``damage`` what is wrong.

    Evidence and held originals are read as they are told of, so that no more than what is missing is remembered.
    """

    def __init__(self, instance_dir: Path, *, reads: bool = True) -> None:
        """Take whether evidence and held originals are read at all."""
        self._instance_dir = instance_dir
        self._reads = reads
        self.corpus: dict[str, bytes] = {}
        self.counts = Counts()
        self.damage: list[Damage] = []
        self.last_sequence = 0
        self._seeds: dict[tuple[str, int], str] = {}
        self._missing: dict[tuple[str, int | None], str] = {}
        self._gone: set[tuple[str, int]] = set()
        self._erased_by: dict[tuple[str, int | None], tuple[Mapping[str, Any], int]] = {}
        self._batch = ("", 0)
        self._damaged: set[str] = set()

    def tell(self, event: Mapping[str, Any], position: str) -> None:
        """The next event of the log; raises KeyError, TypeError, ValueError for one that lacks what it must have."""
        action = event["event"]["action"]
        self.last_sequence = event["event"]["sequence"]
        if action in DECISIONS:
            self.counts.decisions += 1
            if self._reads:
                self._evidence(event, position)
        elif action not in ORDERS:
            return
        ours = event["winnowd"]
        record = (str(ours["arrival"]["id"]), int(ours["arrival"]["record"]))
        self._stands(record, ours)
        if action == "erase":
            self._erased(record, event)
        elif self._reads:
            self._lies(record, event, is_decision=action in DECISIONS)

    def _stands(self, record: tuple[str, int], ours: Mapping[str, Any]) -> None:
        """Whether the record is in the corpus from now on."""
        if (before := self._seeds.pop(record, None)) is not None:
            self.corpus.pop(before, None)
        if ours["outcome"] == "admitted":
            path = str(ours["destination"]["path"])
            self._seeds[record] = path
            self.corpus[path] = bytes.fromhex(ours["article"]["text_sha256"])

    def _evidence(self, event: Mapping[str, Any], position: str) -> None:
        named = event["winnowd"].get("evidence")
        if named is None:
            return
        self.counts.evidence += 1
        if "offset" in named:
            self._ends_with(named["path"], named["offset"] + named["bytes"] + 1)
        found = self._bytes(named)
        if found is None or is_blank(found):
            self._missing[slot_of(named)] = position
        elif hashlib.sha256(found).hexdigest() != named["sha256"]:
            self._add("evidence", _position(named), f"is not what {position} tells of: its bytes were changed")

    def _ends_with(self, path: str, end: int) -> None:
        """Note how far the evidence of a batch goes; once all of it is told, there is nothing behind it."""
        before, size = self._batch
        if before and path != before:
            found = self._stat(before)
            if found is not None and found[1] > size:
                self._add("evidence", before, "goes on behind all that events tell of")
        self._batch = (path, end)

    def _lies(self, record: tuple[str, int], event: Mapping[str, Any], *, is_decision: bool) -> None:
        """Whether what is held lies where it must; a later order may have moved it."""
        ours = event["winnowd"]
        self._forget(record)
        if ours["outcome"] not in _HELD:
            return
        if is_decision:
            self.counts.held += 1
        path = ours["destination"]["path"]
        found = self._mode_of(path)
        if found is None:
            self._gone.add(record)
            self.counts.gone += 1
        elif found and is_decision and (named := _own_hash(event)) and not self._is_file(path, found, named):
            self._add("original", path, "is not the file that was judged: its bytes were changed")

    def _is_file(self, path: str, mode: int, sha256: str) -> bool:
        return stat.S_ISREG(mode) and self._hash(path) == sha256

    def _forget(self, record: tuple[str, int]) -> None:
        if record in self._gone:
            self._gone.remove(record)
            self.counts.gone -= 1

    def _erased(self, record: tuple[str, int], event: Mapping[str, Any]) -> None:
        self._forget(record)
        for gone in event["winnowd"].get("erased", ()):
            slot = slot_of(gone)
            if self._missing.pop(slot, None) is not None:
                self.counts.evidence_erased += 1
            self._erased_by[slot] = (gone, event["event"]["sequence"])

    def finish(self) -> None:
        """The log is at its end: what is missing now nobody has erased, what was erased must not be there."""
        self._ends_with("", 0)
        for (path, offset), position in self._missing.items():
            self._add(
                "evidence",
                _position({"path": path, "offset": offset}),
                f"is gone; {position} tells of it, and no event erased it",
            )
        for gone, sequence in self._erased_by.values():
            if gone["path"] not in self.corpus and self._is_there(gone):
                self._add("erased", _position(gone), f"was erased by event {sequence:,}, and is there again")

    def _is_there(self, gone: Mapping[str, Any]) -> bool:
        if "offset" not in gone:
            return bool(self._mode_of(gone["path"]))
        found = self._bytes(gone)
        return found is not None and not is_blank(found)

    def _add(self, kind: str, position: str, what: str) -> None:
        self.damage.append(Damage(kind, position, what))

    def _mode_of(self, path: str) -> int | None:
        found = self._stat(path)
        return None if found is None else found[0]

    def _stat(self, path: str) -> tuple[int, int] | None:
        """Mode and size of what lies there, None if that is nothing; of a block that is none any more, it is told."""
        found = self._read(path, lambda: packed.stat_of(self._instance_dir / path), _UNKNOWN)
        block, _ = split_block(path)
        if found is _UNKNOWN and block not in self._damaged:
            self._damaged.add(block)
            kind = "evidence" if path.startswith(EVIDENCE) else "original"
            self._add(kind, block, "is not the packed block that was written: nothing in it can be read")
        return found

    def _hash(self, path: str) -> str | None:
        """The SHA-256 of a file, None if there is none; what cannot be read is damage of its own."""
        return self._read(path, lambda: packed.sha256_of(self._instance_dir / path), "")

    def _bytes(self, named: Mapping[str, Any]) -> bytes | None:
        """Evidence, None if there is none; what cannot be read is damage of its own."""
        return self._read(named["path"], lambda: evidence_at(self._instance_dir / named["path"], named), b"a link")

    def _read(self, path: str, read: Callable[[], T | None], other: T) -> T | None:
        """What ``read`` gives; ``other`` of a link, or of a damaged block, which is not what was written."""
        try:
            return read()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as fault:
            if fault.errno in {errno.ELOOP, errno.EBADMSG}:
                return other
            self._add(UNOPENED, path, f"cannot be read ({fault.strerror})")
            return None


def _position(named: Mapping[str, Any]) -> str:
    """Where evidence stands, for people."""
    path, offset = slot_of(named)
    return path if offset is None else f"{path}, byte {offset:,}"


def _own_hash(event: Mapping[str, Any]) -> str:
    """The hash of a file that is one record, "" of one that holds several, or was not read."""
    if event["winnowd"]["arrival"].get("records") != 1:
        return ""
    return str(event["file"].get("hash", {}).get("sha256", ""))
