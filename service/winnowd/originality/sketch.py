"""What a text says and in which order: its terms, sentences and numbers, and the keys of its rare pairs. Pure."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from winnowd import kernels
from winnowd.model import Sketch
from winnowd.originality.lexicon import NAME, Lexicon
from winnowd.originality.spans import offsets_in_text
from winnowd.text import FAR_STOPS, folding

if TYPE_CHECKING:
    from typing import TypeAlias

    from numpy.typing import NDArray

    from winnowd.originality.letters import Runs, Words
    from winnowd.originality.lexicon import Terms

    AnyLexicon: TypeAlias = Lexicon | Words | Runs

KEYS = 96
PER_WORDS = 1_000
ASKED = 256
KEY_GRAM = 3
SENTENCES = 120
SENTENCE_TERMS = 3
NUMBERS = 64
MOST = 65_535

_SENTENCE_END = re.compile(
    r"""[.!?\n\x1e](?:(?<=[.!?])["'’”)\]]*\s+(?=["'‘“(\[]?[A-Z0-9])"""
    r"""|(?<=[a-z0-9][.!?])(?=[A-Z])|(?<=[\n\x1e])[\n\x1e]*)"""
)
"""The ends of sentences (docs/design/originality.md), from the character before an end on: fast to search for."""
_ANY_SENTENCE_END = re.compile(
    r"""[.!?\n\x1e](?:(?<=[.!?])["'’”)\]]*\s+(?!["'‘“(\[]?[a-zа-яёα-ω])|(?<=[\n\x1e])["'’”)\]~ ]*[\n\x1e]*)"""
)
"""The same in other languages, where not every script has capitals: a blank that no small letter follows. A stop of
another script is made a record separator before (``_TO_SEPARATOR``)."""
_TO_SEPARATOR = dict.fromkeys(map(ord, set(FAR_STOPS) - set("．⁇⁈⁉‼")), "\x1e")
"""Without those that the fold makes ASCII, some of them two characters."""
_NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_NUMERALS = bytes(code if code in b"0123456789.," else 0x20 for code in range(256))
"""Every other byte becomes a blank: what is left of a text is short to search."""
LONGEST_REMEMBERED = 20
_TERM_BITS = 32
"""A sentence's number stands above the index of a term: a text has fewer terms than that, and fewer sentences."""
_END = 0x1E
_32 = np.uint64(32)
_LOW = np.uint64(0xFFFFFFFF)


class Layout(NamedTuple):
    """A text cut into words, none of which spans a sentence's end; ``ends``: byte offsets of these in ``folded``.

    ``plain``: the text as it looks, which is what sentences and numbers are looked for in. ``units``: what is weighed,
    by the lexicon that it was laid out for; ``size``: how many English words would say as much. In scripts with blanks
    they are the words and their number.
    """

    plain: str
    folded: bytes
    words: kernels.Words
    ends: NDArray[np.int64]
    units: kernels.Words
    size: int
    sentence_end: re.Pattern[str]


class Content(NamedTuple):
    """The content words of a text in order: index among all words, index of the term; and the terms in id order."""

    positions: NDArray[np.int64]
    terms: NDArray[np.int64]
    ids: NDArray[np.uint32]
    firsts: NDArray[np.int64]
    counts: NDArray[np.int64]
    weights: NDArray[np.uint16]


def sentence_ends(text: str, sentence_end: re.Pattern[str] = _SENTENCE_END) -> list[tuple[int, int]]:
    """Where a text is cut into sentences: what is left out at each end, which may be nothing, in code points."""
    return [(end.start() + (end[0][0] in ".!?"), end.end()) for end in sentence_end.finditer(text)]


def lay_out(text: str, lexicon: AnyLexicon | None = None) -> Layout:
    """Cut a text: one fold and one cut serve words and sentences alike. Its words are the same for each lexicon."""
    in_letters = lexicon is not None and lexicon.name != NAME
    sentence_end = _ANY_SENTENCE_END if in_letters else _SENTENCE_END
    plain = folding.plain(text.translate(_TO_SEPARATOR) if in_letters else text)
    folded = folding.folded(sentence_end.sub("\x1e", plain))
    ends = (np.frombuffer(folded, dtype=np.uint8) == _END).nonzero()[0]
    words = kernels.words(folded)
    if lexicon is None or isinstance(lexicon, Lexicon):
        return Layout(plain, folded, words, ends, words, len(words.hashes), sentence_end)
    units, size = lexicon.units(folded, words)
    return Layout(plain, folded, words, ends, units, size, sentence_end)


def content(terms: Terms) -> Content:
    """The content words of a text, and its distinct terms: first word's index and weight, and count."""
    positions = terms.weights.nonzero()[0]
    packed = terms.ids.take(positions).astype(np.uint64)
    packed <<= _32
    packed |= np.arange(len(positions), dtype=np.uint64)
    packed.sort()
    ids = packed >> _32
    packed &= _LOW
    order = packed.view(np.int64)
    new = kernels.changes(ids)
    starts = new.nonzero()[0]
    index = np.empty(len(positions), dtype=np.int64)
    index[order] = new.cumsum() - 1
    firsts = positions.take(order.take(starts))
    counts = np.empty(len(starts), dtype=np.int64)
    np.subtract(starts[1:], starts[:-1], out=counts[:-1])
    counts[-1:] = len(positions) - starts[-1:]
    return Content(positions, index, ids.take(starts).astype(np.uint32), firsts, counts, terms.weights.take(firsts))


class Keys(NamedTuple):
    """The keys of rare pairs, u64, sorted: those that are kept of an article, and those it is asked by."""

    kept: NDArray[np.uint64]
    query_keys: NDArray[np.uint64]


def kept_keys(words: int) -> int:
    """How many keys are kept of a text: 96, and of a long one 96 per 1,000 words.

    So what stands whole in a long text has as many there as it has alone.
    """
    return max(KEYS, KEYS * words // PER_WORDS)


def pair_keys(found: Content, kept: int) -> Keys:
    """The keys of the rarest pairs of neighbouring content words of different terms: so many to keep, 256 to ask by.

    A long newcomer's 96 rarest may all lie in what it is wrapped in; asking by more finds what stands in the rest.
    """
    ids, weights = found.ids.take(found.terms).astype(np.uint64), found.weights.take(found.terms).astype(np.int16)
    differ = (found.terms[1:] != found.terms[:-1]).nonzero()[0]
    pairs = np.minimum(ids[1:], ids[:-1])
    pairs <<= _32
    pairs |= np.maximum(ids[1:], ids[:-1])
    keys = kernels.mix64(pairs.take(differ))
    values = (weights[1:] + weights[:-1]).take(differ)
    order = keys.argsort()
    keys = keys.take(order)
    new = kernels.changes(keys).nonzero()[0]
    keys, values = keys.take(new), values.take(order.take(new))
    best = (-values).argsort(kind="stable")
    return Keys(_chosen(keys, best[:kept]), _chosen(keys, best[:ASKED]))


def _chosen(keys: NDArray[np.uint64], offsets: NDArray[np.intp]) -> NDArray[np.uint64]:
    """Those of the sorted keys at these places, sorted; a short text has no more than are wanted."""
    return keys if len(offsets) == len(keys) else np.sort(keys.take(offsets))


def gram_keys(words: kernels.Words) -> NDArray[np.uint64]:
    """The keys of a text in a language without a table: of its least mixed word-3-grams; u64, sorted."""
    least = np.sort(kernels.fmix32(kernels.shingles(words.hashes, KEY_GRAM)))[: kept_keys(len(words.hashes))]
    return np.sort(kernels.mix64(least.astype(np.uint64) + np.uint64(1 << 40)))


def counted_sentences(layout: Layout, found: Content) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """The sentences with at least 3 distinct terms, first 120: which pieces, their terms, and u64 bounds of these."""
    packed = layout.ends.searchsorted(layout.units.starts.take(found.positions))
    packed <<= _TERM_BITS
    packed |= found.terms
    packed.sort()
    packed = packed[kernels.changes(packed)]
    pieces = packed >> _TERM_BITS
    sizes = np.bincount(pieces)
    counted = (sizes >= SENTENCE_TERMS).nonzero()[0][:SENTENCES]
    sums = sizes.take(counted).cumsum()
    counted = counted[sums <= MOST]
    bounds = np.zeros(len(counted) + 1, dtype=np.int64)
    bounds[1:] = sums[: len(counted)]
    is_counted = np.zeros(len(sizes), dtype=np.bool_)
    is_counted[counted] = True
    packed &= (1 << _TERM_BITS) - 1
    return counted, packed[is_counted.take(pieces)], bounds


def number_texts(text: str) -> set[str]:
    """The distinct numbers in a text, without their commas: ``70,000`` and ``70000`` are one."""
    return {number.replace(",", "") for number in _numbers(text)}


def _numbers(text: str) -> set[str]:
    """The distinct numbers in a text, as they stand there."""
    kept = b" ".join(text.encode("utf-8").translate(_NUMERALS).split()).decode("ascii")
    if not text.isascii() and any(map(_has_numeral, _NOT_ASCII.findall(text))):
        kept = text
    return set(_NUMBER.findall(kept))


def _has_numeral(run: str) -> bool:
    """Whether a run of other characters than ASCII holds a digit of another script."""
    return any(character.isdecimal() for character in run)


def number_hashes(text: str) -> NDArray[np.uint32]:
    """The hashes of the numbers of a text, the 64 smallest: u32, sorted, distinct."""
    found = {_known_hash(one) if len(one) <= LONGEST_REMEMBERED else _hash(one) for one in _numbers(text)}
    return np.array(sorted(found)[:NUMBERS], dtype=np.uint32)


def _hash(number: str) -> int:
    return int(kernels.hash_each([number.replace(",", "").encode()])[0] >> _32)


_known_hash = functools.lru_cache(maxsize=16_384)(_hash)


def sketch(layout: Layout, lexicon: AnyLexicon) -> tuple[Sketch, Keys]:
    """Make the sketch of a text, and its keys."""
    found = content(lexicon.terms(layout.folded, layout.units))
    return _sketch_of(layout, found), pair_keys(found, kept_keys(layout.size))


def sketch_alone(layout: Layout, lexicon: AnyLexicon) -> Sketch:
    """Make the sketch of a text that nothing is looked up by.

    A text of over 65,535 words keeps all terms, the later ones at that position, unless the terms themselves are more:
    then those that come first.
    """
    return _sketch_of(layout, content(lexicon.terms(layout.folded, layout.units)))


def _sketch_of(layout: Layout, found: Content) -> Sketch:
    found = _first_terms(found)
    _, terms, bounds = counted_sentences(layout, found)
    return _sketch(found, terms, bounds, number_hashes(layout.plain))


def sketched_sentences(text: str, layout: Layout, lexicon: AnyLexicon) -> tuple[Sketch, list[tuple[int, int]]]:
    """The sketch of a text, but for its numbers; and where its counted sentences stand in it, in code points."""
    found = _first_terms(content(lexicon.terms(layout.folded, layout.units)))
    counted, terms, bounds = counted_sentences(layout, found)
    ends = sentence_ends(layout.plain, layout.sentence_end)
    starts = offsets_in_text(text, [0, *(end for _, end in ends)])
    stops = offsets_in_text(text, [*(start for start, _ in ends), len(layout.plain)])
    made = _sketch(found, terms, bounds, np.zeros(0, dtype=np.uint32))
    return made, [(starts[piece], stops[piece]) for piece in counted.tolist()]


def _sketch(found: Content, terms: NDArray[np.int64], bounds: NDArray[np.int64], numbers: NDArray[np.uint32]) -> Sketch:
    return Sketch(
        ids=found.ids,
        positions=np.minimum(found.firsts, MOST).astype(np.uint16),
        weights=found.weights,
        counts=np.minimum(found.counts, 255).astype(np.uint8),
        sentence_terms=terms.astype(np.uint16),
        sentence_bounds=bounds.astype(np.uint16),
        numbers=numbers,
    )


def _first_terms(found: Content) -> Content:
    """All terms of a text, or its first 65,535."""
    if len(found.ids) <= MOST:
        return found
    kept = np.sort(np.argsort(found.firsts)[:MOST])
    renamed = np.full(len(found.ids), -1, dtype=np.int64)
    renamed[kept] = np.arange(MOST)
    stays = renamed[found.terms] >= 0
    return Content(
        found.positions[stays],
        renamed[found.terms[stays]],
        found.ids[kept],
        found.firsts[kept],
        found.counts[kept],
        found.weights[kept],
    )
