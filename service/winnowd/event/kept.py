"""Short digests by which a line of the log holds the ledger, and files beside it, to what they were. Pure.

A line vouches for what it says itself. What it cannot say, since it is too long or quotes an article, it names by a
digest: the fingerprint, the row of the index, the why-file. Both sides of a comparison come here: what makes a row, and
what reads it back.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from winnowd.model import StoredDecision

_DIGITS: Final = 32
"""Of the 64 of a SHA-256: 128 bits, which nobody finds another text for."""
_FINGERPRINT: Final = (
    "raw_digest", "word_digest", "minima", "keys", "words", "language", "publisher", "published", "lexicon",
    "shingles", "sketch", "integrity", "host", "stated",
)  # fmt: skip
_DECIMALS: Final = 6
_ENCODER: Final = msgspec.msgpack.Encoder()


def digest_of(*values: bytes | str | float | None) -> str:
    """The first 32 hex digits of the SHA-256 of these values in MessagePack."""
    return hashlib.sha256(_ENCODER.encode(values)).hexdigest()[:_DIGITS]


def fingerprint_digest(columns: Mapping[str, Any]) -> str:
    """Of all columns of the ledger that originality compares a newcomer with."""
    return digest_of(*(columns[name] for name in _FINGERPRINT))


def paragraphs_digest(paragraphs: Iterable[int]) -> str:
    """Of the paragraphs of a text by hash."""
    return digest_of(*sorted(paragraphs))


def standing_digest(
    number: int,
    outcome: str,
    standing: str | None,
    root: int | None,
    codes: Sequence[str],
    location: str,
    text: str | None,
) -> str:
    """Of how a record stands: ``text`` is the SHA-256 of its text, None without one."""
    return digest_of(number, outcome, standing, root, " ".join(codes), location, text)


def standing_digest_of(stored: StoredDecision) -> str:
    """The same of a decision as the ledger has it."""
    standing = None if stored.standing is None else stored.standing.value
    sha256 = stored.text_sha256
    return standing_digest(stored.number, stored.outcome, standing, stored.root, stored.codes, stored.location, sha256)


def relation_digests(relations: Iterable[tuple[int, str, str, float, str, str]]) -> dict[str, str]:
    """Of what is known of each article that a record resembles, by its number: an erase takes one of them away.

    ``relations``: number, code, grade, value, standing, note. Raises TypeError for a value that is no number.
    """
    found: dict[int, list[tuple[str, str, float, str, str]]] = {}
    for number, code, grade, value, standing, note in relations:
        found.setdefault(number, []).append((code, grade, round(value, _DECIMALS), standing, note))
    return {str(twin): digest_of(*(value for row in sorted(rows) for value in row)) for twin, rows in found.items()}


def text_digest(text: str | bytes) -> str:
    """Of a row of the index as the ledger keeps it, or of a file."""
    return digest_of(text)
