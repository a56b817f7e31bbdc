"""The one place where parts are built and put together."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import importlib.resources
import math
import os
import socket
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

from winnowd import __version__, event
from winnowd.audit.behind import LedgerBehindError, must_know, must_know_the_log
from winnowd.catalogue import Catalogue
from winnowd.cleaning import Phrases
from winnowd.gates.measures.marks import Marks
from winnowd.gates.originality import Originality
from winnowd.gates.panel import Panel
from winnowd.layout import INBOX, LEDGER, LOCK, WORK
from winnowd.model import Limit, Portion
from winnowd.originality import Lexicon, new_recipe
from winnowd.pipeline.chain import Chain, End
from winnowd.pipeline.deciding import BatchDecider
from winnowd.pipeline.events import ServiceEvents
from winnowd.pipeline.judge import Judge
from winnowd.pipeline.observer import Observer
from winnowd.pipeline.registrar import Registrar
from winnowd.pipeline.route import Route
from winnowd.pipeline.scribe import Scribe
from winnowd.prepare import Desk
from winnowd.storage.audit import AuditLog
from winnowd.storage.clock import SystemClock
from winnowd.storage.disk import Disk, unannounced
from winnowd.storage.files import KeptFiles
from winnowd.storage.floor import Floor
from winnowd.storage.hands import FolderHands
from winnowd.storage.inbox.inbox import Inbox
from winnowd.storage.inbox.names import Names
from winnowd.storage.index import Index
from winnowd.storage.ledger import Ledger, LedgerDamagedError, LedgerFault
from winnowd.storage.lock import Held, ReplacedError
from winnowd.storage.orderbook import OrderBook
from winnowd.storage.places import Places, Seeds
from winnowd.storage.records import LedgerRecords
from winnowd.storage.texts import StoredTexts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from winnowd.model import Arrival
    from winnowd.originality import Recipe
    from winnowd.pipeline.ports import Preparation
    from winnowd.settings import Loaded, Settings


_ROWS: Final = 256  # read between two signs of life
T = TypeVar("T")
BLAMELESS: Final = (OSError, LedgerFault, LedgerDamagedError, LedgerBehindError, ReplacedError)
"""Exceptions for which no record is to blame: it is judged again when the machine is well."""
READ_BACK: Final = {"off": 0, "sample": 100, "all": 1}
"""One file of so many is read back."""


class ForeignRecipeError(Exception):
    """The ledger's fingerprints were made by another recipe: they cannot be compared with those of this winnowd."""


def packaged(*steps: str) -> bytes:
    """A data file of the package."""
    return importlib.resources.files("winnowd").joinpath(*steps).read_bytes()


@functools.cache
def catalogue() -> Catalogue:
    """Every rule code, with what it measures and what to do."""
    return Catalogue.parse(packaged("rules.toml").decode())


@functools.cache
def lexicon() -> Lexicon:
    """The table of words."""
    return Lexicon.parse(packaged("originality", "words_en.tsv.gz"))


@dataclasses.dataclass(frozen=True, slots=True)
class DeskPlan:
    """Picklable: makes the desk in whatever process calls it."""

    settings: Settings
    recipe: Recipe

    def __call__(self) -> Desk:
        """Make it."""
        return desk(self.settings, self.recipe)


def desk(settings: Settings, recipe: Recipe) -> Desk:
    """Everything that judging one article without the corpus needs."""
    marks = Marks.parse(packaged("gates", "measures", "marks.toml").decode())
    return Desk(
        reading=settings.reading,
        schema=settings.schema,
        phrases=Phrases.parse(packaged("cleaning", "phrases.toml").decode()),
        panel=Panel.of(settings.gates, marks, lexicon().known),
        recipe=recipe,
        lexicon=lexicon(),
        clock=time.monotonic_ns,
        most_words=_most_words(settings),
    )


def _most_words(settings: Settings) -> float:
    """Words beyond which a text is rejected as too long, whatever else it is."""
    words: Limit | None = getattr(settings.gates.get("length"), "too_many_words", None)
    return math.inf if words is None or words.fail is None else words.fail


