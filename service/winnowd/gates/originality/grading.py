"""From the measures of pairs to graded findings: one pair by one rule at a time, then the worst of each. Pure."""

from __future__ import annotations

import dataclasses
import functools
from typing import TYPE_CHECKING, NamedTuple

from winnowd.gates.originality.demotions import (
    RELATED,
    REORDERED,
    SAME_BYTES,
    SAME_TEXT,
    UNADMITTED,
    WAITS,
    PairContext,
    both_doubt,
    demote,
    numbers_agree,
)
from winnowd.model import Grade

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from winnowd.gates.limits import OriginalityLimits
    from winnowd.model import IndexedArticle, Limit
    from winnowd.originality.cascade import Pair

DECIMALS = 4
REWRITE = "DUP606"
SHORTER = ((250, 0.08), (450, 0.04))
"""By so much a re-ordering is doubted earlier in texts of fewer words: distinct ones of under 450 reach .39 at most."""


class PairFinding(NamedTuple):
    """What one rule says of one pair; ``plain`` is its grade before caps and standing, ``note`` DUP608 or DUP609.

    ``raised``: why it is doubted although its value is below doubt, or fails although it is below fail.
    """

    code: str
    value: float
    grade: Grade
    plain: Grade
    pair: Pair
    limit: Limit | None = None
    demoted: tuple[tuple[str, str], ...] = ()
    note: str = ""
    raised: str = ""

    @property
    def indexed(self) -> IndexedArticle:
        """The known article of the pair."""
        return self.pair.indexed

    @property
    def waits(self) -> bool:
        """Whether the newcomer waits with the known article, which is held as a copy itself."""
        return any(name == WAITS for name, _ in self.demoted)

    @property
    def urgency(self) -> tuple[int, int, str, float, int]:
        """Smallest first: worst grade, noted before not, lowest code, highest value, oldest."""
        return (-self.grade.rank, not self.note, self.code, -self.value, self.indexed.number)


def findings(case: PairContext) -> Iterator[PairFinding]:
    """What the rules say of one pair: exact ones if they hold, the measured ones where both texts are long enough."""
    pair = case.pair
    if pair.same_bytes:
        yield _moderated(case, SAME_BYTES, 1.0, Grade.FAIL)
    if pair.same_words:
        yield _moderated(case, SAME_TEXT, 1.0, Grade.FAIL)
    values = _values(pair, case.limits)
    for limit, value in zip(case.limits.by_measure, values, strict=True):
        if value is not None:
            yield _measured(case, _limit_for(case, limit), round(value, DECIMALS))
    related = values[3]
    if related is not None and round(related, DECIMALS) >= case.limits.related:
        value = round(related, DECIMALS)
        yield PairFinding(RELATED, value, Grade.PASS, Grade.PASS, pair, note=RELATED)


def _measured(case: PairContext, limit: Limit, value: float) -> PairFinding:
    """Grade a value; a re-ordering is doubted from ``corroborated`` on if numbers tell of a copy too.

    A doubted rewrite fails if the order close by is doubted as well: no distinct pair was, by both.
    """
    plain = limit.grade(value)
    raised = ""
    if limit.code == REWRITE and plain is Grade.DOUBT and limit.fail is not None:
        raised = both_doubt(case, _limit_for(case, case.limits.reordered))
    if raised:
        return _moderated(case, limit.code, value, Grade.FAIL, limit)._replace(raised=raised)
    if plain is not Grade.PASS:
        return _moderated(case, limit.code, value, plain, limit)
    if limit.code == REORDERED and limit.doubt is not None and value >= case.limits.corroborated:
        raised = numbers_agree(case)
        if raised:
            return _moderated(case, limit.code, value, Grade.DOUBT, limit)._replace(raised=raised)
    return PairFinding(limit.code, value, plain, plain, case.pair, limit)


def _limit_for(case: PairContext, limit: Limit) -> Limit:
    """The limit for a pair: short texts are doubted earlier by the order close by, what is left of a text is not."""
    if limit.code != REORDERED or limit.doubt is None:
        return limit
    new, indexed = case.pair.compared
    if new is not case.new:
        return limit
    words = min(new.words, indexed.words)
    by = next((less for below, less in SHORTER if words < below), 0.0)
    return _doubted_earlier(limit, by) if by else limit


@functools.lru_cache(maxsize=16)
def _doubted_earlier(limit: Limit, by: float) -> Limit:
    return limit if limit.doubt is None else dataclasses.replace(limit, doubt=round(limit.doubt - by, DECIMALS))


def _moderated(case: PairContext, code: str, value: float, plain: Grade, limit: Limit | None = None) -> PairFinding:
    moderated = demote(case, code, plain)
    return PairFinding(
        code, value, moderated.grade, plain, case.pair, limit, demoted=moderated.demoted, note=moderated.note
    )


def _values(pair: Pair, limits: OriginalityLimits) -> tuple[float | None, ...]:
    """The five measures, None where the texts are too short for it, or share no run of five words."""
    n, t = (len(made.shingles) for made in pair.compared)
    shares = pair.measures.overlap
    if not shares.shared:
        return None, None, None, pair.rewrite, pair.reordered
    return (
        shares.resemblance if min(n, t) >= limits.least_shingles else None,
        shares.excerpt if n >= limits.least_contained else None,
        shares.wrapped if t >= limits.least_contained else None,
        pair.rewrite,
        pair.reordered,
    )


def worst_of_each(found: Iterable[PairFinding]) -> dict[str, PairFinding]:
    """Per rule the finding that counts: worst grade, then highest value, then the oldest known article."""
    worst: dict[str, PairFinding] = {}
    for one in sorted(found, key=_weight):
        worst[one.code] = one
    return worst


def _weight(one: PairFinding) -> tuple[int, float, int]:
    return one.grade.rank, one.value, -one.indexed.number


def notable(found: Iterable[PairFinding]) -> list[PairFinding]:
    """The findings that stop or are noted, the most urgent first."""
    return sorted((one for one in found if one.grade is not Grade.PASS or one.note), key=lambda one: one.urgency)


def noted(pairs: Sequence[PairFinding], code: str) -> PairFinding | None:
    """Of the notable findings the first noted so; a follow-up (DUP608) only if its pair is not doubted anyway."""
    apart: set[int] = set()
    if code == RELATED:
        apart = {one.indexed.number for one in pairs if one.grade is not Grade.PASS or one.note == UNADMITTED}
    notes = [one for one in pairs if one.note == code and one.indexed.number not in apart]
    return next((one for one in notes if one.waits), notes[0] if notes else None)
