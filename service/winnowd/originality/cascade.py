"""The cascade: all candidates are compared exactly, cheap measures first; only the most alike are aligned. Pure."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from winnowd.originality.alignment import align
from winnowd.originality.compare import Measures, numbers, overlap, position

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from winnowd.model import Fingerprint, Known

LEAST_WORDS = 100
LEAST_RC = 0.28
LEAST_LIKENESS = 0.30
LEAST_REORDERED = 0.40
MOST_ALIGNED = 3


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """A newcomer beside one known article."""

    known: Known
    measures: Measures
    same_bytes: bool
    same_words: bool

    @property
    def likeness(self) -> float:
        """One number to rank candidates by when no rule is reached: the largest share or order measure."""
        shares = self.measures.overlap
        placed = self.measures.position
        ordered = (placed.rc, placed.likeness, placed.reordered) if placed else ()
        return max(shares.resemblance, shares.excerpt, shares.wrapped, *ordered, float(self.same_words))


def comparable(new: Fingerprint, known: Fingerprint, languages: Collection[str]) -> bool:
    """Whether the two may be asked for rewriting: one language that has a table, both of at least 100 words."""
    if new.sketch is None or known.sketch is None or min(new.words, known.words) < LEAST_WORDS:
        return False
    return new.language == known.language and new.language in languages


def measure(new: Fingerprint, candidates: Iterable[Known], languages: Collection[str]) -> list[Pair]:
    """Compare a newcomer with all candidates, in their order; align the 3 most alike of those that may be rewrites.

    The gates to stage 5, rc >= .28 or Jw >= .30 (they keep 99.8 % of what reaches S >= 1.0: originality.md section 5)
    or R >= .40, let through all that DUP606 can stop.
    """
    pairs = [_first_stages(new, known, languages) for known in candidates]
    passed = [(rank, index) for index, pair in enumerate(pairs) if (rank := _rank(pair)) is not None]
    passed.sort(key=lambda one: (-one[0], one[1]))
    for _, index in passed[:MOST_ALIGNED]:
        pair = pairs[index]
        aligned = dataclasses.replace(pair.measures, alignment=align(new, pair.known.fingerprint))
        pairs[index] = dataclasses.replace(pair, measures=aligned)
    return pairs


def _first_stages(new: Fingerprint, known: Known, languages: Collection[str]) -> Pair:
    made = known.fingerprint
    same_words = new.words > 0 and new.word_digest == made.word_digest
    measures = Measures(overlap(new, made))
    if new.sketch is not None and made.sketch is not None:
        placed = position(new, made) if comparable(new, made, languages) else None
        measures = Measures(measures.overlap, placed, None, numbers(new.sketch, made.sketch))
    return Pair(known, measures, new.raw_digest == made.raw_digest, same_words)


def _rank(pair: Pair) -> float | None:
    """How early a pair is aligned; None if it is not."""
    placed = pair.measures.position
    if placed is None:
        return None
    ordered, likely, near = placed.rc, placed.likeness, placed.reordered
    if ordered < LEAST_RC and likely < LEAST_LIKENESS and near < LEAST_REORDERED:
        return None
    return max(ordered, likely, near)
