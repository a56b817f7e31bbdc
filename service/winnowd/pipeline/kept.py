"""The digests that a line of the log has of what is kept of a record: in the ledger, and beside its file. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winnowd.event.kept import (
    fingerprint_digest,
    paragraphs_digest,
    relation_digests,
    standing_digest,
    text_digest,
)
from winnowd.model import QualityKey
from winnowd.originality import pack
from winnowd.originality.paragraphs import paragraphs

if TYPE_CHECKING:
    from winnowd.article import Article
    from winnowd.model import Judged


def kept_of(judged: Judged) -> dict[str, Any]:
    """Of all that the ledger gets of a decided record and only the process that decides has."""
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
        kept["fingerprint"] = fingerprint_digest(pack(prepared.fingerprint) | quality)
    if judged.relations:
        kept["relations"] = relation_digests(
            (one.number, one.code, one.grade.value, float(one.value), one.standing.value, one.note)
            for one in judged.relations
        )
    return kept


def kept_of_texts(article: Article | None, row: str | None, why: bytes | None) -> dict[str, str]:
    """Of what follows from its text, and is made where it is rendered: paragraphs, row of the index, why-file."""
    kept = {} if article is None else {"paragraphs": paragraphs_digest(paragraphs(article.text))}
    return kept | {name: text_digest(made) for name, made in (("row", row), ("why", why)) if made is not None}
