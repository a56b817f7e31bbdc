"""Taking an instance over: lock, parts, workers, signals; then one pass, or service until told to stop."""

from __future__ import annotations

import contextlib
import gc
import signal
import time
from typing import TYPE_CHECKING

from winnowd.daemon.doorbell import Bell, Doorbell
from winnowd.daemon.health import Health
from winnowd.daemon.loop import Loop
from winnowd.daemon.notify import Notify
from winnowd.daemon.preparer import DeskPreparer
from winnowd.daemon.schedule import Schedule
from winnowd.daemon.servicelog import service_log
from winnowd.daemon.work import Work
from winnowd.daemon.workers import InLoop, Preparation, Workers
from winnowd.storage.disk import unannounced
from winnowd.storage.floor import Floor
from winnowd.storage.lock import Lock
from winnowd.storage.places import FOLDERS, INBOX, LOCK, ORDERS, WORK
from winnowd.wiring import open_instance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from structlog.typing import FilteringBoundLogger

    from winnowd.model import Entry
    from winnowd.settings import Loaded
    from winnowd.wiring import DeskPlan, Instance


def nobody(entry: Entry) -> None:
    """Tell nobody of a decision."""


@contextlib.contextmanager
def owned(
    home: Path, loaded: Loaded, announce: Callable[[str], None] = unannounced, processes: int | None = None
) -> Iterator[Instance]:
    """Hold an instance: lock, ledger, workers; all given back at the end.

    Missing folders are made. ``processes``: workers, instead of what the settings say (0: none).

    Raises:
        LockHeldError: another process works on it.
        LedgerDamagedError, ForeignRecipeError: it must be mended first.
    """
    for folder in FOLDERS:
        (home / folder).mkdir(parents=True, exist_ok=True)
    lock = Lock(home / LOCK)
    lock.take()
    settings = loaded.settings.workers
    count = settings.processes if processes is None else processes
    made: list[Workers | InLoop] = []

    def preparation(plan: DeskPlan) -> Preparation:
        build = DeskPreparer(plan)
        if count:
            made.append(Workers(build, count=count, seconds=settings.seconds, memory=settings.memory))
        else:
            made.append(InLoop(build))
        return Preparation(made[-1], home / WORK)

    try:
        instance = open_instance(home, loaded, preparation, announce)
        try:
            yield instance
        finally:
            instance.close()
    finally:
        for workers in made:
            workers.close()
        lock.free()


def take_once(
    home: Path,
    loaded: Loaded,
    *,
    log: FilteringBoundLogger | None = None,
    decided: Callable[[Entry], None] = nobody,
    announce: Callable[[str], None] = unannounced,
    processes: int | None = None,
) -> int:
    """Decide all that lies in the inbox and comes to rest; gives how many records that were."""
    with owned(home, loaded, announce, processes) as instance:
        work = Work(instance, log or service_log(), decided)
        with _signals(lambda: setattr(work, "stopping", True)):
            return work.once()


def obey_once(
    home: Path,
    loaded: Loaded,
    *,
    log: FilteringBoundLogger | None = None,
    announce: Callable[[str], None] = unannounced,
) -> None:
    """Carry out the orders that wait, for an instance that nobody serves; the inbox is left alone."""
    with owned(home, loaded, announce, processes=0) as instance:
        work = Work(instance, log or service_log(least="warning"))
        work.start()
        work.obey()
        work.close("the orders that waited are carried out")


def serve(
    home: Path,
    loaded: Loaded,
    *,
    log: FilteringBoundLogger | None = None,
    decided: Callable[[Entry], None] = nobody,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGTERM or SIGINT, and end after the batch in hand."""
    log = log or service_log()
    with owned(home, loaded) as instance:
        disk = loaded.settings.disk
        bell = Bell()
        loop = Loop(
            work=Work(instance, log, decided),
            bell=bell,
            doorbell=Doorbell(_listened(home, loaded), bell),
            schedule=Schedule(bell),
            notify=Notify(),
            health=Health(instance),
            floor=Floor(home, free_bytes=disk.floor_bytes, free_inodes=disk.floor_inodes),
            monotonic=time.monotonic,
        )
        gc.freeze()  # what is loaded now stays: no collection need look at it again
        with _signals(loop.stop):
            loop.run(ready)


def _listened(home: Path, loaded: Loaded) -> tuple[Path, ...]:
    """The folders whose events ring; of a network folder the kernel tells nothing, so that it is only swept."""
    orders = home / ORDERS
    return (orders,) if loaded.settings.inbox.poll else (home / INBOX, orders)


@contextlib.contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """SIGTERM and SIGINT ask to stop; a second one does no more."""
    before = {one: signal.signal(one, lambda *_: stop()) for one in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
