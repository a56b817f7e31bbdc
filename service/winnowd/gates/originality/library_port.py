"""What the gate of originality needs to know of the articles met so far: a port, as small as its caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from winnowd.model import Fingerprint, IndexedArticle
    from winnowd.originality.article_text import ArticleText
    from winnowd.originality.side import Side


class LibraryPort(Protocol):
    """The articles met so far; ``winnowd.originality.library`` says in full what each answer is."""

    @property
    def nbytes(self) -> int:
        """The memory that the index takes."""
        ...

    def expect(self, made: Sequence[Fingerprint]) -> None:
        """A batch begins; no answer depends on it."""
        ...

    def candidates(self, made: Fingerprint) -> list[IndexedArticle]:
        """The articles to compare a newcomer with, oldest first."""
        ...

    def indexed(self, numbers: Iterable[int]) -> dict[int, IndexedArticle]:
        """The articles of these numbers, as far as they are there."""
        ...

    def side(self, made: Fingerprint, number: int | None = None) -> Side | None:
        """The side of an article by its number, or of a newcomer; None if it has no sketch."""
        ...

    def text(self, number: int) -> ArticleText | None:
        """The cleaned text of an article, None if it is gone."""
        ...

    def standing(self, found: AbstractSet[int], indexed: int) -> set[int]:
        """Which of these paragraphs stand in at least two articles of the corpus beside the one ``indexed``."""
        ...

    def remember(self, indexed: IndexedArticle, text: ArticleText | None = None) -> None:
        """Add an article just decided, or one whose standing has changed; it counts for the next newcomer."""
        ...

    def forget(self, numbers: Iterable[int] | None = None) -> None:
        """What was said of these, or of all, may have changed."""
        ...

    def savepoint(self) -> Any:  # noqa: ANN401 - its own secret
        """A point to roll back to, until ``committed``."""
        ...

    def rollback(self, savepoint: Any) -> None:  # noqa: ANN401 - its own secret
        """Forget all that was remembered since the savepoint."""
        ...

    def committed(self) -> None:
        """All that was remembered is committed; savepoints made before are void."""
        ...

    def build(self, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> int:
        """Fill the index anew from stored rows (see ``Neighbours.build``); give their number."""
        ...
