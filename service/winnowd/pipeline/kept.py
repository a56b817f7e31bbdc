"""The digests that a line of the log has of what is kept of a record: in the ledger, and beside its file. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winnowd.event.kept import fingerprint_digest, relation_digests, standing_digest
from winnowd.model import QualityKey
from winnowd.originality import pack
from winnowd.originality.paragraphs import paragraphs

if TYPE_CHECKING:
    from winnowd.model import Judged


def kept_of(judged: Judged) -> dict[str, Any]:
    """Of all that the ledger gets of a decided record but its row of the index."""
    prepared, standing = judged.prepared, judged.standing
    kept: dict[str, Any] = {
        "stands": standing_digest(
            judged.number,
            judged.decision.outcome.value,
            None if standing is None else standing.value,
            judged.root,
            judged.decision.codes,
            judged.location,
            prepared.text_sha256 or None,
        )
    }
    if prepared.fingerprint is not None and prepared.article is not None:
        key = judged.quality_key or QualityKey()
        quality = {"integrity": float(key.integrity), "host": key.host, "stated": key.metadata_count}
        kept["fingerprint"] = fingerprint_digest(
            pack(prepared.fingerprint) | quality, paragraphs(prepared.article.text)
        )
    if judged.relations:
        kept["relations"] = relation_digests(
            (one.number, one.code, one.grade.value, float(one.value), one.standing.value, one.note)
            for one in judged.relations
        )
    return kept
