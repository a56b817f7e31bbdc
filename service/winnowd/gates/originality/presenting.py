"""What is said of a newcomer from both texts, its own and its nearest's; no decision rests on it. Pure."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from winnowd.gates.originality import evidence, wording
from winnowd.gates.originality.demotions import RELATED
from winnowd.gates.originality.grading import REWRITE, noted, worst_of_each
from winnowd.model import Finding, Grade, Nearest, Presentation, Presented
from winnowd.originality.letters import lexicon_named

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from winnowd.gates.originality.grading import PairFinding
    from winnowd.originality.article_text import ArticleText
    from winnowd.originality.cascade import Pair
    from winnowd.originality.lexicon import Lexicon

MIN_SHARED_TO_ALIGN = 0.05
"""The texts of an article that nothing stops are compared word by word if so much of either is shared: it costs half as
much as all measures, and below that finds 3 % of the words, in phrases that everybody uses."""


def presentation_of(
    pair: Pair, main_finding: PairFinding | None, found: Sequence[PairFinding], notable_pairs: Sequence[PairFinding]
) -> Presentation | None:
    """What is to be presented of the nearest pair: where a rule stops or notes it, or so much is shared."""
    if main_finding is None:
        return Presentation() if pair.measures.overlap.largest >= MIN_SHARED_TO_ALIGN else None
    is_aligned = main_finding.pair.measures.alignment is not None
    return Presentation(
        code=main_finding.note or main_finding.code,
        any_order=main_finding.code == "DUP607",
        sentences=("in order" if main_finding.code == REWRITE else "any") if is_aligned else "",
        rewrites=tuple(_rewrites(pair, found, notable_pairs)),
        lexicon=pair.compared[0].lexicon,
    )


def _rewrites(pair: Pair, found: Sequence[PairFinding], notable_pairs: Sequence[PairFinding]) -> Iterator[str]:
    """The codes of the findings that say of this pair that it is a rewrite."""
    number = pair.indexed.number
    worst, related = worst_of_each(found).get(REWRITE), noted(notable_pairs, RELATED)
    if worst is not None and worst.grade is not Grade.PASS and worst.indexed.number == number:
        yield REWRITE
    if related is not None and related.code == REWRITE and related.indexed.number == number:
        yield RELATED


def present(
    findings: Iterable[Finding],
    nearest: Nearest,
    presentation: Presentation,
    texts: tuple[ArticleText, ArticleText],
    lexicon: Lexicon,
) -> Presented:
    """Lay the newcomer's text beside that of its nearest article: runs in order, passages, numbers, sentences.

    What was decided stays: no grade changes, and no number that it rests on. The same wherever it is called.
    """
    side_by_side = evidence.SideBySide(*texts)
    runs = side_by_side.runs
    described = dataclasses.replace(
        nearest,
        shared_runs=round(side_by_side.shared_runs, 4),
        runs=len(runs),
        longest_run_words=max((run.words for run in runs), default=0),
    )
    extra = _evidence(side_by_side, presentation, lexicon) if presentation.code else {}
    return Presented(tuple(_presented(one, described, presentation, extra) for one in findings), described)


def _evidence(texts: evidence.SideBySide, presentation: Presentation, lexicon: Lexicon) -> dict[str, Any]:
    """Passages, numbers, and sentences where these were aligned."""
    found: dict[str, Any] = {
        "passages": texts.passages(any_order=presentation.any_order),
        "numbers": evidence.number_lists(texts),
    }
    if presentation.sentences:
        weighed_by = lexicon_named(presentation.lexicon, lexicon)
        found["pairs"] = evidence.sentence_pairs(texts, weighed_by, in_order=presentation.sentences == "in order")
    return found


def _presented(finding: Finding, nearest: Nearest, presentation: Presentation, extra: dict[str, Any]) -> Finding:
    if finding.code in presentation.rewrites:
        finding = finding._replace(because=wording.by_shared_runs(finding.because, nearest))
    if finding.code == presentation.code:
        finding = finding._replace(evidence={**finding.evidence, **extra})
    return finding
