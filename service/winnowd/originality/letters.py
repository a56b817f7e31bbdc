"""What the words of a language without a table say, told by their letters alone: long words say more. Pure.

``letters.toml`` is read once. A fingerprint names its lexicon; those of different ones are never compared.
"""

from __future__ import annotations

import dataclasses
import importlib.resources
import re
import tomllib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from winnowd import kernels
from winnowd.originality.lexicon import MOST_WEIGHT, Terms, number_weight
from winnowd.text import Tokens
from winnowd.text.scripts import HAN, KANA, SOUTHEAST

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from winnowd.originality.lexicon import Lexicon

_TABLE: Final[Mapping[str, Any]] = tomllib.loads(
    importlib.resources.files(__package__).joinpath("letters.toml").read_text(encoding="utf-8")
)
_PER_LETTER, _AT_MEAN = 70, 200
_HIRAGANA: Final = re.compile("[\u3041-\u309f]+")
_32 = np.uint64(32)


class Units(NamedTuple):
    """What a text is cut into to be weighed, and how many English words would say as much."""

    words: kernels.Words
    size: int


@dataclasses.dataclass(frozen=True, slots=True)
class Words:
    """Of scripts with blanks: a word weighs by its length, and its first letters are its term."""

    name: str
    least: int
    mean: float
    stem: int
    hangul: int

    def units(self, folded: bytes, words: kernels.Words) -> Units:
        """The words themselves."""
        del folded
        return Units(words, len(words.hashes))

    def terms(self, folded: bytes, words: kernels.Words) -> Terms:
        """Weigh each word of a folded text."""
        codes = np.frombuffer(folded, dtype=np.uint8)
        leads = ((codes & 0xC0) != 0x80).nonzero()[0]
        first, last = leads.searchsorted(words.starts), leads.searchsorted(words.ends)
        initial, second = (codes.take(words.starts + after, mode="clip") for after in (0, 1))
        is_hangul = ((initial >= 0xEB) & (initial <= 0xED)) | ((initial == 0xEA) & (second >= 0xB0))  # from U+AC00 on
        syllables = np.where(is_hangul, self.hangul, 1)
        letters = (last - first) * syllables
        weights = np.minimum(_PER_LETTER * letters + int(_AT_MEAN - _PER_LETTER * self.mean), MOST_WEIGHT)
        weights[letters < self.least] = 0
        numbers = ((initial >= 0x30) & (initial <= 0x39)).nonzero()[0]
        weights[numbers] = [number_weight(length) for length in letters.take(numbers).tolist()]
        after = first + self.stem // syllables
        after[numbers] = last[numbers]
        ends = np.append(leads, len(folded)).take(np.minimum(after, last))
        hashes = kernels.hash_spans(folded, words.starts, np.minimum(ends, words.ends))
        return Terms((hashes >> _32).astype(np.uint32), weights.astype(np.uint16))


@dataclasses.dataclass(frozen=True, slots=True)
class Runs:
    """Of scripts without blanks: overlapping runs of letters, each with its marks, that nothing parts."""

    name: str
    letters: int
    weight: int
    hiragana_weight: int = 0

    def units(self, folded: bytes, words: kernels.Words) -> Units:
        """The runs; one that is shorter than they are stands for itself."""
        del words
        text = folded.decode("utf-8")
        tokens = Tokens(text)
        starts, ends = tokens.parts
        if not len(starts):
            nothing = np.zeros(0, dtype=np.int64)
            return Units(kernels.Words(nothing.astype(np.uint64), nothing, nothing), 0)
        run = np.concatenate(([0], (starts[1:] != ends[:-1]).cumsum()))
        sizes = np.bincount(run)
        begin = sizes.cumsum() - sizes
        last = np.arange(len(starts)) + self.letters - 1
        whole = begin.take(run) + sizes.take(run) - 1
        kept = (last <= whole) | ((np.arange(len(starts)) == begin.take(run)) & (sizes.take(run) < self.letters))
        offsets = _byte_offsets(tokens.codes)
        first = offsets.take(starts[kept])
        final = offsets.take(ends.take(np.minimum(last, whole)[kept]))
        return Units(kernels.Words(kernels.hash_spans(folded, first, final), first, final), tokens.count)

    def terms(self, folded: bytes, words: kernels.Words) -> Terms:
        """Weigh each run; those of hiragana, endings and particles for the most part, less."""
        weights = np.full(len(words.hashes), self.weight, dtype=np.uint16)
        if self.hiragana_weight:
            covered = np.zeros(len(folded) + 1, dtype=np.int64)
            text = folded.decode("utf-8")
            offsets = _byte_offsets(Tokens(text).codes)
            for match in _HIRAGANA.finditer(text):
                covered[offsets[match.start()] + 1 : offsets[match.end()] + 1] = 1
            covered = covered.cumsum()
            weights[covered.take(words.ends) - covered.take(words.starts) == words.ends - words.starts] = (
                self.hiragana_weight
            )
        return Terms((words.hashes >> _32).astype(np.uint32), weights)


def _byte_offsets(codes: NDArray[Any]) -> NDArray[np.int64]:
    """Where each character begins in UTF-8, and where the last ends."""
    sizes = 1 + (codes >= 0x80).astype(np.int64) + (codes >= 0x800) + (codes >= 0x10000)
    return np.concatenate((np.zeros(1, dtype=np.int64), sizes.cumsum()))


WORDS: Final = Words(**_TABLE["words"])
PAIRS: Final = Runs(**_TABLE["han-kana"])
SOUTHEAST_RUNS: Final = Runs(**_TABLE["southeast"])
_BY_NAME: Final = {one.name: one for one in (WORDS, PAIRS, SOUTHEAST_RUNS)}


def lexicon_for(text: str, language: str, table: Lexicon) -> Lexicon | Words | Runs:
    """By what a text is weighed: the table, if it is of its language, else letters as its script asks."""
    if language == table.language:
        return table
    if text.isascii():
        return WORDS
    tokens = Tokens(text)
    if not tokens.is_without_blanks:
        return WORDS
    east, southeast = len(HAN.findall(text)) + len(KANA.findall(text)), len(SOUTHEAST.findall(text))
    return PAIRS if east >= southeast else SOUTHEAST_RUNS


def lexicon_named(name: str, table: Lexicon) -> Lexicon | Words | Runs:
    """The lexicon of this name; the table for any that is not known, whose fingerprints nothing is compared with."""
    return _BY_NAME.get(name, table)
