"""What originality remembers of an article, and what it says of a newcomer. Pure."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np
    from numpy.typing import NDArray

    from winnowd.model.findings import Finding, Grade, Standing

OBJECTS = 800
"""Bytes of a handful of objects around arrays."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """The terms of one article in id order, its counted sentences, its numbers (docs/design/originality.md).

    ids u32, positions u16 (first word index), weights u16, counts u8: one each per term; sentence_terms u16 (indices of
    terms, sentence after sentence) and sentence_bounds u16 (n + 1 offsets into it); numbers u32, sorted, distinct.
    """

    ids: NDArray[np.uint32]
    positions: NDArray[np.uint16]
    weights: NDArray[np.uint16]
    counts: NDArray[np.uint8]
    sentence_terms: NDArray[np.uint16]
    sentence_bounds: NDArray[np.uint16]
    numbers: NDArray[np.uint32]

    @property
    def nbytes(self) -> int:
        """The memory that it takes."""
        words = 4 * (len(self.ids) + len(self.numbers)) + len(self.counts)
        halves = (self.positions, self.weights, self.sentence_terms, self.sentence_bounds)
        return OBJECTS + words + 2 * sum(map(len, halves))


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """All that originality remembers of an article; frozen by the recipe that made it.

    raw_digest, word_digest: 32 bytes; shingles u32 sorted distinct; minima u32[128]; keys u64 sorted, <= 96; sketch
    None where earlier versions had no table; published: proleptic day number or None. ``query_keys``: more keys, at
    most 256, in other languages than English 352, that only a newcomer has, to look others up by; not stored.
    ``lexicon``: by what the sketch is weighed; without one it says nothing.
    """

    raw_digest: bytes
    word_digest: bytes
    shingles: NDArray[np.uint32]
    minima: NDArray[np.uint32] | None
    keys: NDArray[np.uint64]
    sketch: Sketch | None
    words: int
    language: str
    publisher: str
    published: int | None
    query_keys: NDArray[np.uint64] | None = None
    lexicon: str = ""

    @property
    def nbytes(self) -> int:
        """The memory that it takes."""
        query_keys = 0 if self.query_keys is None else self.query_keys.nbytes
        minima = 0 if self.minima is None else self.minima.nbytes
        sketch = 0 if self.sketch is None else self.sketch.nbytes
        return OBJECTS + self.shingles.nbytes + minima + self.keys.nbytes + query_keys + sketch


@dataclasses.dataclass(frozen=True, slots=True)
class QualityKey:
    """What decides, beside date and words, which version is kept (docs/design/originality.md, "Which version is kept").

    ``integrity``: TXT501's sum; ``host``: of its address, or ""; ``metadata_count``: how many it has of title, authors,
    publisher, url, published_at, language, licence.
    """

    integrity: float = 0.0
    host: str = ""
    metadata_count: int = 0


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class IndexedArticle:
    """An article met before, as originality compares newcomers with it; ``number`` is its row in the ledger.

    ``quality_key`` None: never superseded.
    """

    number: int
    id: str
    path: str
    text_sha256: str
    standing: Standing
    fingerprint: Fingerprint
    root: int | None = None
    codes: tuple[str, ...] = ()
    quality_key: QualityKey | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Nearest:
    """The known article most like a newcomer, twin or not, as event and INDEX rows name it.

    ``shared_runs``: share of the newcomer's words in runs of 3+ words that both share in order; None if the two have so
    little in common that they were not laid side by side. ``root``: of what the known article is itself a copy.
    """

    id: str
    number: int
    path: str
    text_sha256: str
    standing: Standing
    twin: bool
    measures: Mapping[str, float]
    shared_runs: float | None = None
    runs: int = 0
    longest_run_words: int = 0
    candidates: int = 0
    root: int | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Relation:
    """A known article that a newcomer resembles by one rule: at doubt, at fail, or only noted (grade pass)."""

    number: int
    code: str
    grade: Grade
    value: float
    standing: Standing
    note: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Presentation:
    """What is still to be said of a newcomer from its text and that of its nearest article; no decision rests on it.

    ``code``: of the finding that gets shared passages, numbers and sentences, "" for none; ``any_order``: passages
    wherever they stand; ``sentences``: which pairs of them, none where they were not aligned. ``rewrites``: codes of
    the findings of a rewrite, which say how much is shared in order. ``lexicon``: by which sentences are weighed.
    """

    code: str = ""
    any_order: bool = False
    sentences: Literal["", "any", "in order"] = ""
    rewrites: tuple[str, ...] = ()
    lexicon: str = ""


class Presented(NamedTuple):
    """Findings and the nearest article with all that both texts tell."""

    findings: tuple[Finding, ...]
    nearest: Nearest


@dataclasses.dataclass(frozen=True, slots=True)
class Examination:
    """What originality says of one record: findings (one per DUP rule asked), the nearest known article or None.

    ``relations``: every known article at a rule's doubt, noted ones too (docs/design/originality.md, "Standing").
    ``supersedes``: the number of the admitted article that this one replaces, if it is kept as the better one.
    ``presentation``: what the two texts are yet to be laid side by side for; None if they are not.
    """

    findings: tuple[Finding, ...]
    nearest: Nearest | None = None
    relations: tuple[Relation, ...] = ()
    supersedes: int | None = None
    presentation: Presentation | None = None
