"""What counts for nothing between a newcomer and a known article, and how much of it there is: DUP612. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from winnowd.gates.originality.demotions import REWRITES
from winnowd.gates.originality.standing import GATE
from winnowd.model import Finding, Grade

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from winnowd.gates.originality.grading import PairFinding
    from winnowd.originality.cascade import Pair
    from winnowd.originality.set_aside import Remainder

SET_ASIDE = "DUP612"
MOST_WORDS = 200_000
"""So many words of known articles are laid beside one newcomer; what is left of a flood stands as it was measured."""


def stopped(found: Iterable[PairFinding]) -> Iterator[int]:
    """The known articles that a measure would stop a newcomer for, the most urgent first, by number."""
    words = 0
    urgent = sorted((one for one in found if one.plain is not Grade.PASS), key=lambda one: one.urgency)
    for indexed in {one.indexed.number: one.indexed for one in urgent}.values():
        words += indexed.fingerprint.words
        if words > MOST_WORDS:
            return
        yield indexed.number


def is_settled(pair: Pair, found: Iterable[PairFinding]) -> bool:
    """Whether a pair still fails by all of both texts: then no less urgent one needs to be asked.

    Lists are left out of what is asked for rewriting alone.
    """
    left = pair.remainder
    if left is None or left.asides:
        return False
    return any(one.grade is Grade.FAIL and not (left.has_lists and one.code in REWRITES) for one in found)


def set_aside_note(pairs: Sequence[Pair]) -> Finding | None:
    """The note on the pair of which most was set aside, the older of equal ones; None if there is none."""
    found = [(pair, pair.remainder) for pair in pairs if pair.remainder is not None and _is_less(pair.remainder)]
    if not found:
        return None
    pair, left = max(found, key=lambda one: (_words(one[1]), -one[0].indexed.number))
    because = f"beside {pair.indexed.id} {'; '.join(_reasons(left))}"
    return Finding(SET_ASIDE, GATE, Grade.PASS, _words(left), because=because, evidence=_evidence(pair, left))


def _is_less(left: Remainder) -> bool:
    return bool(left.asides) or left.has_lists


def _words(left: Remainder) -> int:
    return sum(aside.words for aside in left.asides)


def _reasons(left: Remainder) -> list[str]:
    """``78 of the 131 shared words are quoted speech and count for nothing``."""
    words: Counter[str] = Counter()
    for aside in left.asides:
        words[aside.kind] += aside.words
    reasons = [
        f"{count} of the {left.shared} shared words are {kind} and count for nothing" for kind, count in words.items()
    ]
    return [*reasons, *(["lists or code are not asked for rewriting"] if left.has_lists else [])]


def _evidence(pair: Pair, left: Remainder) -> dict[str, Any]:
    asides = [{"kind": one.kind, "words": one.words, "item": [*one.item], "twin": [*one.twin]} for one in left.asides]
    return {"twin": {"id": pair.indexed.id, "path": pair.indexed.path}, "shared": left.shared, "set_aside": asides}
