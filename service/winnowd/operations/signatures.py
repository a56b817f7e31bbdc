"""The corpus's own MinHash signatures as datasketch's objects: each of them, an index of all, that of another text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from winnowd import kernels
from winnowd.originality import new_recipe
from winnowd.originality.sketch import lay_out
from winnowd.wiring.rules import lexicon

if TYPE_CHECKING:
    from collections.abc import Iterator

    from datasketch import LeanMinHash, MinHashLSH

    from winnowd.operations.corpus import Extract


def lean_signatures(extract: Extract) -> Iterator[tuple[str, LeanMinHash]]:
    """The id and the signature of each article that has words; those of an earlier recipe are left out."""
    from datasketch import LeanMinHash

    recipe = extract.recipe
    for one in extract.signatures():
        if recipe is not None and one.minima is not None and one.recipe == recipe.id:
            values = np.frombuffer(one.minima, dtype="<u4")
            yield one.id, LeanMinHash(seed=recipe.seed, hashvalues=values, scheme=recipe.scheme)


def signature_of(text: str, extract: Extract) -> LeanMinHash:
    """The signature of a text as those of a corpus are made: MinHash over its runs of five words, folded.

    Raises:
        ValueError: it has no words.
    """
    from datasketch import LeanMinHash

    recipe = extract.recipe or new_recipe(lexicon().sha256)
    shingles = kernels.shingles(lay_out(text).words.hashes, recipe.shingle_words)
    if not len(shingles):
        raise ValueError("a text without words has no signature")
    return LeanMinHash(seed=recipe.seed, hashvalues=kernels.minima(shingles, recipe.factors()), scheme=recipe.scheme)


def lsh_of(extract: Extract, threshold: float) -> MinHashLSH:
    """An index of the signatures by id, which finds those whose estimated Jaccard similarity is at least ``threshold``.

    Raises:
        ValueError: the threshold does not lie between 0 and 1.
    """
    from datasketch import MinHashLSH

    recipe = extract.recipe
    lsh = MinHashLSH(threshold=threshold, **({} if recipe is None else {"num_perm": recipe.num_perm}))
    for id_, signature in lean_signatures(extract):
        lsh.insert(id_, signature)
    return lsh
