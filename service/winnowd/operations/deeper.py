"""What a deep verification makes anew: the fingerprint of each article, of the text that is kept of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from winnowd.audit.expected import Damage
from winnowd.event.kept import fingerprint_digest
from winnowd.layout import LEDGER
from winnowd.originality import fingerprint, pack, without_passages
from winnowd.originality.paragraphs import paragraphs
from winnowd.storage.disk import Disk
from winnowd.storage.texts import StoredTexts
from winnowd.wiring.rules import lexicon

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from winnowd.originality import Recipe
    from winnowd.storage.ledger import Ledger
    from winnowd.storage.ledger.audited import AuditedRow

_QUALITY: Final = ("integrity", "host", "stated")


def made_anew(
    instance_dir: Path, ledger: Ledger, since: int = 0, step: Callable[[], None] = lambda: None
) -> tuple[int, list[Damage]]:
    """How many fingerprints were made again, of what was decided from an event on, and those that differ.

    A text that is gone, or is another by now, tells nothing of its fingerprint: that is damage of its own.
    """
    recipe = ledger.articles.recipe()
    if recipe is None or recipe.table != lexicon().sha256:
        return 0, []
    texts, count = StoredTexts(Disk(instance_dir), ledger.articles), 0
    damage: list[Damage] = []
    for row in ledger.audited.rows(since):
        step()
        text = texts.of(row["number"]) if row["signed"] is not None and row["outcome"] != "erased" else None
        if text is None or row["recipe"] != recipe.id:
            continue
        count += 1
        # of articles from before there was a table of them no paragraphs are known
        is_one = not row.paragraphs or set(row.paragraphs) == paragraphs(text).keys()
        if not is_one or _digest(row, text, recipe) != row.fingerprint_digest:
            what = "its fingerprint is not the one that its text has"
            damage.append(Damage("deep", f"{LEDGER}, decision {row['number']:,}:", what))
    return count, damage


def _digest(row: AuditedRow, text: str, recipe: Recipe) -> str:
    made = fingerprint(
        text,
        raw_digest=row["raw_digest"],
        language=row["language"],
        publisher=row["publisher"],
        published=row["published"],
        recipe=recipe,
        lexicon=lexicon(),
    )
    if row["words"] and not row["shingles"]:
        made = without_passages(made)
    return fingerprint_digest({**pack(made), **{name: row[name] for name in _QUALITY}})
