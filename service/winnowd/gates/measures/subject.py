"""What the gates examine: one cleaned article, cut into words once, its language detected. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from winnowd.gates.measures.language_detection import detect_language
from winnowd.gates.measures.languages import primary
from winnowd.gates.measures.words import classes_of
from winnowd.text import Tokens

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from winnowd.article import Article
    from winnowd.gates.measures.language_detection import DetectedLanguage
    from winnowd.model import Cleaned


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """An article as the gates see it; ``tokens`` are of its text without the final newline.

    ``measures`` are those only cleaning can know; ``part_classes`` the bits (``measures.words``) of each part,
    ``classes`` of those parts that are words by themselves, 0 for the others; ``any_classes`` are those of any part.
    """

    article: Article
    tokens: Tokens
    measures: Mapping[str, float]
    part_classes: NDArray[np.uint32]
    any_classes: int
    classes: NDArray[np.uint32]
    detected: DetectedLanguage

    @classmethod
    def of(cls, cleaned: Cleaned, accepted: Sequence[str] = ()) -> Subject:
        """Make a cleaned article ready for the gates; ``accepted``: the languages that are wanted.

        Of languages that cannot be parted it is in the one that it declares, or else in one that is wanted.
        """
        declared = cleaned.article.language
        preferred = tuple(map(primary, accepted if declared is None else (declared, *accepted)))
        text = cleaned.article.text.removesuffix("\n")
        tokens = cleaned.tokens
        if not isinstance(tokens, Tokens) or tokens.text != text:
            tokens = Tokens(text)
        parts = classes_of(tokens.part_hashes)
        classes = parts
        if len(tokens.inner):
            classes = parts.copy()
            classes[tokens.inner] = 0
            classes[tokens.inner - 1] = 0
        any_classes = int(np.bitwise_or.reduce(parts))
        return cls(
            cleaned.article,
            tokens,
            cleaned.measures,
            parts,
            any_classes,
            classes,
            detect_language(tokens, classes, preferred),
        )

    @property
    def text(self) -> str:
        """The cleaned text without its final newline."""
        return self.tokens.text

    @property
    def language(self) -> str:
        """The detected language; "" only if it is unsure."""
        return self.detected.language
