"""The recipe: how texts become fingerprints, whole as the ledger keeps it, so that old and new ones compare. Pure."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

SEED = 1
NUM_PERM = 128
FOLD = "fold2"
EARLIER_FOLDS = frozenset({"fold1"})
"""Folds of earlier versions, whose fingerprints are made anew (docs/design/storage.md, "Fingerprints of an earlier
recipe")."""
SHINGLE_WORDS = 5
_PERMUTATIONS = {("affine32", 1, 128): "b14750dd0abf30bb02469d6062895f1dee4f3bf2ef2d0a91310e8dafee9dc551"}
"""By scheme, seed and number: the SHA-256 of datasketch's permutations, which no ledger may have otherwise."""


@dataclasses.dataclass(frozen=True, slots=True)
class Recipe:
    """Everything that fixes a fingerprint; fingerprints of different recipes must never meet.

    ``permutations`` are the bytes of u32[2, num_perm], little-endian; ``table`` the SHA-256 (hex) of the unpacked table
    of words. ``datasketch`` is the version whose permutations these are: said for the record, not compared.
    """

    scheme: str
    seed: int
    num_perm: int
    bands: int
    rows: int
    shingle_words: int
    fold: str
    word_hash: str
    table: str
    permutations: bytes
    datasketch: str

    @property
    def id(self) -> str:
        """The recipe's short name, e.g. ``fold2/word64/w5/affine32-1-128/25x5/b340ed1360c7f813``."""
        minhash = f"{self.scheme}-{self.seed}-{self.num_perm}"
        parts = (self.fold, self.word_hash, f"w{self.shingle_words}", minhash, f"{self.bands}x{self.rows}")
        return "/".join((*parts, self.table[:16]))

    def factors(self) -> NDArray[np.uint32]:
        """The permutations as the kernel ``minima`` takes them: u32[2, num_perm]."""
        return np.frombuffer(self.permutations, dtype="<u4").reshape(2, self.num_perm)

    @property
    def sha256(self) -> str:
        """Of all that fixes a fingerprint, in hex: what the log holds the stored recipe to."""
        fixed = dataclasses.astuple(dataclasses.replace(self, datasketch=""))
        return hashlib.sha256(repr(fixed).encode()).hexdigest()

    @property
    def is_true(self) -> bool:
        """Whether its permutations are those that scheme, seed and number stand for."""
        expected = _PERMUTATIONS.get((self.scheme, self.seed, self.num_perm))
        return hashlib.sha256(self.permutations).hexdigest() == expected

    def to_row(self) -> dict[str, Any]:
        """The row that the ledger stores: one plain value a column."""
        return {"id": self.id, **dataclasses.asdict(self)}

    @classmethod
    def from_row(cls, row: Mapping[str, Any]) -> Recipe:
        """The recipe of a stored row; columns it does not know (``made_at``) are left aside."""
        return cls(**{field.name: row[field.name] for field in dataclasses.fields(cls)})

    def renewed(self) -> Recipe:
        """This version's recipe, where this one is it, or an earlier version's; ValueError if it is neither."""
        if self.fold != FOLD and self.fold not in EARLIER_FOLDS:
            raise ValueError(f"{self.id} is no recipe of this winnowd, nor of an earlier one")
        return dataclasses.replace(self, fold=FOLD)

    def same_as(self, other: Recipe) -> bool:
        """Whether fingerprints made by either may be compared."""
        return dataclasses.replace(self, datasketch="") == dataclasses.replace(other, datasketch="")


def new_recipe(table: str) -> Recipe:
    """Make the recipe of this version from datasketch's permutations; ``table``: SHA-256 (hex) of the word table.

    The only place that imports datasketch (0.45 s, 85 MB): for ``init``, ``doctor``, ``ledger rebuild``, tests and
    bench; everything else reads the permutations from the ledger.
    """
    import datasketch

    minhash = datasketch.MinHash(num_perm=NUM_PERM, seed=SEED, scheme="affine32")
    return Recipe(
        scheme="affine32",
        seed=SEED,
        num_perm=NUM_PERM,
        bands=25,
        rows=5,
        shingle_words=SHINGLE_WORDS,
        fold=FOLD,
        word_hash="word64",
        table=table,
        permutations=np.array(minhash.permutations, dtype="<u4").tobytes(),
        datasketch=str(datasketch.__version__),
    )
