"""Is this article new? Fingerprints, candidates, exact comparison of two texts, evidence; the gate grades it. Pure."""

from winnowd.originality.compare import Measures, compare
from winnowd.originality.fingerprints import digests_only, fingerprint, pack, unpack, without_passages
from winnowd.originality.lexicon import Lexicon
from winnowd.originality.signature import Recipe, new_recipe

__all__ = [
    "Lexicon",
    "Measures",
    "Recipe",
    "compare",
    "digests_only",
    "fingerprint",
    "new_recipe",
    "pack",
    "unpack",
    "without_passages",
]
