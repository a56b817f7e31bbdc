"""What of one row of the ledger is not as the event of its decision tells, by what it says and by its digests. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from winnowd.event.kept import fingerprint_digest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from winnowd.storage.ledger.audited import AuditedRow

STANDINGS: Final[dict[str, frozenset[str | None]]] = {
    "admitted": frozenset({"admitted"}),
    "quarantined": frozenset({"quarantined", None}),
    "rejected": frozenset({"rejected", "copy", None}),
    "retracted": frozenset({"retracted"}),
    "erased": frozenset({"erased", None}),
    "reopened": frozenset({None}),
}
"""What a record can be to newcomers, by its outcome; None without a fingerprint."""
_HELD: Final = frozenset({"quarantined", "rejected", "retracted"})


def not_as_told(row: AuditedRow, event: Mapping[str, Any]) -> Iterator[str]:
    """What of a row no order changes, and differs."""
    ours, file = event["winnowd"], event["file"]
    arrival = ours["arrival"]
    name = ours["article"]["id"] if "article" in ours else f"{arrival['id']}-{arrival['record']}"
    if row["name"] != name:
        yield "its name"
    if (row["arrival"], row["record"]) != (arrival["id"], arrival["record"]):
        yield "of which file it came"
    elif not _is_path(row["path"], arrival, file) or row["size"] != file["size"]:
        yield "how its file lay in the inbox"
    elif row["feed"] != arrival.get("feed", row["feed"]):
        yield "its feed"
    if str(row["decided_at"]).replace("+00:00", "")[:19] != event["@timestamp"][:19]:
        yield "when it was decided"


def _is_path(path: bytes, arrival: Mapping[str, Any], file: Mapping[str, Any]) -> bool:
    if not isinstance(path, bytes):
        return False
    if "name_hex" in arrival:
        return path.hex() == str(arrival["name_hex"])
    return bool(f"inbox/{path.decode('utf-8', 'backslashreplace')}" == file["path"])


def odd_of(row: AuditedRow, ours: Mapping[str, Any], kept: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What of a row is not as its decision left it, and the digest that it has."""
    if kept:
        if row.standing_digest != kept["stands"]:
            yield "stands", row.standing_digest
        if row.fingerprint_digest != kept.get("fingerprint", ""):
            yield "fingerprint", row.fingerprint_digest
        if "fingerprint" in kept and row.paragraphs_digest != kept["paragraphs"]:
            yield "paragraphs", row.paragraphs_digest
        if "fingerprint" in kept and row.row_digest != kept.get("row", ""):
            yield "row", row.row_digest
        if row.relation_digests != kept.get("relations", {}):
            yield "relations", row.relation_digests
    elif not _stands_as(row, ours):
        yield "stands", row.standing_digest
    if kept and ours["outcome"] == "quarantined" and not _is_reason(row["reason"], ours):
        yield "reason", row["reason"]
    yield from _odd_text(row, ours)


def _odd_text(row: AuditedRow, ours: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The text that is kept of it, and whether it was ever admitted."""
    sha256 = ours.get("article", {}).get("text_sha256")
    if row["signed"] is not None:
        if row["outcome"] in _HELD and row.held_sha256 != sha256:
            yield "text", row.held_sha256
        if row["seeded"] != int(ours["outcome"] == "admitted"):
            yield "seeded", row["seeded"]


def _stands_as(row: AuditedRow, ours: Mapping[str, Any]) -> bool:
    """The same by what an event without digests says."""
    expected = (ours["outcome"], " ".join(ours["codes"]), ours["destination"]["path"])
    return (row["outcome"], row["codes"], row["home"]) == expected and row["standing"] in STANDINGS[ours["outcome"]]


def _is_reason(reason: str | None, ours: Mapping[str, Any]) -> bool:
    expected = {"finding": next(iter(ours.get("findings", ())), None), "nearest": ours.get("nearest")}
    try:
        return reason is not None and bool(json.loads(reason) == expected)
    except ValueError:
        return False


def erased_digest(remembered: Mapping[str, Any]) -> str:
    """Of what is left of the fingerprint of an erased article: nothing, if not even its digests are remembered."""
    if not remembered:
        return ""
    raw, words = (bytes.fromhex(remembered[name]) for name in ("raw_sha256", "words_sha256"))
    left = {
        "raw_digest": raw, "word_digest": words, "minima": None, "keys": b"", "words": 0, "language": "",
        "publisher": "", "published": None, "lexicon": "", "shingles": b"", "sketch": None, "integrity": 0.0,
        "host": "", "stated": 0,
    }  # fmt: skip
    return fingerprint_digest(left)