def limits_in_force(settings: Settings) -> dict[str, dict[str, Any]]:
    """All limits by code, as events and why-files name them."""
    groups = [*settings.gates.values(), *([settings.originality] if settings.originality else [])]
    return event.in_force((limit for group in groups for limit in _limits(group)), catalogue())


def rules_in_force(settings: Settings) -> dict[str, dict[str, Any]]:
    """Every rule by code, as why-files and terminal lines want it: slug, help, unit, limits in force, setting."""
    limits = limits_in_force(settings)
    return {
        code: {
            "slug": rule.slug,
            "help": rule.help,
            "unit": rule.unit,
            "reached": rule.reached,
            **limits.get(code, {}),
        }
        for code, rule in catalogue().items()
    }


def _limits(group: Any) -> Iterator[Limit]:  # noqa: ANN401 - any gate's limits
    for field in dataclasses.fields(group):
        value = getattr(group, field.name)
        if isinstance(value, Limit):
            yield value


@dataclasses.dataclass(frozen=True, slots=True)
class Kept:
    """The parts that outlive a change of the settings: ledger and chain, what the inbox has seen, the index."""

    home: Path
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


@dataclasses.dataclass(slots=True)
class Instance:
    """One instance folder, opened for work by the holder of its lock."""

    kept: Kept
    home: Path
    loaded: Loaded
    disk: Disk
    ledger: Ledger
    inbox: Inbox
    hands: FolderHands
    records: LedgerRecords
    originality: Originality | None
    log: AuditLog
    index: Index
    seeds: Seeds
    orders: OrderBook
    registrar: Registrar
    route: Route
    clock: SystemClock
    limits: Mapping[str, Mapping[str, Any]]

    @property
    def pid(self) -> int:
        """The process that works on it."""
        return os.getpid()

    def must_be_ours(self) -> None:
        """Compare ledger and lock file with those that were opened.

        Raises:
            ReplacedError: one of them is gone, or another by now: whatever is written would be lost, or another's.
        """
        for held in self.kept.held:
            held.must_lie_there()

    def build_originality(self) -> None:
        """Fill the index of originality from the ledger, with a sign of life each so many rows."""
        if self.originality is not None:
            self.originality.build(_with_signs(self.ledger.articles.signatures(), self.route.observer.alive))

    def close(self) -> None:
        """Close the ledger."""
        self.ledger.close()


def _with_signs(rows: Iterable[T], alive: Callable[[], None]) -> Iterator[T]:
    """The rows, with a sign of life each so many."""
    for number, row in enumerate(rows):
        if number % _ROWS == 0:
            alive()
        yield row


def open_instance(
    home: Path,
    loaded: Loaded,
    preparation: Callable[[DeskPlan], Preparation],
    announce: Callable[[str], None] = unannounced,
) -> Instance:
    """Open an instance for work; ``preparation`` makes what prepares its arrivals.

    The caller holds the instance's lock. What the log tells is looked at before anything is changed.

    Raises:
        LedgerBehindError: the ledger does not know all of the log.
        LedgerDamagedError: the ledger cannot be trusted.
        ForeignRecipeError: it holds fingerprints of another recipe.
        LockHeldError: another process has the ledger open, though it does not hold the lock.
    """
    must_know_the_log(home)
    ledger = Ledger.open(home / LEDGER, announce)
    with contextlib.ExitStack() as held:
        held.callback(ledger.close)  # another try must find no writer left of this one
        instance = assembled(_kept(home, loaded, ledger, announce), loaded, preparation)
        held.pop_all()
    return instance


