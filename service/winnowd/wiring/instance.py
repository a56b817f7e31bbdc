"""One instance folder opened for work: its ledger and what outlives a change of settings, and the parts around them."""

from __future__ import annotations

import contextlib
import dataclasses
import os
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypeVar

from winnowd.audit.behind import LedgerBehindError, must_know, must_know_the_log
from winnowd.catalogue import catalogue
from winnowd.layout import LEDGER
from winnowd.model import Portion
from winnowd.pipeline.deciding import BatchDecider
from winnowd.pipeline.decision_writer import DecisionWriter
from winnowd.pipeline.events import ServiceEvents
from winnowd.pipeline.judge import Judge
from winnowd.pipeline.order_planner import OrderPlanner
from winnowd.pipeline.rendering import InProcessRenderer, RecordRenderer, no_text
from winnowd.pipeline.route import Route
from winnowd.storage.audit import AuditLog
from winnowd.storage.disk import no_hook
from winnowd.storage.file_ops import FolderFileOps
from winnowd.storage.files import KeptFiles
from winnowd.storage.free_space import FreeSpace
from winnowd.storage.index import Index
from winnowd.storage.ledger import Ledger, LedgerDamagedError, LedgerFault
from winnowd.storage.lock import ReplacedError
from winnowd.storage.orderbook import OrderBook
from winnowd.storage.paths import Paths, Seeds
from winnowd.storage.records import LedgerRecords
from winnowd.storage.texts import StoredTexts
from winnowd.wiring.kept import kept_of
from winnowd.wiring.preparer import PreparerConfig
from winnowd.wiring.rules import lexicon, limits_in_force, rules_in_force

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from winnowd.gates.originality import Originality
    from winnowd.pipeline.ports import Preparation, Renderer
    from winnowd.settings import Loaded, Settings
    from winnowd.storage.clock import SystemClock
    from winnowd.storage.disk import Disk
    from winnowd.storage.inbox.inbox import Inbox
    from winnowd.wiring.kept import Kept

    Making: TypeAlias = Callable[[PreparerConfig, InProcessRenderer], tuple[Preparation, Renderer]]
    """Makes what prepares arrivals, and what renders decisions: processes, or what is given it."""

_ROWS: Final = 256  # read between two signs of life
T = TypeVar("T")
BLAMELESS: Final = (OSError, LedgerFault, LedgerDamagedError, LedgerBehindError, ReplacedError)
"""Exceptions for which no record is to blame: it is judged again when the machine is well."""
READ_BACK: Final = {"off": 0, "sample": 100, "all": 1}
"""One file of so many is read back."""


@dataclasses.dataclass(slots=True)
class Instance:
    """One instance folder, opened for work by the holder of its lock."""

    kept: Kept
    loaded: Loaded
    file_ops: FolderFileOps
    records: LedgerRecords
    log: AuditLog
    index: Index
    orders: OrderBook
    planner: OrderPlanner
    renderer: Renderer
    route: Route
    limits: Mapping[str, Mapping[str, Any]]

    @property
    def instance_dir(self) -> Path:
        """The folder."""
        return self.kept.instance_dir

    @property
    def disk(self) -> Disk:
        """What changes files in it."""
        return self.kept.disk

    @property
    def ledger(self) -> Ledger:
        """Its ledger, open for writing."""
        return self.kept.ledger

    @property
    def inbox(self) -> Inbox:
        """Its inbox, and what was seen there."""
        return self.kept.inbox

    @property
    def clock(self) -> SystemClock:
        """The time of day."""
        return self.kept.clock

    @property
    def originality(self) -> Originality | None:
        """The gate of originality, None if it is switched off."""
        return self.kept.originality

    @property
    def pid(self) -> int:
        """The process that works on it."""
        return os.getpid()

    def require_same_files(self) -> None:
        """Compare ledger and lock file with those that were opened.

        Raises:
            ReplacedError: one of them is gone, or another by now: whatever is written would be lost, or another's.
        """
        for held in self.kept.held:
            held.must_lie_there()

    def build_originality(self) -> None:
        """Fill the index of originality from the ledger, with a sign of life each so many rows."""
        if self.originality is not None:
            self.originality.build(_with_heartbeat(self.ledger.articles.signatures(), self.route.observer.alive))

    def close(self) -> None:
        """Close the ledger."""
        self.ledger.close()


