"""The evidence of a resemblance: shared passages, aligned sentences, numbers; spans in both texts. Pure.

Spans are code points of the two cleaned texts. This may quote (numbers): it goes to the evidence, not to the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winnowd.originality.alignment import chain, similarity
from winnowd.originality.nearness import shared_terms
from winnowd.originality.passages import Run, runs_anywhere, runs_in_order, share
from winnowd.originality.side import Side
from winnowd.originality.sketch import number_texts, sentence_spans
from winnowd.originality.spans import word_spans
from winnowd.text.folding import plain

if TYPE_CHECKING:
    from winnowd.gates.originality.grading import PairFinding
    from winnowd.model import Fingerprint
    from winnowd.originality.lexicon import Lexicon
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

    def __init__(self, new: str, indexed: str) -> None:
        self.new, self.indexed = new, indexed
        self._item, self._twin = word_spans(new), word_spans(indexed)
        self.runs = runs_in_order(self._item.hashes, self._twin.hashes)

    @property
    def shared_runs(self) -> float:
        """The share of the newcomer's words in runs of at least 3 words, in order."""
        return share(self.runs, len(self._item.hashes))

    def passages(self, *, any_order: bool) -> list[dict[str, Any]]:
        """The shared runs with their spans: in order, or for a re-ordered copy wherever they stand."""
        item, other = self._item, self._twin
        runs = runs_anywhere(item.hashes, other.hashes) if any_order else self.runs
        return [_passage(run, item, other) for run in runs]


def _passage(run: Run, item: WordSpans, other: WordSpans) -> dict[str, Any]:
    return {
        "words": run.words,
        "item": [int(item.starts[run.new]), int(item.ends[run.new + run.words - 1])],
        "twin": [int(other.starts[run.indexed]), int(other.ends[run.indexed + run.words - 1])],
    }


def sentence_pairs(
    made: Fingerprint, finding: PairFinding, texts: SideBySide, lexicon: Lexicon
) -> list[dict[str, Any]]:
    """The at most 5 most similar pairs of sentences; for a rewrite only those that keep the order."""
    mine, theirs = Side.of(made), Side.of(finding.indexed.fingerprint)
    found = None if mine is None or theirs is None else similarity(mine, theirs, shared_terms(mine, [theirs]).of(0))
    if found is None:
        return []
    a, b = (texts.indexed, texts.new) if found.turned else (texts.new, texts.indexed)
    spans_a, spans_b = _bounded_spans(a, lexicon), _bounded_spans(b, lexicon)
    partners, tops = found.sims.argmax(axis=1).tolist(), found.sims.max(axis=1).tolist()
    rows = chain(found.sims) if finding.code == "DUP606" else range(len(tops))
    best = sorted((row for row in rows if tops[row] >= LEAST_SIMILAR), key=lambda row: (-tops[row], row))
    pairs = []
    for row in best[:MOST_PAIRS]:
        one, two = spans_a[row], spans_b[partners[row]]
        item, other = (two, one) if found.turned else (one, two)
        pairs.append({"item": item, "twin": other, "similarity": round(tops[row], 4)})
    return pairs


def _bounded_spans(text: str, lexicon: Lexicon) -> list[list[int]]:
    return [[start, min(stop, start + LONGEST_SENTENCE)] for start, stop in sentence_spans(text, lexicon)]


def number_lists(new: str, indexed: str) -> dict[str, list[str]]:
    """Numbers that both hold, and those that only one holds; at most 20 of each."""
    first, second = number_texts(plain(new)), number_texts(plain(indexed))
    return {"agree": sorted(first & second)[:MOST_NUMBERS], "differ": sorted(first ^ second)[:MOST_NUMBERS]}
