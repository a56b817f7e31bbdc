"""A pair that a measure would stop, measured again on what is left when what counts for nothing is set aside. Pure."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING

from winnowd import kernels
from winnowd.originality.cascade import Pair
from winnowd.originality.compare import Measures, compare, overlap
from winnowd.originality.letters import lexicon_named
from winnowd.originality.set_aside import LEAST_LEFT, set_aside
from winnowd.originality.side import Side
from winnowd.originality.signature import SHINGLE_WORDS
from winnowd.originality.sketch import lay_out, sketch_alone

if TYPE_CHECKING:
    from winnowd.model import Fingerprint
    from winnowd.originality.article_text import ArticleText
    from winnowd.originality.lexicon import Lexicon
    from winnowd.originality.set_aside import Standing


class Scales:
    """Weighs pairs anew by their texts; pairs with an R below ``least`` are not asked whether they are rewrites."""

    def __init__(self, lexicon: Lexicon, least: float) -> None:
        self._lexicon = lexicon
        self._least = least

    def weigh(self, pair: Pair, texts: tuple[ArticleText, ArticleText], standing: Standing) -> Pair:
        """The pair by what counts of its texts, the newcomer's first; ``remainder`` says what was set aside."""
        left = set_aside(*texts, standing)
        if not left.asides and not left.has_lists:
            pair.remainder = left
            return pair
        new, indexed = pair.compared
        one = self._left(new, left.new, left.new_prose)
        two = self._left(indexed, left.indexed, left.indexed_prose)
        weighed = Pair(new, pair.indexed, self._measured(one, two, placed=pair.measures.position is not None))
        weighed.whole, weighed.compared, weighed.remainder = pair.measures, (one, two), left
        return weighed

    def _measured(self, new: Fingerprint, indexed: Fingerprint, *, placed: bool) -> Measures:
        """All measures of what is left; whether it is rewritten only if that was asked of the whole."""
        one, two = Side.of(new), Side.of(indexed)
        if not placed or one is None or two is None:
            return Measures(overlap(new, indexed))
        measures = compare(new, indexed)
        if measures.reordered is not None and measures.reordered < self._least:
            return measures._replace(order=None, alignment=None)
        return measures

    def _left(self, made: Fingerprint, text: str, prose: str) -> Fingerprint:
        """A fingerprint of what is left: shingles of all of it, the sketch of its sentences, if there are enough."""
        lexicon = lexicon_named(made.lexicon, self._lexicon)
        layout = lay_out(text, lexicon)
        in_prose = layout if prose == text else lay_out(prose, lexicon)
        is_enough = made.sketch is not None and in_prose.size >= LEAST_LEFT
        return dataclasses.replace(
            made,
            word_digest=hashlib.sha256(kernels.joined(layout.folded)).digest(),
            shingles=kernels.shingles(layout.words.hashes, SHINGLE_WORDS),
            sketch=sketch_alone(in_prose, lexicon) if is_enough else None,
            words=layout.size,
        )
