"""All known articles: the index in memory, rows and texts through ports, what is not committed yet. Pure but for ports.

Owned by one thread. What ``remember`` adds counts at once for the next newcomer, and is undone by ``rollback``.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from winnowd.originality.neighbours import SEEDED, Neighbours

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from winnowd.model import Fingerprint, IndexedArticle
    from winnowd.originality.neighbours import Savepoint


class Fingerprints(Protocol):
    """Port: stored articles by number, with their present standing; what is not stored is left out."""

    def of(self, numbers: Sequence[int]) -> Mapping[int, IndexedArticle]:
        """Give the articles that are there; an erased one with its digests only."""
        ...


class Texts(Protocol):
    """Port: the cleaned texts of stored articles, admitted or not."""

    def of(self, number: int) -> str | None:
        """Give a text, None if it is gone."""
        ...


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Recent:
    """An article that is not committed, or whose standing has changed since."""

    indexed: IndexedArticle
    text: str | None


class LibrarySavepoint(NamedTuple):
    """A point to roll back to."""

    neighbours: Savepoint
    undo: int


class Library:
    """What is known of the articles met so far."""

    def __init__(self, fingerprints: Fingerprints, texts: Texts) -> None:
        self._fingerprints = fingerprints
        self._texts = texts
        self._neighbours = Neighbours()
        self._recent: dict[int, _Recent] = {}
        self._undo: list[tuple[int, _Recent | None]] = []

    @property
    def nbytes(self) -> int:
        """The memory that the index takes."""
        return self._neighbours.nbytes

    def candidates(self, made: Fingerprint) -> list[IndexedArticle]:
        """The known articles to compare a newcomer with, oldest first; one whose row is not there is left out."""
        indexed = self.indexed(self._neighbours.propose(made))
        return [indexed[number] for number in sorted(indexed)]

    def indexed(self, numbers: Iterable[int]) -> dict[int, IndexedArticle]:
        """The known articles of these numbers, as far as they are there."""
        found: dict[int, IndexedArticle] = {}
        query_keys: list[int] = []
        for number in numbers:
            recent = self._recent.get(number)
            if recent is None:
                query_keys.append(number)
            else:
                found[number] = recent.indexed
        if query_keys:
            found.update(self._fingerprints.of(query_keys))
        return found

    def text(self, number: int) -> str | None:
        """The cleaned text of a known article, None if it is gone."""
        recent = self._recent.get(number)
        if recent is not None and recent.text is not None:
            return recent.text
        return self._texts.of(number)

    def remember(self, indexed: IndexedArticle, text: str | None = None) -> None:
        """Take in an article just decided, or one whose standing has changed; ``text`` until it is committed."""
        before = self._recent.get(indexed.number)
        self._undo.append((indexed.number, before))
        if text is None and before is not None:
            text = before.text
        self._recent[indexed.number] = _Recent(indexed, text)
        self._neighbours.add(indexed.number, indexed.fingerprint, seeded=indexed.standing in SEEDED)

    def savepoint(self) -> LibrarySavepoint:
        """A point to roll back to, until ``committed``."""
        return LibrarySavepoint(self._neighbours.savepoint(), len(self._undo))

    def rollback(self, savepoint: LibrarySavepoint) -> None:
        """Forget all that was remembered since the savepoint."""
        self._neighbours.rollback(savepoint.neighbours)
        for number, before in reversed(self._undo[savepoint.undo :]):
            if before is None:
                del self._recent[number]
            else:
                self._recent[number] = before
        del self._undo[savepoint.undo :]

    def committed(self) -> None:
        """All that was remembered is committed: from now on the ports know it. Savepoints taken before are void."""
        self._neighbours.committed()
        self._recent.clear()
        self._undo.clear()

    def build(self, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> int:
        """Fill the index anew from stored rows (see ``Neighbours.build``); give their number."""
        self._recent.clear()
        self._undo.clear()
        return self._neighbours.build(rows)
