"""Fingerprints of an earlier recipe made anew from the texts that are kept, at the first start of a later winnowd."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final

from winnowd.originality import fingerprint, without_passages
from winnowd.storage.texts import StoredTexts
from winnowd.wiring.rules import lexicon

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from winnowd.model import Fingerprint
    from winnowd.originality import Recipe
    from winnowd.wiring.kept import Kept

BATCH: Final = 256
_REACHED: Final = "renewal"
"""The key under which the recipe is kept that fingerprints are brought to, and the number up to which they are."""


@dataclasses.dataclass(slots=True)
class Renewal:
    """How far it has come: of ``count`` fingerprints so many are made anew, and so many stay, as their text is gone."""

    count: int
    renewed: int = 0
    without_text: int = 0


def renew(kept: Kept, alive: Callable[[], None]) -> Iterator[Renewal]:
    """Make the fingerprints of an earlier recipe anew, a batch at each step; a kill costs the batch in hand.

    The paragraphs are filled in on the way: a ledger from before these were kept has none.

    One whose text is gone stays as it is: of a text in ASCII the fold makes the same. The recipe of the ledger is the
    earlier one until all are done.
    """
    ledger, recipe = kept.ledger, kept.recipe
    was = ledger.articles.recipe()
    if was is None or was.same_as(recipe):
        return
    texts, reached = StoredTexts(kept.disk, ledger.articles), _reached(kept)
    state = Renewal(ledger.articles.count_older(recipe.id, reached))
    while rows := ledger.articles.older(recipe.id, reached, BATCH):
        made = []
        for row in rows:
            alive()
            text = texts.of(row["number"])
            if text is not None:
                made.append((row["number"], _made(row, text, recipe), text))
        reached = rows[-1]["number"]
        with ledger.transaction():
            for number, one, text in made:
                ledger.articles.renew(number, one, text, recipe.id)
            ledger.set(_REACHED, f"{recipe.id} {reached}")
        state.renewed += len(made)
        state.without_text += len(rows) - len(made)
        yield state
    with ledger.transaction():
        ledger.articles.replace_recipe(recipe, kept.clock.now().isoformat())
        ledger.drop(_REACHED)


def _reached(kept: Kept) -> int:
    recipe, _, number = (kept.ledger.get(_REACHED) or "").rpartition(" ")
    return int(number) if recipe == kept.recipe.id else 0


def _made(row: Mapping[str, Any], text: str, recipe: Recipe) -> Fingerprint:
    made = fingerprint(
        text,
        raw_digest=row["raw_digest"],
        language=row["language"],
        publisher=row["publisher"],
        published=row["published"],
        recipe=recipe,
        lexicon=lexicon(),
    )
    return without_passages(made) if row["without_passages"] else made
