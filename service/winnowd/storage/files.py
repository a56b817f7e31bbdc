"""What is kept of decisions, as orders ask for it."""

from __future__ import annotations

import hashlib
import json
import os
from typing import TYPE_CHECKING, Any, Final

from winnowd.layout import ORIGINALS, WHY, out_of_block, split_block
from winnowd.model import KeptFile, Outcome
from winnowd.storage import packed
from winnowd.storage.audit import line_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from winnowd.model import IndexedArticle, StoredDecision
    from winnowd.originality.library import Texts
    from winnowd.storage.disk import Disk
    from winnowd.storage.ledger import Ledger

BLANK: Final = b" "
"""What ``erase`` puts where a line of a batch's evidence was."""


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
        """Whether a text is the one that was decided on, by the hash that the ledger has, and the one in the log.

        The ledger alone is not asked: who could change the text there could change its hash, too.
        """
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        if sha256 != stored.text_sha256:
            return False
        line = line_of(self._disk, self._ledger.outbox, self._ledger.decisions.sequence(stored.number))
        return line is not None and json.loads(line)["winnowd"].get("article", {}).get("text_sha256") == sha256

    def kept(self, stored: StoredDecision) -> list[KeptFile] | None:
        """All files that hold something of it; None if not all can be told.

        The log may not tell any more where its evidence stands, or a packed block that holds some of it is damaged.

        An original with other records is not its own; of its batch's evidence so many bytes are. Its own lie where
        they were put when it was decided, or below another folder if an order has moved them.
        """
        line = line_of(self._disk, self._ledger.outbox, self._ledger.decisions.sequence(stored.number))
        if line is None:
            return None
        ours = json.loads(line)["winnowd"]
        locations = (stored.location, ours.get("destination", {}).get("path", ""))
        below = [path.partition("/")[2] for one in locations if one for path in (one, out_of_block(one))]
        paths = [stored.location, *(f"{folder}/{path}" for path in below for folder in ORIGINALS)]
        if stored.alone:
            paths.append(stored.original)
        names = [one + ending for one in paths for ending in ("", *WHY)]
        evidence = ours.get("evidence", {})
        if evidence and "offset" not in evidence:
            names.append(evidence["path"])
        blocks = {block for name in (*names, evidence.get("path", "")) if (block := split_block(name)[0])}
        if not all(self._is_whole_block(block) for block in blocks):
            return None
        found = [self._whole(name) for name in dict.fromkeys(names) if self._is_file(name)]
        if "offset" in evidence and self._is_file(evidence["path"]):
            found += self._part(evidence)
        return found

    def _is_whole_block(self, block: str) -> bool:
        path = self._disk.name(block)
        return not os.path.isfile(path) or packed.is_whole(path)

    def _is_file(self, name: str) -> bool:
        return packed.is_file(self._disk.name(name))

    def _whole(self, name: str) -> KeptFile:
        path = self._disk.name(name)
        _, size = packed.stat_of(path) or (0, 0)
        return KeptFile(name, packed.sha256_of(path), size)

    def _part(self, evidence: Mapping[str, Any]) -> Iterator[KeptFile]:
        """The line of a batch's evidence, unless it is blank already. No other one of that file moves."""
        content = packed.read(self._disk.name(evidence["path"]))
        start, end = evidence["offset"], evidence["offset"] + evidence["bytes"]
        if line := content[start:end].strip(BLANK):
            line = content[start:end]
            blanked = content[:start] + BLANK * len(line) + content[end:]
            yield KeptFile(evidence["path"], hashlib.sha256(line).hexdigest(), len(line), start, blanked)


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
