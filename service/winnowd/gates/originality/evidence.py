"""The evidence of a resemblance: shared passages, aligned sentences, numbers; spans in both texts. Pure.

Spans are code points of the two cleaned texts. This may quote (numbers): it goes to the evidence file, not to the log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from winnowd.originality.alignment import chain, similarity
from winnowd.originality.passages import Run, runs_anywhere, runs_in_order
from winnowd.originality.sketch import number_texts, sentence_spans
from winnowd.originality.spans import word_spans

if TYPE_CHECKING:
    from winnowd.gates.originality.grading import Statement
    from winnowd.model import Fingerprint
    from winnowd.originality.cascade import Pair
    from winnowd.originality.lexicon import Lexicon
    from winnowd.originality.spans import WordSpans

LEAST_SIMILAR = 0.40
MOST_PAIRS = 5
MOST_NUMBERS = 20
LONGEST_SENTENCE = 300


class Side(NamedTuple):
    """One text of a pair, and its fingerprint."""

    text: str
    made: Fingerprint


def measures(pair: Pair) -> dict[str, float]:
    """All measures of a pair by their names, 4 decimals."""
    found: dict[str, float | None] = dict(pair.measures.overlap._asdict())
    for part in (pair.measures.position, pair.measures.alignment):
        if part is not None:
            found |= part._asdict()
    found |= {"rewrite": pair.measures.rewrite, "reordered": pair.measures.reordered}
    if pair.measures.numbers is not None:
        found |= {"numbers_share": pair.measures.numbers.share, "numbers": pair.measures.numbers.smaller}
    return {name: round(value, 4) for name, value in found.items() if value is not None}


def twin(statement: Statement) -> dict[str, Any]:
    """Who the known article is, and how it stands."""
    known = statement.known
    return {
        "id": known.id,
        "path": known.path,
        "text_sha256": known.text_sha256,
        "standing": known.standing.value,
        "codes": list(known.codes),
    }


def summary(statement: Statement) -> dict[str, Any]:
    """One statement in short: enough to grade it anew under other limits."""
    return {
        "twin": twin(statement),
        "code": statement.code,
        "value": statement.value,
        "grade": statement.grade.value,
        "plain": statement.plain.value,
        "demoted": [name for name, _ in statement.demoted],
        "measures": measures(statement.pair),
    }


def passages(new: str, known: str, *, any_order: bool) -> list[dict[str, Any]]:
    """The shared runs of at least 3 words: in order, or for a re-ordered copy wherever they stand."""
    item, other = word_spans(new), word_spans(known)
    runs = (runs_anywhere if any_order else runs_in_order)(item.hashes, other.hashes)
    return [_passage(run, item, other) for run in runs]


def _passage(run: Run, item: WordSpans, other: WordSpans) -> dict[str, Any]:
    return {
        "words": run.words,
        "item": [int(item.starts[run.new]), int(item.ends[run.new + run.words - 1])],
        "twin": [int(other.starts[run.known]), int(other.ends[run.known + run.words - 1])],
    }


def sentence_pairs(new: Side, known: Side, lexicon: Lexicon, *, on_chain: bool) -> list[dict[str, Any]]:
    """The at most 5 most similar pairs of sentences; for a rewrite only those that keep the order."""
    found = similarity(new.made, known.made)
    if found is None:
        return []
    a, b = (known, new) if found.turned else (new, known)
    spans_a, spans_b = _bounded_spans(a.text, lexicon), _bounded_spans(b.text, lexicon)
    partners, tops = found.sims.argmax(axis=1).tolist(), found.sims.max(axis=1).tolist()
    rows = chain(found.sims) if on_chain else range(len(tops))
    best = sorted((row for row in rows if tops[row] >= LEAST_SIMILAR), key=lambda row: (-tops[row], row))
    pairs = []
    for row in best[:MOST_PAIRS]:
        one, two = spans_a[row], spans_b[partners[row]]
        item, other = (two, one) if found.turned else (one, two)
        pairs.append({"item": item, "twin": other, "similarity": round(tops[row], 4)})
    return pairs


def _bounded_spans(text: str, lexicon: Lexicon) -> list[list[int]]:
    return [[start, min(stop, start + LONGEST_SENTENCE)] for start, stop in sentence_spans(text, lexicon)]


def number_lists(new: str, known: str) -> dict[str, list[str]]:
    """Numbers that both hold, and those that only one holds; at most 20 of each."""
    first, second = number_texts(new), number_texts(known)
    return {"agree": sorted(first & second)[:MOST_NUMBERS], "differ": sorted(first ^ second)[:MOST_NUMBERS]}
