"""What of a newcomer cannot be asked, and why: DUP611 (docs/design/originality.md, "What cannot be asked"). Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winnowd.model import Finding, Grade
from winnowd.originality.cascade import LEAST_WORDS, is_asked, weighed_alike
from winnowd.originality.letters import PAIRS, SOUTHEAST_RUNS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from winnowd.gates.limits import OriginalityLimits
    from winnowd.model import Fingerprint
    from winnowd.originality.cascade import Pair

SKIPPED = "DUP611"
WITHOUT_SPACES = frozenset({PAIRS.name, SOUTHEAST_RUNS.name})
GATE = "originality"


def skipped(new: Fingerprint, pairs: Sequence[Pair], limits: OriginalityLimits) -> Finding | None:
    """One note on all stages left out; a doubt if the text has no words, since then nothing can be measured."""
    if not new.words:
        return Finding(SKIPPED, GATE, Grade.DOUBT, "all", because="not measurable: the text has no words")
    reasons = [*_of_text(new, limits), *_of_pairs(new, pairs)]
    if not reasons:
        return None
    codes = sorted({code for stages, _ in reasons for code in stages})
    because = "not asked: " + "; ".join(dict.fromkeys(reason for _, reason in reasons))
    return Finding(SKIPPED, GATE, Grade.PASS, " ".join(codes), because=because)


_REWRITES = ("DUP606", "DUP607")
_SHARED = ("DUP603", "DUP604", "DUP605")


def _of_text(new: Fingerprint, limits: OriginalityLimits) -> Iterator[tuple[tuple[str, ...], str]]:
    if new.sketch is None or not is_asked(new.language, limits.languages):
        named = f"its language is '{new.language}'" if new.language else "its language is unsure"
        yield _REWRITES, f"rewriting, {named}"
    if new.lexicon in WITHOUT_SPACES:
        yield _SHARED, "single words, its script has no spaces: whole clauses are compared"
    if new.words < LEAST_WORDS:
        yield _REWRITES, f"rewriting, fewer than {LEAST_WORDS} words"
    if len(new.shingles) < limits.least_shingles:
        yield ("DUP603",), f"resemblance, fewer than {limits.least_shingles} different runs of five words"
    if len(new.shingles) < limits.least_contained:
        yield ("DUP604",), f"containment, fewer than {limits.least_contained} different runs of five words"


def _of_pairs(new: Fingerprint, pairs: Sequence[Pair]) -> Iterator[tuple[tuple[str, ...], str]]:
    """A candidate in another language, or too short, where the newcomer itself could have been asked."""
    if new.sketch is None or new.words < LEAST_WORDS:
        return
    for pair in pairs:
        indexed = pair.indexed
        stored = indexed.fingerprint
        if stored.words and stored.sketch is None:
            yield _REWRITES, f"rewriting of {indexed.id}, of which an earlier version kept nothing to ask it by"
        elif stored.words and not weighed_alike(new, stored):
            yield _REWRITES, f"rewriting of {indexed.id}, which is in another language"
        elif 0 < indexed.fingerprint.words < LEAST_WORDS:
            yield _REWRITES, f"rewriting of {indexed.id}, which has fewer than {LEAST_WORDS} words"
