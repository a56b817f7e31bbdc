"""From the measures of pairs to graded findings: one pair by one rule at a time, then the worst of each. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from winnowd.gates.originality.demotions import (
    RELATED,
    REORDERED,
    SAME_BYTES,
    SAME_TEXT,
    UNADMITTED,
    PairContext,
    demote,
    numbers_agree,
)
from winnowd.model import Grade

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from winnowd.gates.originality.limits import OriginalityLimits
    from winnowd.model import Fingerprint, IndexedArticle, Limit
    from winnowd.originality.cascade import Pair

DECIMALS = 4


class PairFinding(NamedTuple):
    """What one rule says of one pair; ``plain`` is its grade before caps and standing, ``note`` DUP608 or DUP609.

    ``raised``: why it is doubted although its value is below doubt.
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
    for limit, value in zip(case.limits.by_measure, _values(case.new, pair, case.limits), strict=True):
        if value is not None:
            yield _measured(case, limit, round(value, DECIMALS))
    related = pair.measures.rewrite
    if related is not None and round(related, DECIMALS) >= case.limits.related:
        value = round(related, DECIMALS)
        yield PairFinding(RELATED, value, Grade.PASS, Grade.PASS, pair, note=RELATED)


def _measured(case: PairContext, limit: Limit, value: float) -> PairFinding:
    """Grade a value; a re-ordering is doubted from ``corroborated`` on if numbers tell of a copy too."""
    plain = limit.grade(value)
    if plain is not Grade.PASS:
        return _moderated(case, limit.code, value, plain, limit)
    if limit.code == REORDERED and limit.doubt is not None and value >= case.limits.corroborated:
        raised = numbers_agree(case)
        if raised:
            return _moderated(case, limit.code, value, Grade.DOUBT, limit)._replace(raised=raised)
    return PairFinding(limit.code, value, plain, plain, case.pair, limit)


def _moderated(case: PairContext, code: str, value: float, plain: Grade, limit: Limit | None = None) -> PairFinding:
    moderated = demote(case, code, plain)
    return PairFinding(
        code, value, moderated.grade, plain, case.pair, limit, demoted=moderated.demoted, note=moderated.note
    )


def _values(new: Fingerprint, pair: Pair, limits: OriginalityLimits) -> tuple[float | None, ...]:
    """The five measures, None where the texts are too short for it, or share no run of five words."""
    n, t = len(new.shingles), len(pair.indexed.fingerprint.shingles)
    shares = pair.measures.overlap
    if not shares.shared:
        return None, None, None, pair.measures.rewrite, pair.measures.reordered
    return (
        shares.resemblance if min(n, t) >= limits.least_shingles else None,
        shares.excerpt if n >= limits.least_contained else None,
        shares.wrapped if t >= limits.least_contained else None,
        pair.measures.rewrite,
        pair.measures.reordered,
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
    notes = (one for one in pairs if one.note == code and one.indexed.number not in apart)
    return next(notes, None)
