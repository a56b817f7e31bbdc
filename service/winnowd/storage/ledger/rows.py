"""From decided records to the rows of the ledger: pure, so that any process may make them, and another one write them.

Here is all that follows from the records themselves. What follows from what is written already, only the writer knows:
the page of the index on which an article stands, and where its line stands in the log.
"""

from __future__ import annotations

import json
import zlib
from collections import Counter
from typing import TYPE_CHECKING, Any, TypeAlias

import msgspec

from winnowd.model import Outcome, QualityKey, Standing
from winnowd.originality import pack
from winnowd.originality.paragraphs import paragraphs
from winnowd.storage.ledger.pages import Listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from winnowd.model import DecisionRecord, Effect, Judged


_Decision: TypeAlias = tuple[int, str, int, int, str | None, str, str | None, int | None, str, str, int, str]
_Relation: TypeAlias = tuple[int, int, str, str, float, str, str]
_Signature: TypeAlias = tuple[
    int, str, bytes, bytes, bytes | None, bytes, int, str, str, int | None, int, float, str, int, str
]


class Rows(msgspec.Struct, frozen=True, array_like=True):
    """The rows of decided records by table, each in the order of its columns; what is added to running sums.

    Crosses processes, in MessagePack.
    """

    decision: tuple[_Decision, ...]
    held_reason: tuple[tuple[int, str], ...]
    relation: tuple[_Relation, ...]
    effect: tuple[tuple[str, bytes | None, str | None], ...]
    signature: tuple[_Signature, ...]
    body: tuple[tuple[int, bytes, bytes | None], ...]
    paragraph: tuple[tuple[int, int], ...]
    held_text: tuple[tuple[int, bytes, str], ...]
    listed: tuple[Listed, ...]
    total: dict[str, int]
    refused: tuple[tuple[str, str, int], ...]


def rows_of(entries: Sequence[DecisionRecord], recipe: str, effects: Iterable[Effect]) -> Rows:
    """The rows of these records; ``recipe``: of their fingerprints; ``effects``: what becomes of files by them."""
    prints = list(_fingerprints(entries))
    return Rows(
        decision=tuple(_decision(entry.judged, entry.line.sequence) for entry in entries),
        held_reason=tuple(_held_reasons(entries)),
        relation=tuple(_relations(entries)),
        effect=tuple((one.path, one.content, one.source) for one in effects),
        signature=tuple(_signature(judged, recipe, row) for judged, row in prints),
        body=tuple((judged.number, row["shingles"], row["sketch"]) for judged, row in prints),
        paragraph=tuple(_paragraphs(judged for judged, _ in prints)),
        held_text=tuple(_held_texts(entries)),
        listed=tuple(_listed(entries)),
        total=dict(Counter(entry.judged.decision.outcome.value for entry in entries)),
        refused=tuple((*key, n) for key, n in Counter(_refusals(entries)).items()),
    )


def _decision(judged: Judged, sequence: int) -> _Decision:
    standing = judged.standing
    return (
        judged.number,
        judged.name,
        judged.arrival.number,
        judged.prepared.provenance.record,
        judged.prepared.text_sha256 or None,
        judged.decision.outcome.value,
        None if standing is None else standing.value,
        judged.root,
        " ".join(judged.decision.codes),
        judged.location,
        sequence,
        judged.decided_at.isoformat(),
    )


def _held_reasons(entries: Iterable[DecisionRecord]) -> Iterator[tuple[int, str]]:
    """Why those are held that are: the first finding of the event, and the article that it is like."""
    for entry in entries:
        if entry.judged.decision.outcome is Outcome.QUARANTINED:
            ours = entry.event["winnowd"]
            kept = {"finding": next(iter(ours.get("findings", ())), None), "nearest": ours.get("nearest")}
            yield entry.judged.number, json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def _relations(entries: Iterable[DecisionRecord]) -> Iterator[_Relation]:
    for entry in entries:
        for one in entry.judged.relations:
            value, standing = float(one.value), one.standing.value
            yield entry.judged.number, one.number, one.code, one.grade.value, value, standing, one.note


def _fingerprints(entries: Iterable[DecisionRecord]) -> Iterator[tuple[Judged, Mapping[str, Any]]]:
    """The records that can be compared, and the columns of their fingerprints."""
    for entry in entries:
        prepared = entry.judged.prepared
        if prepared.fingerprint is not None and prepared.article is not None:
            yield entry.judged, pack(prepared.fingerprint)


def _signature(judged: Judged, recipe: str, row: Mapping[str, Any]) -> _Signature:
    quality_key = judged.quality_key or QualityKey()
    return (
        judged.number, recipe, row["raw_digest"], row["word_digest"], row["minima"], row["keys"], row["words"],
        row["language"], row["publisher"], row["published"], int(judged.standing is Standing.ADMITTED),
        float(quality_key.integrity), quality_key.host, quality_key.metadata_count, row["lexicon"],
    )  # fmt: skip


def _paragraphs(judged: Iterable[Judged]) -> Iterator[tuple[int, int]]:
    for one in judged:
        if (article := one.prepared.article) is not None:
            yield from ((one.number, paragraph) for paragraph in paragraphs(article.text))


def _held_texts(entries: Iterable[DecisionRecord]) -> Iterator[tuple[int, bytes, str]]:
    """The texts that are not in the corpus, packed, with the index rows that they would have."""
    for entry in entries:
        prepared = entry.judged.prepared
        is_held = entry.judged.standing is not Standing.ADMITTED
        if is_held and prepared.fingerprint is not None and prepared.article is not None and entry.row is not None:
            yield entry.judged.number, zlib.compress(prepared.article.text.encode(), 1), entry.row


def _listed(entries: Iterable[DecisionRecord]) -> Iterator[Listed]:
    for entry in entries:
        if entry.row is not None and entry.judged.standing is Standing.ADMITTED:
            yield Listed.of(entry.judged.number, json.loads(entry.row), entry.row)


def _refusals(entries: Iterable[DecisionRecord]) -> Iterator[tuple[str, str]]:
    """Of each that was turned away for a reason: the day, and the worst code."""
    for entry in entries:
        decision = entry.judged.decision
        if decision.outcome is not Outcome.ADMITTED and decision.codes:
            yield entry.judged.decided_at.date().isoformat(), decision.codes[0]
