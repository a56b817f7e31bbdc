"""One text under comparison: all that is derived from it, each made when first asked for, and once. Pure."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
import itertools
import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from winnowd import kernels
from winnowd.originality.fingerprints import digests_only
from winnowd.originality.paragraphs import paragraphs
from winnowd.originality.side import Side
from winnowd.originality.sketch import lay_out, number_texts, sketched_sentences
from winnowd.originality.spans import word_spans
from winnowd.text import FAR_STOPS
from winnowd.text.folding import plain
from winnowd.text.scripts import STOPLESS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from winnowd.originality.sketch import AnyLexicon
    from winnowd.originality.spans import WordSpans

LONGEST_QUOTATION = 150
LEAST_LINES = 3
LEAST_LISTED = 30
"""Words of one line without a verb: a list, too, but what a program took from a page's table may look like it."""
DATELINE = 400
"""Characters from the beginning of an article on in which its dateline stands."""
PER_CHARACTER = 12
"""Bytes that a text takes with all that is derived from it, at most: measured on an agency's stories."""

_QUOTE = re.compile("[\"“«»„「『‘']")
_QUOTATION = re.compile(
    r'(?<!\w)"(?=\S)[^"\n]*(?<=\S)"(?!\w)|“[^“”\n]*”|«[^«»\n]*»|»[^«»\n]*«|„[^„“”\n]*[“”]|「[^「」\n]*」|『[^『』\n]*』'
    r"|(?<!\w)‘[^‘\n]*?[.,!?…]’(?!\w)|(?<!\w)'(?=\w)(?:[^'\n]|(?<=\w)'(?=\w))*[.,!?…]'(?!\w)"
)
_AGENCY = re.compile(r"\((\w{2,16}(?: \w{2,16})?)\)\s*[-–—]")
_LINE = re.compile(r"[^\n]+")
_SENTENCE = re.compile(rf"""[.!?…]["'’”)\]]*(?:\s|$)|[{FAR_STOPS}]""")
_VERB = re.compile(
    r"\b(?:is|are|was|were|be|been|has|have|had|do|does|did|will|would|can|could|may|might|must|should|said|says|say"
    r"|[a-z]{3,}ed|[a-z]{2,}n't)\b"
)
_CODE = re.compile(r"[{}=<>]|;\s*$|\w\(|->|::")


class SentenceSpans(NamedTuple):
    """The counted sentences of a text, as a side to compare, and where each stands, in code points."""

    side: Side
    spans: list[tuple[int, int]]


class ArticleText:
    """A cleaned text, without its title."""

    def __init__(self, text: str) -> None:
        self.text = text

    @property
    def nbytes(self) -> int:
        """The memory that it may come to take."""
        return PER_CHARACTER * len(self.text)

    @functools.cached_property
    def words(self) -> WordSpans:
        """Its words and where they stand."""
        return word_spans(self.text)

    @functools.cached_property
    def quoted(self) -> NDArray[np.int64]:
        """How many words stand in quotation marks before each word, and last in all: int64[words + 1].

        A pair of marks stands in one line, around at most 150 words.
        """
        spans = list(_quotations(self.text))
        mask = np.zeros(len(self.words.hashes) + 1, dtype=np.int64)
        for first, last in self.words.starts.searchsorted(np.array(spans, dtype=np.int64).reshape(-1, 2)).tolist():
            if last - first <= LONGEST_QUOTATION:
                mask[first + 1 : last + 1] = 1
        return mask.cumsum()

    @functools.cached_property
    def paragraphs(self) -> dict[int, tuple[int, int]]:
        """Its longer paragraphs by hash, and where they stand."""
        return paragraphs(self.text)

    @functools.cached_property
    def prose(self) -> str:
        """The text without lists and code."""
        return prose(self.text)

    @functools.cached_property
    def has_listed_line(self) -> bool:
        """Whether a list stands in one line of it."""
        return has_listed_line(self.text)

    @functools.cached_property
    def agency(self) -> str:
        """The agency that its dateline names: ``LONDON (Reuters) -``; "" for none."""
        found = _AGENCY.search(self.text, 0, DATELINE)
        return "" if found is None else found[1].casefold()

    @functools.cached_property
    def numbers(self) -> frozenset[str]:
        """The distinct numbers in it."""
        return frozenset(number_texts(plain(self.text)))

    def sentences(self, lexicon: AnyLexicon) -> SentenceSpans:
        """Its counted sentences, by the one lexicon that it is weighed by."""
        if self._sentences is None:
            self._sentences = _sentences(self.text, lexicon)
        return self._sentences

    _sentences: SentenceSpans | None = None


def _sentences(text: str, lexicon: AnyLexicon) -> SentenceSpans:
    layout = lay_out(text, lexicon)
    sketch, spans = sketched_sentences(text, layout, lexicon)
    digest = hashlib.sha256(kernels.joined(layout.folded)).digest()
    made = dataclasses.replace(digests_only(b"", digest), sketch=sketch, words=layout.size)
    return SentenceSpans(Side(made, sketch), spans)


def _quotations(text: str) -> Iterator[tuple[int, int]]:
    """The spans of what stands in quotation marks; looked for at marks alone, which is ten times as fast."""
    end = 0
    for quote in _QUOTE.finditer(text):
        if quote.start() >= end and (found := _QUOTATION.match(text, quote.start())):
            yield found.span()
            end = found.end()


def prose(text: str) -> str:
    """A text without lists and code: without 3 and more such lines one after another. Itself if there are none."""
    kept: list[str] = []
    is_whole = True
    for is_list, lines in _lines(text):
        if is_list and len(lines) >= LEAST_LINES:
            is_whole = False
        else:
            kept += lines
    return text if is_whole else "\n".join(kept)


def _lines(text: str) -> Iterator[tuple[bool, list[str]]]:
    for is_list, group in itertools.groupby(_LINE.findall(text), _is_listed):
        yield is_list, list(group)


def has_listed_line(text: str) -> bool:
    """Whether a list stands in one line."""
    lines = (line for line in _LINE.findall(text) if len(line) >= 2 * LEAST_LISTED - 1 and _is_listed(line))
    return any(len(line.split()) >= LEAST_LISTED for line in lines)


def _is_listed(line: str) -> bool:
    """Whether a line has no mark of a sentence and no word like a verb, or is code."""
    if _SENTENCE.search(line) or STOPLESS.search(line):
        return False
    return _CODE.search(line) is not None or _VERB.search(line) is None
