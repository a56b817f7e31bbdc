"""The evidence of a resemblance: shared passages, aligned sentences, numbers; spans in both texts. Pure.

Spans are code points of the two cleaned texts. This may quote (numbers): it goes to the evidence, not to the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winnowd.originality.alignment import chain, similarity
from winnowd.originality.nearness import shared_terms
from winnowd.originality.passages import SharedRuns, share

if TYPE_CHECKING:
    from winnowd.gates.originality.grading import PairFinding
    from winnowd.originality.article_text import ArticleText
    from winnowd.originality.passages import Run
    from winnowd.originality.sketch import AnyLexicon
    from winnowd.originality.spans import WordSpans

LEAST_SIMILAR = 0.40
MOST_PAIRS = 5
MOST_NUMBERS = 20
LONGEST_SENTENCE = 300


def twin(finding: PairFinding) -> dict[str, Any]:
    """Who the known article is, and how it stands."""
    indexed = finding.indexed
    return {
        "id": indexed.id,
        "path": indexed.path,
        "text_sha256": indexed.text_sha256,
        "standing": indexed.standing.value,
        "codes": list(indexed.codes),
    }


def summary(finding: PairFinding) -> dict[str, Any]:
    """One finding of a pair in short: enough to grade it anew under other limits."""
    return {
        "twin": twin(finding),
        "code": finding.code,
        "value": finding.value,
        "grade": finding.grade.value,
        "plain": finding.plain.value,
        "demoted": [name for name, _ in finding.demoted],
        "raised": finding.raised,
        "measures": finding.pair.figures,
    }


class SideBySide:
    """Two texts side by side: the runs of words that they share, looked for once."""

    def __init__(self, new: ArticleText, indexed: ArticleText) -> None:
        self.new, self.indexed = new, indexed
        self._runs = SharedRuns(new.words.hashes, indexed.words.hashes)

    @property
    def runs(self) -> list[Run]:
        """The shared runs of at least 3 words, in order."""
        return self._runs.in_order

    @property
    def anywhere(self) -> list[Run]:
        """The same wherever they stand, so that what was moved is among them."""
        return self._runs.anywhere

    @property
    def shared_runs(self) -> float:
        """The share of the newcomer's words in these."""
        return share(self.runs, len(self.new.words.hashes))

    def passages(self, *, any_order: bool) -> list[dict[str, Any]]:
        """The shared runs with their spans: in order, or for a re-ordered copy wherever they stand."""
        runs = self.anywhere if any_order else self.runs
        return [_passage(run, self.new.words, self.indexed.words) for run in runs]


def _passage(run: Run, item: WordSpans, other: WordSpans) -> dict[str, Any]:
    return {
        "words": run.words,
        "item": [int(item.starts[run.new]), int(item.ends[run.new + run.words - 1])],
        "twin": [int(other.starts[run.indexed]), int(other.ends[run.indexed + run.words - 1])],
    }


def sentence_pairs(texts: SideBySide, lexicon: AnyLexicon, *, in_order: bool) -> list[dict[str, Any]]:
    """The at most 5 most similar pairs of sentences; for a rewrite only those that keep the order."""
    mine, theirs = texts.new.sentences(lexicon), texts.indexed.sentences(lexicon)
    found = similarity(mine.side, theirs.side, shared_terms(mine.side, [theirs.side]).of(0))
    if found is None:
        return []
    a, b = (theirs.spans, mine.spans) if found.turned else (mine.spans, theirs.spans)
    partners, tops = found.sims.argmax(axis=1).tolist(), found.sims.max(axis=1).tolist()
    rows = chain(found.sims) if in_order else range(len(tops))
    best = sorted((row for row in rows if tops[row] >= LEAST_SIMILAR), key=lambda row: (-tops[row], row))
    pairs = []
    for row in best[:MOST_PAIRS]:
        one, two = _bounded(a[row]), _bounded(b[partners[row]])
        item, other = (two, one) if found.turned else (one, two)
        pairs.append({"item": item, "twin": other, "similarity": round(tops[row], 4)})
    return pairs


def _bounded(span: tuple[int, int]) -> list[int]:
    start, stop = span
    return [start, min(stop, start + LONGEST_SENTENCE)]


def number_lists(texts: SideBySide) -> dict[str, list[str]]:
    """Numbers that both hold, and those that only one holds; at most 20 of each."""
    first, second = texts.new.numbers, texts.indexed.numbers
    return {"agree": sorted(first & second)[:MOST_NUMBERS], "differ": sorted(first ^ second)[:MOST_NUMBERS]}
