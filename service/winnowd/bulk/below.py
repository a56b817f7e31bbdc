"""What an instance knew before a run: a snapshot of its ledger, which nobody writes, for any process. Reads disk."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from winnowd.storage.disk import Disk
from winnowd.storage.ledger import Ledger
from winnowd.storage.texts import StoredTexts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from winnowd.model import Binding, IndexedArticle, StoredDecision


class Below:
    """The decisions of the snapshot at ``path``; its texts lie in the instance. With no snapshot there are none."""

    def __init__(self, path: Path | None, instance_dir: Path) -> None:
        self._instance_dir = instance_dir
        self._ledger = None if path is None else Ledger.read(path)
        self._texts = None if self._ledger is None else StoredTexts(Disk(instance_dir), self._ledger.articles)

    @functools.cached_property
    def is_empty(self) -> bool:
        """Whether nothing was decided before."""
        return self._ledger is None or self._ledger.decisions.next_number() == 1

    def of(self, numbers: Sequence[int]) -> Mapping[int, IndexedArticle]:
        """The articles of these numbers that are there."""
        return {} if self._ledger is None or not numbers else self._ledger.articles.of(numbers)

    def holders(self, paragraph: int, most: int) -> Sequence[int]:
        """At most so many articles of the corpus that hold a paragraph, by its hash."""
        return () if self._ledger is None else self._ledger.articles.holders(paragraph, most)

    def text(self, number: int, moved_to: str = "") -> str | None:
        """The text of an article; ``moved_to``: where it lies if its place has been taken meanwhile."""
        found = None if self._texts is None else self._texts.of(number)
        if found is None and moved_to and (path := self._instance_dir / moved_to).is_file():
            return path.read_bytes().decode()
        return found

    def names_taken(self, names: Sequence[str]) -> dict[str, str | None]:
        """For each of these names the hash of the text that has it, None if there is none."""
        return dict.fromkeys(names) if self._ledger is None else self._ledger.decisions.names_taken(names)

    def admitted(self, text_sha256: str) -> int | None:
        """The number of the corpus article of this very text."""
        return None if self._ledger is None else self._ledger.decisions.admitted(text_sha256)

    @functools.cached_property
    def _binds(self) -> bool:
        return self._ledger is not None and self._ledger.decisions.binds()

    def binds(self) -> bool:
        """Whether a person has decided about any text."""
        return self._binds

    def bound(self, text_sha256: str, raw_digest: bytes, word_digest: bytes) -> Binding | None:
        """What a person has decided about this text."""
        return None if self._ledger is None else self._ledger.decisions.bound(text_sha256, raw_digest, word_digest)

    def stored(self, number: int) -> StoredDecision | None:
        """How a decision stood."""
        return None if self._ledger is None else self._ledger.changes.stored(number)

    def row(self, number: int) -> Mapping[str, object] | None:
        """Its index row."""
        return None if self._ledger is None else self._ledger.changes.row(number)

    def close(self) -> None:
        """Close the snapshot."""
        if self._ledger is not None:
            self._ledger.close()
