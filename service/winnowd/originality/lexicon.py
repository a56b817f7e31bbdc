"""The table of words: how much a word says (weight), and of which term it is a form (English Snowball stem). Pure."""

from __future__ import annotations

import hashlib
import zlib
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from winnowd import kernels

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

LANGUAGE = "en"
NAME = "en-table-1"
"""What fingerprints call it by; those from before they named any are of this one."""
MOST_WEIGHT = 517
"""What a word that is in no table weighs."""
UNKNOWN_Z = 250
LEAST_CONTENT_WEIGHT = 180
REMEMBERED = 65_536
_EXCLUDED = """
    above aren below cannot couldn didn doesn don further hadn hasn haven hers herself himself isn itself ll myself nor
    ought ours ourselves re shan shouldn theirs themselves upon ve wasn weren whom won wouldn yours yourself yourselves
"""
EXCLUDED = frozenset(_EXCLUDED.split())
"""Words of grammar that are rare enough to pass for content (docs/design/originality.md, "Words and sentences")."""

_32 = np.uint64(32)
_SLOT = np.uint64(64 - 16)
_WEIGHT_BITS = 16
_WEIGHT = (1 << _WEIGHT_BITS) - 1


class Terms(NamedTuple):
    """Per word of a text: the id of its term, and its weight, 0 for a word without content."""

    ids: NDArray[np.uint32]
    weights: NDArray[np.uint16]


def number_weight(digits: int) -> int:
    """How much a number of so many characters says."""
    return 300 if digits <= 2 else 550


def _weight(word: str, z: int) -> int:
    if word[0].isdecimal():
        return number_weight(len(word))
    if len(word) == 1:
        return 0
    return max(0, 115 * (700 - z) // 100)


def _content_weight(word: str, z: int) -> int:
    weight = _weight(word, z)
    return weight if weight >= LEAST_CONTENT_WEIGHT and word not in EXCLUDED else 0


class Lexicon:
    """The words of one language by hash: built once, asked once an article. Its answers never depend on what it met."""

    language = LANGUAGE
    name = NAME

    def __init__(self, words: Sequence[str], zipf: Sequence[int], sha256: str) -> None:
        import Stemmer

        self.sha256 = sha256
        self.word_set = frozenset(words)
        self._stemmer = Stemmer.Stemmer("english")
        self._zipf = dict(zip(words, zipf, strict=True))
        hashes = kernels.hash_each([word.encode() for word in words])
        order = np.argsort(hashes)
        self._hashes = hashes[order]
        stems = [stem.encode() for stem in self._stemmer.stemWords(list(words))]
        self._ids = (kernels.hash_each(stems) >> _32).astype(np.uint32)[order]
        weights = [_content_weight(word, z) for word, z in self._zipf.items()]
        self._weights = np.array(weights, dtype=np.uint16)[order]
        self._slots = np.zeros(1 << 16, dtype=np.int32)
        rarest_first = np.argsort(np.array(zipf)[order], kind="stable")
        self._slots[(self._hashes >> _SLOT).view(np.intp)[rarest_first]] = rarest_first
        self._met: dict[int, int] = {}

    @classmethod
    def parse(cls, table: bytes) -> Lexicon:
        """Read a packed (gzip) table of lines ``word TAB Z``; ValueError if a line is not of that form."""
        unpacked = zlib.decompress(table, wbits=31)
        cells = unpacked.decode("utf-8").replace("\t", "\n").split("\n")[:-1]
        if len(cells) % 2:
            raise ValueError("the table of words is damaged: a line without its frequency; install winnowd anew")
        return cls(cells[0::2], [int(z) for z in cells[1::2]], hashlib.sha256(unpacked).hexdigest())

    def weight(self, word: str) -> int:
        """How much a folded word says: 0 for the most frequent, 517 for one not in the table, 550 for a long number."""
        return _weight(word, self._zipf.get(word, UNKNOWN_Z))

    def stem(self, word: str) -> str:
        """The term of a folded word: its stem; a word that begins with a digit is its own."""
        return word if word[0].isdecimal() else str(self._stemmer.stemWord(word))

    def terms(self, folded: bytes, words: kernels.Words) -> Terms:
        """Look up each word of a folded text."""
        positions, unknown = self._look_up(words.hashes)
        ids, weights = self._ids.take(positions), self._weights.take(positions)
        if unknown.size:
            entries = self._unknown(folded, words, unknown)
            ids[unknown], weights[unknown] = entries >> _WEIGHT_BITS, entries & _WEIGHT
        return Terms(ids, weights)

    def _look_up(self, hashes: NDArray[np.uint64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The place of each word in the table, and which words have none.

        The upper 16 bits of a hash name a slot that knows one place, that of the most frequent word. One that has lost
        it to another is sought.
        """
        positions = self._slots.take((hashes >> _SLOT).view(np.intp)).astype(np.intp)
        lost = (self._hashes.take(positions) != hashes).nonzero()[0]
        sought = hashes.take(lost)
        found = self._hashes.searchsorted(sought)
        positions[lost] = found = np.minimum(found, len(self._hashes) - 1)
        return positions, lost[self._hashes.take(found) != sought]

    def _unknown(self, folded: bytes, words: kernels.Words, unknown: NDArray[np.intp]) -> NDArray[np.int64]:
        """Weigh and stem the words that the table does not know, once for each that was not met lately.

        Gives for each its term and, in the lowest 16 bits, its weight.
        """
        if len(self._met) > REMEMBERED:
            self._met.clear()
        met, keys = self._met, words.hashes.take(unknown).tolist()
        new = {key: position for position, key in zip(unknown.tolist(), keys, strict=True) if key not in met}
        if new:
            self._meet(
                new,
                [folded[words.starts[position] : words.ends[position]].decode("utf-8") for position in new.values()],
            )
        return np.array([*map(met.__getitem__, keys)], dtype=np.int64)

    def _meet(self, keys: Iterable[int], spelt: Sequence[str]) -> None:
        """Remember term and weight of words under their hashes."""
        stems = kernels.hash_each([self.stem(word).encode() for word in spelt]) >> _32
        for key, stem, word in zip(keys, stems.tolist(), spelt, strict=True):
            self._met[key] = stem << _WEIGHT_BITS | _content_weight(word, UNKNOWN_Z)
