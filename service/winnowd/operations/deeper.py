"""What a deep verification makes anew: the fingerprint of each article, of its text; the records of archived files."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any, Final

from winnowd.audit.expected import DECISIONS, UNOPENED, Damage
from winnowd.audit.reader import Log
from winnowd.event.kept import fingerprint_digest
from winnowd.layout import LEDGER
from winnowd.operations.reprepare import ForwardScan, Repreparer
from winnowd.originality import fingerprint, pack, without_passages
from winnowd.originality.paragraphs import paragraphs
from winnowd.pipeline.from_events import is_of_many, record_from_event
from winnowd.storage.disk import Disk
from winnowd.storage.texts import StoredTexts
from winnowd.wiring.rules import lexicon

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from winnowd.originality import Recipe
    from winnowd.settings import Loaded
    from winnowd.storage.ledger import Ledger
    from winnowd.storage.ledger.audited import AuditedRow

_QUALITY: Final = ("integrity", "host", "stated")
_AT_ONCE: Final = 256


def made_anew(
    instance_dir: Path, loaded: Loaded, ledger: Ledger, since: int = 0, step: Callable[[], None] = lambda: None
) -> tuple[int, list[Damage]]:
    """How many fingerprints and records were made again, of what was decided from an event on, and what differs.

    A text that is gone, or is another by now, tells nothing of its fingerprint: that is damage of its own.
    """
    recipe = ledger.articles.recipe()
    if recipe is None or recipe.table != lexicon().sha256:
        return 0, []
    found = [*_fingerprints(instance_dir, ledger, recipe, since), *_records(instance_dir, loaded, recipe, since)]
    for _ in found:
        step()
    return len(found), [one for one in found if one is not None]


def _fingerprints(instance_dir: Path, ledger: Ledger, recipe: Recipe, since: int) -> Iterator[Damage | None]:
    """Of each that is made again None, or what is wrong with it."""
    texts = StoredTexts(Disk(instance_dir), ledger.articles)
    for row in ledger.audited.rows(since):
        position = f"{LEDGER}, decision {row['number']:,}:"
        try:
            text = texts.of(row["number"]) if row["signed"] is not None and row["outcome"] != "erased" else None
        except OSError as fault:
            yield Damage(UNOPENED, position, f"its text cannot be read ({fault.strerror})")
            continue
        if text is None or row["recipe"] != recipe.id:
            continue
        # of articles from before there was a table of them no paragraphs are known
        is_one = not row.paragraphs or set(row.paragraphs) == paragraphs(text).keys()
        made = _made(row, text, recipe)
        if made["lexicon"] != row["lexicon"]:
            continue  # an earlier version took other words of a text in no language; in events with digests it is held
        is_true = is_one and fingerprint_digest(made) == row.fingerprint_digest
        yield None if is_true else Damage("deep", position, "its fingerprint is not the one that its text has")


def _made(row: AuditedRow, text: str, recipe: Recipe) -> dict[str, Any]:
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
    return {**pack(made), **{name: row[name] for name in _QUALITY}}


def _records(instance_dir: Path, loaded: Loaded, recipe: Recipe, since: int) -> Iterator[Damage | None]:
    """The same of each record of many that its original, which no line has the hash of, still gives."""
    many = filter(is_of_many, _decisions(Log(instance_dir), since))
    repreparer = Repreparer(instance_dir, loaded, recipe, ForwardScan(), 0)
    try:
        while events := list(itertools.islice(many, _AT_ONCE)):
            repreparer.prepared(events)
            for event in events:
                record, sha256 = record_from_event(event), event["file"].get("hash", {}).get("sha256")
                found = repreparer.reread.get(record)
                if found is None or sha256 is None:
                    continue
                what = f"its record {record[1]:,} is not the one that was judged"
                position = repreparer.originals.get(record[0][:8], record[0])
                yield None if found.provenance.raw_sha256 == sha256 else Damage("deep", position, what)
    finally:
        repreparer.close()


def _decisions(log: Log, since: int) -> Iterator[Mapping[str, Any]]:
    """The decisions from an event on; what is none is told of by the check of the log."""
    for logged in log:
        try:
            event = logged.event()
            if event["event"]["action"] in DECISIONS and event["event"]["sequence"] >= since:
                yield event
        except (ValueError, KeyError, TypeError):
            continue
