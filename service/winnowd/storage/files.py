"""What is kept of decisions, as orders ask for it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from winnowd.layout import ORIGINALS, evidence_file
from winnowd.model import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from winnowd.model import IndexedArticle, StoredDecision
    from winnowd.originality.library import Texts
    from winnowd.storage.disk import Disk
    from winnowd.storage.ledger import Ledger

_PIECE: Final = 1 << 20


class KeptFiles:
    """Port ``Files`` of the order planner."""

    def __init__(self, disk: Disk, ledger: Ledger, texts: Texts) -> None:
        self._disk = disk
        self._ledger = ledger
        self._texts = texts

    def indexed(self, number: int) -> IndexedArticle | None:
        """The article with its fingerprint."""
        return self._ledger.articles.of([number]).get(number)

    def text(self, number: int) -> str | None:
        """Its cleaned text."""
        return self._texts.of(number)

    def row(self, number: int) -> Mapping[str, Any] | None:
        """The index row that it has, or would have."""
        return self._ledger.changes.row(number)

    def stored(self, number: int) -> StoredDecision | None:
        """How a decision stands."""
        return self._ledger.changes.stored(number)

    def before(self, number: int) -> tuple[int, Mapping[str, Any]] | None:
        """The sequence of the last order on a decision, and how it stood before."""
        return self._ledger.changes.before(number)

    def changed_by(self, order: str, number: int) -> bool:
        """Whether an order was carried out on a decision already."""
        return self._ledger.changes.applied(order, number)

    def admitted(self, text_sha256: str) -> int | None:
        """The number of the corpus article of this very text."""
        return self._ledger.decisions.admitted(text_sha256)

    def is_whole(self, stored: StoredDecision, text: str) -> bool:
        """Whether a text is the one that was decided on, by its hash."""
        return hashlib.sha256(text.encode()).hexdigest() == stored.text_sha256

    def kept(self, stored: StoredDecision) -> list[tuple[str, str, int]]:
        """All files that hold something of it: path, SHA-256, size. An original with other records is not its own."""
        below = stored.location.partition("/")[2]
        paths = [stored.location, *(f"{folder}/{below}" for folder in ORIGINALS)]
        names = [one + ending for one in paths for ending in ("", ".why.json", ".why.md")]
        if stored.alone:
            names += [stored.original + ending for ending in ("", ".why.json", ".why.md")]
        names.append(evidence_file(stored.decided_at, stored.arrival, stored.record))
        found = []
        for name in dict.fromkeys(names):
            path = self._disk.path(name)
            if path.is_file() and not path.is_symlink():
                with path.open("rb") as file:
                    found.append((name, hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size))
        return found


def still_quoting(disk: Disk, ledger: Ledger, stored: StoredDecision) -> list[str]:
    """What quotes a record beside its own files, for people; asked before it is erased."""
    names = [name for name in ledger.changes.resembling(stored.number) if name != stored.name]
    found = [f"the evidence of {name}, which resembles it" for name in dict.fromkeys(names)]
    if stored.outcome == Outcome.ADMITTED and disk.path(".git").exists():
        found.append(f"the history of git, if you keep one: git filter-repo --invert-paths --path {stored.location}")
    return found


def still_together(disk: Disk, erased: Iterable[StoredDecision]) -> list[str]:
    """The originals that hold erased records and others, for people."""
    kept = [one.original for one in erased if not one.alone and one.original and disk.path(one.original).exists()]
    words = "in which it came: with its other records, and goes with the last of them"
    return [f"{original}, {words}" for original in dict.fromkeys(kept)]