def _kept(home: Path, loaded: Loaded, ledger: Ledger, announce: Callable[[str], None]) -> Kept:
    settings = loaded.settings
    disk = Disk(home, sync=settings.storage.sync, announce=announce)
    clock = SystemClock()
    inbox = inbox_of(disk, settings)
    chain = Chain(run_context(loaded, clock), clock.uuid7, End(*ledger.outbox.end()))
    texts = StoredTexts(disk, ledger.articles)
    originality = None
    if settings.originality is not None:
        originality = Originality(settings.originality, lexicon(), ledger.articles, texts)
    held = Held.of(home / LEDGER), Held.of(home / LOCK)
    return Kept(home, disk, ledger, clock, chain, _recipe(ledger, clock), inbox, originality, held)


def inbox_of(disk: Disk, settings: Settings) -> Inbox:
    """The inbox of an instance, of which nothing was seen yet."""
    return Inbox(
        disk,
        disk.path(INBOX),
        disk.path(WORK),
        settle=settings.inbox.settle,
        temporary=settings.inbox.temporary,
        closed_settles=settings.inbox.closed_settles,
        names=Names(settings.inbox.ignore, settings.inbox.done),
        candidates=settings.inbox.candidates,
    )


def assembled(kept: Kept, loaded: Loaded, preparation: Callable[[DeskPlan], Preparation]) -> Instance:
    """The other parts, made for these settings around those that are kept."""
    settings, disk, ledger = loaded.settings, kept.disk, kept.ledger
    clock, chain, originality = kept.clock, kept.chain, kept.originality
    texts = StoredTexts(disk, ledger.articles)
    hands = FolderHands(disk, kept.inbox, read_back=READ_BACK[settings.storage.read_back])
    records = LedgerRecords(ledger, kept.recipe.id, clock)
    log = AuditLog(disk, must_know)
    seeds = Seeds(ledger.pages.placed)
    judge = Judge(originality, ledger.decisions, seeds, clock, settings.profile, Places())
    registrar = Registrar(KeptFiles(disk, ledger, texts), originality, chain, clock, seeds)
    scribe = Scribe(chain, rules_in_force(settings), originality.text if originality else texts.of, Places())
    route = Route(
        records=records,
        hands=hands,
        log=log,
        preparation=preparation(DeskPlan(settings, kept.recipe)),
        judge=judge,
        decider=BatchDecider(judge, scribe, registrar, records, chain, clock, kept.observer, BLAMELESS),
        chain=chain,
        clock=clock,
        events=ServiceEvents(records, log, chain, clock),
        observer=kept.observer,
        room=Floor(kept.home, free_bytes=settings.disk.floor_bytes, free_inodes=settings.disk.floor_inodes).need,
        limit=settings.batch.limit,
        portion=Portion(settings.batch.records),
        deferred=kept.deferred,
    )
    return Instance(
        kept=kept,
        home=kept.home,
        loaded=loaded,
        disk=disk,
        ledger=ledger,
        inbox=kept.inbox,
        hands=hands,
        records=records,
        originality=originality,
        log=log,
        index=index_of(disk, ledger, settings),
        seeds=seeds,
        orders=OrderBook(disk, settings.orders.group),
        registrar=registrar,
        route=route,
        clock=clock,
        limits=limits_in_force(settings),
    )


def index_of(disk: Disk, ledger: Ledger, settings: Settings) -> Index:
    """The corpus index of a ledger, which need not be open for writing to be compared."""
    return Index(
        disk,
        ledger,
        inline_max=settings.index.inline_max,
        slugs={code: rule.slug for code, rule in catalogue().items()},
        languages=getattr(settings.gates.get("language"), "accepted", ()),
    )


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
    """The recipe of the ledger's fingerprints, None in a new ledger.

    Raises:
        ForeignRecipeError: it is another than this version's.
    """
    kept = ledger.articles.recipe()
    if kept is not None and kept.table != lexicon().sha256:
        raise ForeignRecipeError(kept.id)
    return kept


def _recipe(ledger: Ledger, clock: SystemClock) -> Recipe:
    """The ledger's recipe; a new ledger gets this version's."""
    kept = kept_recipe(ledger)
    if kept is None:
        kept = new_recipe(lexicon().sha256)
        with ledger.transaction():
            ledger.articles.keep_recipe(kept, clock.now().isoformat())
    return kept
