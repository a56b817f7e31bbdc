"""The cascade: all candidates are compared exactly, cheap measures first; only the most alike are aligned. Pure."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Protocol

from winnowd.originality.alignment import align
from winnowd.originality.compare import Measures, numbers, order, overlap
from winnowd.originality.lexicon import NAME as TABLE
from winnowd.originality.nearness import positions, shared_terms
from winnowd.originality.side import Side

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from winnowd.model import Fingerprint, IndexedArticle
    from winnowd.originality.compare import Numbers
    from winnowd.originality.set_aside import Remainder

    class SideOf(Protocol):
        """Gives the side of a fingerprint, None if it has no sketch."""

        def __call__(self, made: Fingerprint, number: int | None = None, /) -> Side | None:
            """``number``: of the known article whose fingerprint it is."""
            ...


LEAST_WORDS = 100
EVERY = "*"
"""Stands for all languages where those are named that are asked for rewriting."""
MOST_ALIGNED = 3


class Pair:
    """A newcomer beside one known article.

    ``compared``: what the measures are of: both fingerprints, or those of what counts (``weighing``), which
    ``remainder`` says where the texts were asked for it. ``whole``: then the measures of all of both.
    """

    def __init__(self, new: Fingerprint, indexed: IndexedArticle, measures: Measures) -> None:
        made = indexed.fingerprint
        self.indexed = indexed
        self.measures = measures
        self.whole: Measures | None = None
        self.compared = new, made
        self.remainder: Remainder | None = None
        self.same_bytes = new.raw_digest == made.raw_digest
        self.same_words = new.words > 0 and new.word_digest == made.word_digest

    @property
    def rewrite(self) -> float | None:
        """S of what counts, and no more than S of the whole: what is set aside only frees."""
        value = self.measures.rewrite
        return value if self.whole is None else _lesser(value, self.whole.rewrite)

    @property
    def reordered(self) -> float | None:
        """R, likewise."""
        value = self.measures.reordered
        return value if self.whole is None else _lesser(value, self.whole.reordered)

    @property
    def likeness(self) -> float:
        """One number to rank candidates by when no rule is reached: the largest share or order measure."""
        shares = self.measures.overlap
        placed = self.measures.position
        ordered = (placed.likeness, placed.reordered) if placed else ()
        return max(shares.resemblance, shares.excerpt, shares.wrapped, *ordered, float(self.same_words))

    @functools.cached_property
    def numbers(self) -> Numbers | None:
        """The numbers of what is compared, None if one of them has no sketch; asked of few pairs."""
        one, two = (made.sketch for made in self.compared)
        return None if one is None or two is None else numbers(one, two)

    @functools.cached_property
    def figures(self) -> dict[str, float]:
        """All measures by their names, 4 decimals."""
        whole, numbers = self.measures, self.numbers
        found: dict[str, float | None] = dict(whole.overlap._asdict())
        for part in (whole.position, whole.order, whole.alignment):
            if part is not None:
                found |= part._asdict()
        found |= {"rewrite": whole.rewrite, "reordered": whole.reordered, "unordered": whole.unordered}
        if numbers is not None:
            found |= {"numbers_share": numbers.share, "numbers": numbers.smaller}
        return {name: round(value, 4) for name, value in found.items() if value is not None}


def _lesser(counts: float | None, whole: float | None) -> float | None:
    return None if counts is None or whole is None else min(counts, whole)


def comparable(new: Fingerprint, indexed: Fingerprint, languages: Collection[str]) -> bool:
    """Whether the two may be asked for rewriting: weighed by one lexicon, both of at least 100 words."""
    is_long = min(new.words, indexed.words) >= LEAST_WORDS
    return is_long and weighed_alike(new, indexed) and is_asked(new.language, languages)


def is_asked(language: str, languages: Collection[str]) -> bool:
    """Whether a text in this language is asked for rewriting; ``languages`` as settings name them."""
    return EVERY in languages or language in languages


def weighed_alike(new: Fingerprint, indexed: Fingerprint) -> bool:
    """Whether two sketches are by one lexicon; if by letters, the model may have taken one language for another."""
    return new.lexicon == indexed.lexicon and (new.language == indexed.language or new.lexicon != TABLE)


def _side_of(made: Fingerprint, _number: int | None = None) -> Side | None:
    return Side.of(made)


def measure(
    new: Fingerprint,
    candidates: Iterable[IndexedArticle],
    languages: Collection[str],
    least: float = 0.0,
    side_of: SideOf = _side_of,
) -> list[Pair]:
    """Compare a newcomer with all candidates, in their order; align the 3 most alike of those with R >= ``least``.

    ``side_of``: the side of a fingerprint, and of a candidate by its number: it may have been made before.

    Rewriting (S) counts only where the order close by speaks for it: of copies with S >= 1.3, 1 in 1,700 has R < .40.
    """
    pairs = [Pair(new, indexed, Measures(overlap(new, indexed.fingerprint))) for indexed in candidates]
    applicable = [pair for pair in pairs if comparable(new, pair.indexed.fingerprint, languages)]
    side = side_of(new) if applicable else None
    sides = ((pair, side_of(pair.indexed.fingerprint, pair.indexed.number)) for pair in applicable)
    query_keys = [(pair, other) for pair, other in sides if other is not None]
    if side is not None and query_keys:
        _align(side, query_keys, least)
    return pairs


def _align(new: Side, query_keys: Sequence[tuple[Pair, Side]], least: float) -> None:
    """Stages 4 and 5: place all, align the most alike, ties older."""
    others = [other for _, other in query_keys]
    shared = shared_terms(new, others)
    placed = positions(new, others, shared)
    for (pair, _), found in zip(query_keys, placed, strict=True):
        pair.measures = Measures(pair.measures.overlap, found)
    alike = sorted(range(len(query_keys)), key=lambda article: -placed[article].reordered)
    for article in alike[:MOST_ALIGNED]:
        if placed[article].reordered >= least:
            pair, other = query_keys[article]
            common = shared.of(article)
            aligned = align(new, other, common)
            pair.measures = Measures(pair.measures.overlap, placed[article], order(new, other, common), aligned)
