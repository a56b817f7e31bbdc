"""Which articles of a batch hold a paragraph: as reading all of them each time would tell."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from winnowd.model import IndexedArticle, Standing
from winnowd.originality.article_text import ArticleText
from winnowd.originality.fingerprints import digests_only
from winnowd.originality.library import Library
from winnowd.originality.paragraphs import LEAST_WORDS, paragraphs

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from winnowd.originality.library import LibrarySavepoint

PARAGRAPHS = [" ".join(f"{word}{at}" for at in range(LEAST_WORDS)) for word in ("town", "pier", "mayor")]
HASHES = [next(iter(paragraphs(text))) for text in PARAGRAPHS]


class Nothing:
    """Ports of a library to which nothing was ever committed."""

    def of(self, numbers: object) -> Mapping[int, IndexedArticle]:
        """No article."""
        del numbers
        return {}

    def holders(self, paragraph: int, most: int) -> Sequence[int]:
        """Nobody."""
        del paragraph, most
        return ()


class NoTexts:
    """No text lies anywhere."""

    def of(self, number: int) -> str | None:
        """None."""
        del number
        return None


@dataclasses.dataclass
class Model:
    """What each article of the batch holds, and how it stands, by number."""

    held: dict[int, tuple[frozenset[int], Standing]] = dataclasses.field(default_factory=dict)

    def standing(self, paragraph: int, but: int) -> bool:
        """Whether at least two others that were admitted hold a paragraph."""
        holders = [number for number, (held, one) in self.held.items() if paragraph in held and one == "admitted"]
        return len(set(holders) - {but}) >= 2


Step = tuple[str, int, tuple[bool, ...]]
steps = st.tuples(
    st.sampled_from(("add", "add", "add", "copy", "give way", "mark", "roll back", "ask", "commit")),
    st.integers(1, 6),
    st.tuples(*[st.booleans()] * len(PARAGRAPHS)),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(steps, max_size=30))
def test_a_paragraph_stands_where_reading_every_article_of_the_batch_says_so(given_steps: list[Step]) -> None:
    """Whatever was added, changed, taken back or committed, and whenever it was asked between."""
    library, model = Library(Nothing(), NoTexts()), Model()
    marks: list[tuple[LibrarySavepoint, Model]] = []

    for deed, number, which in [*given_steps, ("ask", 1, (True,))]:
        if deed in {"add", "copy"} and number not in model.held:
            held = [at for at, holds in enumerate(which) if holds]
            standing = Standing.ADMITTED if deed == "add" else Standing.COPY
            text = ArticleText("\n".join(PARAGRAPHS[at] for at in held))
            library.remember(article(number, standing), text)
            model.held[number] = frozenset(HASHES[at] for at in held), standing
        elif deed == "give way" and number in model.held:
            library.remember(article(number, Standing.COPY))
            model.held[number] = model.held[number][0], Standing.COPY
        elif deed == "mark":
            marks.append((library.savepoint(), Model(dict(model.held))))
        elif deed == "roll back" and marks:
            savepoint, model = marks.pop()
            library.rollback(savepoint)
        elif deed == "commit":
            library.committed()
            model, marks = Model(), []
        elif deed == "ask":
            expected = {one for one in HASHES if model.standing(one, number)}
            assert library.standing(set(HASHES), number) == expected


def article(number: int, standing: Standing) -> IndexedArticle:
    """One of this number."""
    made = digests_only(bytes([number]) * 32, bytes([number]) * 32)
    return IndexedArticle(number, f"{number}", "", "", standing, made)
