"""All known articles: the index in memory, rows and texts through ports, what is not committed yet. Pure but for ports.

Owned by one thread. What ``remember`` adds counts at once for the next newcomer, and is undone by ``rollback``.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from winnowd.model import Standing
from winnowd.originality.article_text import ArticleText
from winnowd.originality.bounded import Bounded
from winnowd.originality.neighbours import SEEDED, Neighbours
from winnowd.originality.paragraphs import HeldParagraphs
from winnowd.originality.side import Side

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from winnowd.model import Fingerprint, IndexedArticle

MOST_KEPT, MOST_SIDES, MOST_TEXTS = 16_000_000, 8_000_000, 16_000_000
"""Bytes of articles that are kept at hand, of what their sketches are made into, and of texts with what was derived
from them: some two thousand, a thousand, five hundred. What an agency tells in a day meets itself most."""
LEAST_HOLDERS = 2
"""So many other articles hold a paragraph that stands in all of them; copies are not admitted, so none is their own."""


class Fingerprints(Protocol):
    """Port: stored articles by number, with their present standing; what is not stored is left out."""

    def of(self, numbers: Sequence[int]) -> Mapping[int, IndexedArticle]:
        """Give the articles that are there; an erased one with its digests only."""
        ...

    def holders(self, paragraph: int, most: int) -> Sequence[int]:
        """Give the numbers of at most so many articles of the corpus that hold a paragraph, by its hash."""
        ...


class Texts(Protocol):
    """Port: the cleaned texts of stored articles, admitted or not."""

    def of(self, number: int) -> str | None:
        """Give a text, None if it is gone."""
        ...


class NeighboursPort(Protocol):
    """Port: which articles may resemble a newcomer; see ``Neighbours``, which says in full what each answer is."""

    @property
    def nbytes(self) -> int:
        """The memory that it takes."""
        ...

    def expect(self, made: Sequence[Fingerprint]) -> Sequence[int]:
        """A batch begins: the numbers that are proposed, of whichever newcomer; no answer depends on it."""
        ...

    def propose(self, made: Fingerprint) -> Sequence[int]:
        """The numbers of the articles to compare with, oldest first."""
        ...

    def add(self, number: int, made: Fingerprint, *, seeded: bool) -> None:
        """Put an article in; again, with ``seeded``, when it enters the corpus later."""
        ...

    def savepoint(self) -> Any:  # noqa: ANN401 - its own secret
        """A point to roll back to, until ``committed``."""
        ...

    def rollback(self, savepoint: Any) -> None:  # noqa: ANN401 - its own secret
        """Undo all that was added since the savepoint."""
        ...

    def committed(self) -> None:
        """What was added is committed: forget how to roll back."""
        ...

    def build(self, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> int:
        """Fill the index anew from stored rows; give their number."""
        ...


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Recent:
    """An article that is not committed, or whose standing has changed since."""

    indexed: IndexedArticle
    text: ArticleText | None


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """An article as it stands in the ledger."""

    indexed: IndexedArticle

    @property
    def nbytes(self) -> int:
        """The memory that it takes."""
        return self.indexed.fingerprint.nbytes


class LibrarySavepoint(NamedTuple):
    """A point to roll back to."""

    neighbours: Any
    undo: int


class Library:
    """What is known of the articles met so far; ``neighbours``: an index that is empty, unless another is given."""

    def __init__(self, fingerprints: Fingerprints, texts: Texts, neighbours: NeighboursPort | None = None) -> None:
        self._fingerprints = fingerprints
        self._texts = texts
        self._neighbours: NeighboursPort = Neighbours() if neighbours is None else neighbours
        self._recent: dict[int, _Recent] = {}
        self._undo: list[tuple[int, _Recent | None]] = []
        self._unread: list[int] = []
        self._paragraphs = HeldParagraphs()
        self._kept: Bounded[_Kept] = Bounded(MOST_KEPT)
        self._sides: Bounded[Side] = Bounded(MOST_SIDES)
        self._newcomer: Side | None = None
        self._texts_kept: Bounded[ArticleText] = Bounded(MOST_TEXTS)

    @property
    def nbytes(self) -> int:
        """The memory that the index takes."""
        return self._neighbours.nbytes

    def expect(self, made: Sequence[Fingerprint]) -> None:
        """A batch begins: look all of it up at once, and get what is stored of the candidates."""
        self.indexed(self._neighbours.expect(made))

    def candidates(self, made: Fingerprint) -> list[IndexedArticle]:
        """The known articles to compare a newcomer with, oldest first; one whose row is not there is left out."""
        indexed = self.indexed(self._neighbours.propose(made))
        return [indexed[number] for number in sorted(indexed)]

    def indexed(self, numbers: Iterable[int]) -> dict[int, IndexedArticle]:
        """The known articles of these numbers, as far as they are there."""
        found: dict[int, IndexedArticle] = {}
        stored: list[int] = []
        for number in numbers:
            held = self._recent.get(number) or self._kept.get(number)
            if held is None:
                stored.append(number)
            else:
                found[number] = held.indexed
        for number, indexed in self._fingerprints.of(stored).items() if stored else ():
            found[number] = indexed
            self._kept.put(number, _Kept(indexed))
        return found

    def side(self, made: Fingerprint, number: int | None = None) -> Side | None:
        """The side of a known article by its number, or of a newcomer; None if it has no sketch."""
        found = self._newcomer if number is None else self._sides.get(number)
        if found is not None and found.made is made:
            return found
        side = Side.of(made)
        if number is None:
            self._newcomer = side
        elif side is not None:
            self._sides.put(number, side)
        return side

    def text(self, number: int) -> ArticleText | None:
        """The cleaned text of a known article, None if it is gone."""
        recent = self._recent.get(number)
        if recent is not None and recent.text is not None:
            return recent.text
        kept = self._texts_kept.get(number)
        if kept is None and (text := self._texts.of(number)) is not None:
            kept = ArticleText(text)
            self._texts_kept.put(number, kept)
        return kept

    def standing(self, found: AbstractSet[int], indexed: int) -> set[int]:
        """Which of these paragraphs stand in at least two articles of the corpus beside the one ``indexed``."""
        return {one for one in found if len(self._holders(one, indexed)) >= LEAST_HOLDERS}

    def _holders(self, paragraph: int, but: int) -> set[int]:
        """Articles of the corpus that hold a paragraph: all that are not committed, and enough of the others."""
        stored = self._fingerprints.holders(paragraph, LEAST_HOLDERS + 1 + len(self._recent))
        recent = {one for one in self.holding(paragraph) if self._recent[one].indexed.standing is Standing.ADMITTED}
        return (recent | {number for number in stored if number not in self._recent}) - {but}

    def holding(self, paragraph: int) -> AbstractSet[int]:
        """The articles that are not committed and hold a paragraph, however they stand."""
        for number in self._unread:
            if number in self._recent and number not in self._paragraphs:
                text = self.text(number)
                self._paragraphs.add(number, () if text is None else text.paragraphs)
        self._unread.clear()
        return self._paragraphs.holders(paragraph)

    def remember(self, indexed: IndexedArticle, text: ArticleText | None = None) -> None:
        """Take in an article just decided, or one whose standing has changed; ``text`` until it is committed."""
        before = self._recent.get(indexed.number)
        self._undo.append((indexed.number, before))
        if text is None and before is not None:
            text = before.text
        self._recent[indexed.number] = _Recent(indexed, text)
        self._unread.append(indexed.number)
        self._neighbours.add(indexed.number, indexed.fingerprint, seeded=indexed.standing in SEEDED)
        if self._newcomer is not None and self._newcomer.made is indexed.fingerprint:
            self._sides.put(indexed.number, self._newcomer)

    def savepoint(self) -> LibrarySavepoint:
        """A point to roll back to, until ``committed``."""
        return LibrarySavepoint(self._neighbours.savepoint(), len(self._undo))

    def rollback(self, savepoint: LibrarySavepoint) -> None:
        """Forget all that was remembered since the savepoint."""
        self._neighbours.rollback(savepoint.neighbours)
        for number, before in reversed(self._undo[savepoint.undo :]):
            if before is None:
                del self._recent[number]
                self._paragraphs.drop(number)
            else:
                self._recent[number] = before
        del self._undo[savepoint.undo :]

    def committed(self) -> None:
        """All that was remembered is committed: from now on the ports know it. Savepoints taken before are void."""
        self._neighbours.committed()
        for number, recent in self._recent.items():
            self._kept.put(number, _Kept(recent.indexed))
            if recent.text is not None:
                self._texts_kept.put(number, recent.text)
        self._recent.clear()
        self._undo.clear()
        self._unread.clear()
        self._paragraphs.clear()

    def forget(self, numbers: Iterable[int] | None = None) -> None:
        """Ask the ports anew for these, or for all: what they said of them may have changed."""
        for kept in (self._kept, self._sides, self._texts_kept):
            if numbers is None:
                kept.clear()
            else:
                for number in numbers:
                    kept.drop(number)

    def build(self, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> int:
        """Fill the index anew from stored rows (see ``Neighbours.build``); give their number."""
        self._recent.clear()
        self._undo.clear()
        self._unread.clear()
        self._paragraphs.clear()
        self.forget()
        return self._neighbours.build(rows)
