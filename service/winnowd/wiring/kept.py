"""What outlives a change of the settings: ledger and chain, what the inbox has seen, the index of originality."""

from __future__ import annotations

import dataclasses
import os
import socket
from typing import TYPE_CHECKING, Any

from winnowd import __version__, event
from winnowd.catalogue import catalogue
from winnowd.gates.originality import Originality
from winnowd.layout import INBOX, LEDGER, LOCK, WORK
from winnowd.originality import new_recipe
from winnowd.originality.library import Library
from winnowd.pipeline.chain import Chain, End
from winnowd.pipeline.observer import Observer
from winnowd.storage.clock import SystemClock
from winnowd.storage.disk import Disk
from winnowd.storage.inbox.inbox import Inbox
from winnowd.storage.inbox.names import Names
from winnowd.storage.lock import Held
from winnowd.storage.texts import StoredTexts
from winnowd.wiring.rules import lexicon

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from winnowd.model import Arrival
    from winnowd.originality import Recipe
    from winnowd.settings import Loaded, Settings
    from winnowd.storage.ledger import Ledger


class ForeignRecipeError(Exception):
    """The ledger's fingerprints were made by another recipe: they cannot be compared with those of this winnowd."""


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """The parts that outlive a change of the settings: ledger and chain, what the inbox has seen, the index."""

    instance_dir: Path
    disk: Disk
    ledger: Ledger
    clock: SystemClock
    chain: Chain
    recipe: Recipe
    inbox: Inbox
    originality: Originality | None
    held: tuple[Held, ...]
    observer: Observer = dataclasses.field(default_factory=Observer)
    deferred: list[Arrival] = dataclasses.field(default_factory=list)
    """Files that could not be read now, and get another try."""


def kept_of(instance_dir: Path, loaded: Loaded, ledger: Ledger, on_effect: Callable[[str], None]) -> Kept:
    """Make them around a ledger that is open.

    Raises:
        ForeignRecipeError: it holds fingerprints of another recipe.
    """
    settings, clock = loaded.settings, SystemClock()
    disk = Disk(instance_dir, sync=settings.storage.sync, on_effect=on_effect)
    return Kept(
        instance_dir=instance_dir,
        disk=disk,
        ledger=ledger,
        clock=clock,
        chain=Chain(run_context(loaded, clock), clock.uuid7, End(*ledger.outbox.end())),
        recipe=_recipe(ledger, clock),
        inbox=inbox_of(disk, settings),
        originality=originality_of(disk, ledger, settings),
        held=(Held.of(instance_dir / LEDGER), Held.of(instance_dir / LOCK)),
    )


def inbox_of(disk: Disk, settings: Settings) -> Inbox:
    """The inbox of an instance, of which nothing was seen yet."""
    return Inbox(disk, disk.path(INBOX), disk.path(WORK), **_of_the_inbox(settings))


def inbox_under(inbox: Inbox, settings: Settings) -> Inbox:
    """The same inbox, with all that it has seen, under other settings."""
    return dataclasses.replace(inbox, **_of_the_inbox(settings))


def _of_the_inbox(settings: Settings) -> dict[str, Any]:
    return {
        "settle": settings.inbox.settle,
        "temporary": settings.inbox.temporary,
        "closed_settles": settings.inbox.closed_settles,
        "names": Names(settings.inbox.ignore, settings.inbox.done),
        "max_per_sweep": settings.inbox.candidates,
    }


def originality_of(disk: Disk, ledger: Ledger, settings: Settings) -> Originality | None:
    """The gate of originality, with an index that is still empty; None if it is switched off."""
    if settings.originality is None:
        return None
    library = Library(ledger.articles, StoredTexts(disk, ledger.articles))
    return Originality(settings.originality, lexicon(), library)


def run_context(loaded: Loaded, clock: SystemClock) -> event.Context:
    """What the events of this run name."""
    return event.Context(
        run=clock.uuid7(),
        node=socket.gethostname(),
        pid=os.getpid(),
        version=__version__,
        config=loaded.sha256,
        ruleset=loaded.settings.profile,
        catalogue=catalogue(),
    )


def kept_recipe(ledger: Ledger) -> Recipe | None:
    """This version's recipe, if the ledger's fingerprints are made by it or by an earlier one; None in a new ledger.

    Raises:
        ForeignRecipeError: they are made by a later one, or with another table of words.
    """
    kept = ledger.articles.recipe()
    if kept is None:
        return None
    if kept.table != lexicon().sha256:
        raise ForeignRecipeError(kept.id)
    try:
        return kept.renewed()
    except ValueError as fault:
        raise ForeignRecipeError(kept.id) from fault


def _recipe(ledger: Ledger, clock: SystemClock) -> Recipe:
    """This version's recipe, which a new ledger gets; in an older one it stands once all is made anew (renewal)."""
    kept = kept_recipe(ledger)
    if kept is None:
        kept = new_recipe(lexicon().sha256)
        with ledger.transaction():
            ledger.articles.keep_recipe(kept, clock.now().isoformat())
    return kept