def _with_heartbeat(rows: Iterable[T], alive: Callable[[], None]) -> Iterator[T]:
    """The rows, with a sign of life each so many."""
    for number, row in enumerate(rows):
        if number % _ROWS == 0:
            alive()
        yield row


def open_instance(
    instance_dir: Path,
    loaded: Loaded,
    making: Making,
    on_effect: Callable[[str], None] = no_hook,
) -> Instance:
    """Open an instance for work; ``making`` makes what prepares its arrivals, and what renders decisions.

    The caller holds the instance's lock. What the log tells is looked at before anything is changed.

    Raises:
        LedgerBehindError: the ledger does not know all of the log.
        LedgerDamagedError: the ledger cannot be trusted.
        ForeignRecipeError: it holds fingerprints of another recipe.
        LockHeldError: another process has the ledger open, though it does not hold the lock.
    """
    must_know_the_log(instance_dir)
    ledger = Ledger.open(instance_dir / LEDGER, on_effect)
    with contextlib.ExitStack() as held:
        held.callback(ledger.close)  # another try must find no writer left of this one
        instance = assemble(kept_of(instance_dir, loaded, ledger, on_effect), loaded, making)
        held.pop_all()
    return instance


def assemble(kept: Kept, loaded: Loaded, making: Making) -> Instance:
    """The other parts, made for these settings around those that are kept."""
    settings, disk, ledger = loaded.settings, kept.disk, kept.ledger
    seeds = Seeds(ledger.pages.placed)
    file_ops = FolderFileOps(disk, kept.inbox, read_back=READ_BACK[settings.storage.read_back])
    records, log = LedgerRecords(ledger, kept.recipe.id, kept.clock), AuditLog(disk, must_know)
    planner = _planner(kept, seeds)
    judge = Judge(kept.originality, ledger.decisions, seeds, kept.clock, settings.profile, Paths())
    rules, text_of = rules_in_force(settings), kept.originality.text if kept.originality else no_text
    here = InProcessRenderer(RecordRenderer(lexicon, rules), text_of)
    prepared, renderer = making(PreparerConfig(settings, kept.recipe), here)
    writer = DecisionWriter(kept.chain, renderer, rules, Paths())
    decider = BatchDecider(judge, writer, planner, records, prepared, kept.chain, kept.clock, kept.observer, BLAMELESS)
    route = Route(
        records=records,
        file_ops=file_ops,
        log=log,
        preparation=prepared,
        judge=judge,
        decider=decider,
        chain=kept.chain,
        clock=kept.clock,
        events=ServiceEvents(records, log, kept.chain, kept.clock, kept.observer),
        observer=kept.observer,
        require_free_space=free_space_of(kept.instance_dir, settings).need,
        limit=settings.batch.limit,
        portion=Portion(settings.batch.records),
        deferred=kept.deferred,
    )
    return Instance(
        kept,
        loaded,
        file_ops=file_ops,
        records=records,
        log=log,
        index=index_of(disk, ledger, settings),
        orders=OrderBook(disk, settings.orders.group),
        planner=planner,
        renderer=renderer,
        route=route,
        limits=limits_in_force(settings),
    )


def _planner(kept: Kept, seeds: Seeds) -> OrderPlanner:
    files = KeptFiles(kept.disk, kept.ledger, StoredTexts(kept.disk, kept.ledger.articles))
    return OrderPlanner(files, kept.originality, kept.chain, kept.clock, seeds)


def free_space_of(instance_dir: Path, settings: Settings) -> FreeSpace:
    """The space that must stay free, as the settings have it."""
    return FreeSpace(instance_dir, free_bytes=settings.disk.floor_bytes, free_inodes=settings.disk.floor_inodes)


def index_of(disk: Disk, ledger: Ledger, settings: Settings) -> Index:
    """The corpus index of a ledger, which need not be open for writing to be compared."""
    return Index(
        disk,
        ledger,
        inline_max=settings.index.inline_max,
        slugs={code: rule.slug for code, rule in catalogue().items()},
        languages=getattr(settings.gates.get("language"), "accepted", ()),
    )
