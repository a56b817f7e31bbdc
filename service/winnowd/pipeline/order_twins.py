"""Whether what an order brings into the corpus is a copy of what stands there: originality is asked again. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from winnowd.article import Article
from winnowd.model import Grade, Prepared, Provenance
from winnowd.pipeline.order import ADMITTED, RefusedError

if TYPE_CHECKING:
    from winnowd.model import IndexedArticle, StoredDecision
    from winnowd.pipeline.order import Files, Gate


class Newcomer(NamedTuple):
    """A stored decision's article as originality is asked about it; ``name`` is what people call it by."""

    name: str
    prepared: Prepared


def newcomer_of(files: Files, stored: StoredDecision) -> Newcomer:
    """The article of a stored decision.

    Raises:
        RefusedError: its text is not kept, so that nothing could be admitted.
    """
    indexed, text = files.indexed(stored.number), files.text(stored.number)
    if indexed is None or text is None:
        raise RefusedError(f"{stored.name} has no text that could be admitted")
    made = indexed.fingerprint
    provenance = Provenance(0, made.raw_digest.hex(), 0, "")
    article = Article(text=text)
    prepared = Prepared(provenance, article, (), (), made, indexed.text_sha256, made.words, made.language)
    return Newcomer(stored.name, prepared)


def twin_in_corpus(
    files: Files, gate: Gate | None, newcomer: Newcomer, without: frozenset[int]
) -> tuple[StoredDecision, str] | None:
    """The corpus article that it is a copy of, and by which code; those numbers left out. None without that gate.

    The very same text that was taken out is no hindrance: that a person wants it back lifts what bound it.

    Raises:
        RefusedError: it is a copy of another one that was retracted or erased.
    """
    while gate is not None:
        examination = gate.examine(newcomer.prepared, without=without)
        failed = [finding for finding in examination.findings if finding.grade is Grade.FAIL]
        if not failed:
            return None
        twin = None if examination.nearest is None else files.stored(examination.nearest.number)
        if twin is not None and twin.outcome == ADMITTED:
            return twin, failed[0].code
        if twin is None or not _is_one_text(newcomer.prepared, files.indexed(twin.number)):
            raise RefusedError(f"{newcomer.name} is a copy ({failed[0].code}) of what was retracted or erased")
        without |= {twin.number}
    return None


def _is_one_text(newcomer: Prepared, indexed: IndexedArticle | None) -> bool:
    """Whether both are one text: the same cleaned text, the same bytes as they came, or the same words."""
    mine = newcomer.fingerprint
    if indexed is None or mine is None:
        return False
    other = indexed.fingerprint
    same_words = mine.words > 0 and mine.word_digest == other.word_digest
    return newcomer.text_sha256 == indexed.text_sha256 or mine.raw_digest == other.raw_digest or same_words
