"""Taking an instance over: lock, parts, workers, signals; then one pass, or service until told to stop."""

from __future__ import annotations

import contextlib
import ctypes
import faulthandler
import os
import pwd
import signal
import sys
import time
from typing import TYPE_CHECKING, Final

from winnowd.daemon.doorbell import Doorbell, Wakeup
from winnowd.daemon.faults import ENDING, MACHINE_FAULTS, code_of, may_pass
from winnowd.daemon.garbage import collect_seldom
from winnowd.daemon.loop import STARTING, Loop
from winnowd.daemon.notify import Notify
from winnowd.daemon.once import once
from winnowd.daemon.pause import FIRST, LONGEST
from winnowd.daemon.reload import Reload, free_space_for, listened
from winnowd.daemon.schedule import Schedule
from winnowd.daemon.servicelog import service_log
from winnowd.daemon.signs import Signs
from winnowd.daemon.supervisor import WorkerSupervisor
from winnowd.daemon.work import Work
from winnowd.layout import FOLDER_MODES, FOLDERS, LEDGER, LOCK
from winnowd.storage.disk import no_hook
from winnowd.storage.ledger import LedgerDamagedError, LedgerFault
from winnowd.storage.ledger.faults import is_damage
from winnowd.storage.lock import Lock
from winnowd.wiring.instance import open_instance

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from structlog.typing import FilteringBoundLogger

    from winnowd.daemon.servicelog import Lines
    from winnowd.model import DecisionRecord
    from winnowd.settings import Loaded
    from winnowd.storage.inbox.waiting import LeftInInbox
    from winnowd.wiring.instance import Instance

_M_TRIM_THRESHOLD: Final = -1
_M_MMAP_THRESHOLD: Final = -3
_LARGE: Final = 1 << 20  # bytes


def nobody(entry: DecisionRecord) -> None:
    """Tell nobody of a decision."""


def nothing_left(waiting: LeftInInbox) -> None:
    """Tell nobody of what was left."""


@contextlib.contextmanager
def owned(
    instance_dir: Path,
    loaded: Loaded,
    on_effect: Callable[[str], None] = no_hook,
    processes: int | None = None,
    supervisor: WorkerSupervisor | None = None,
) -> Iterator[Instance]:
    """Hold an instance: lock, ledger, workers; all given back at the end.

    Missing folders are made; root does all of it as the owner of the folder. ``processes``: workers, instead of what
    the settings say (0: none); ``supervisor`` makes them.

    Raises:
        LockHeldError: another process works on it.
        LedgerBehindError, LedgerDamagedError, ForeignRecipeError: it must be mended first; nothing is changed.
    """
    instance_dir.mkdir(parents=True, exist_ok=True)
    as_owner(instance_dir)
    for folder in FOLDERS:
        (instance_dir / folder).mkdir(FOLDER_MODES.get(folder, 0o777), exist_ok=True)
    lock = Lock(instance_dir / LOCK)
    lock.acquire()
    supervisor = supervisor or WorkerSupervisor(instance_dir, processes)
    try:
        with _damage_named():
            instance = open_instance(instance_dir, loaded, supervisor, on_effect)
            try:
                yield instance
            finally:
                instance.close()
    finally:
        supervisor.close()
        lock.release()


@contextlib.contextmanager
def _damage_named() -> Iterator[None]:
    """A ledger that turns out to be damaged while it is used ends the work as one that is found so at the start."""
    try:
        yield
    except LedgerFault as fault:
        if is_damage(fault):
            raise LedgerDamagedError(f"{LEDGER}: {fault}") from fault
        raise


def as_owner(instance_dir: Path) -> None:
    """Let root go on as the owner of the instance: files of root's would lock the service out of its own folder."""
    found = instance_dir.stat()
    if os.geteuid() or not found.st_uid:
        return
    try:
        name = pwd.getpwuid(found.st_uid).pw_name
    except KeyError:
        os.setgroups([])
    else:
        os.initgroups(name, found.st_gid)
    os.setgid(found.st_gid)
    os.setuid(found.st_uid)


def decide_once(
    instance_dir: Path,
    loaded: Loaded,
    *,
    log: FilteringBoundLogger | None = None,
    decided: Callable[[DecisionRecord], None] = nobody,
    on_effect: Callable[[str], None] = no_hook,
    processes: int | None = None,
    left: Callable[[LeftInInbox], None] = nothing_left,
) -> int:
    """Decide all that lies in the inbox and comes to rest; gives how many records that were.

    ``left`` is told in the end what was left there, and why.
    """
    with owned(instance_dir, loaded, on_effect, processes) as instance:
        work = Work(instance, log or service_log(), decided)
        with _signals(lambda: setattr(work, "stopping", True)):
            count = once(work)
        left(instance.inbox.waiting)
    return count


@contextlib.contextmanager
def applying_orders(
    instance_dir: Path,
    loaded: Loaded,
    *,
    log: FilteringBoundLogger | None = None,
    on_effect: Callable[[str], None] = no_hook,
) -> Iterator[Callable[[], None]]:
    """Hold an instance that nobody serves; gives what carries out the orders that wait. The inbox is left alone."""
    with owned(instance_dir, loaded, on_effect, processes=0) as instance:
        work = Work(instance, log or service_log(least="error"))  # who gave an order is told of it
        work.start()
        yield work.apply_waiting_orders
        work.shut_down("the orders that waited are carried out")


def apply_orders_once(
    instance_dir: Path,
    loaded: Loaded,
    *,
    log: FilteringBoundLogger | None = None,
    on_effect: Callable[[str], None] = no_hook,
) -> None:
    """Carry out the orders that wait, for an instance that nobody serves; the inbox is left alone."""
    with applying_orders(instance_dir, loaded, log=log, on_effect=on_effect) as apply:
        apply()


def serve(
    instance_dir: Path,
    loaded: Loaded,
    *,
    load: Callable[[], Loaded] | None = None,
    lines: Lines | None = None,
    ready: Callable[[], None] = lambda: None,
) -> None:
    """Serve until SIGTERM or SIGINT, and end after the batch in hand.

    The service's log goes to ``lines``, else to stderr. SIGHUP has the configuration read anew by ``load``, and a log
    in a file opened anew; but where stderr is a terminal, a hang-up ends the service.
    """
    log = service_log(lines=lines)
    if not faulthandler.is_enabled():
        faulthandler.enable()  # the watchdog's SIGABRT shows where each thread was
    give_memory_back()
    supervisor, notify = WorkerSupervisor(instance_dir), Notify()
    with contextlib.ExitStack() as held:
        held.enter_context(ending_reported(log))
        instance = held.enter_context(opened(lambda: owned(instance_dir, loaded, supervisor=supervisor), log, notify))
        supervisor.warm()
        wakeup = Wakeup()
        work, doorbell = Work(instance, log), Doorbell(listened(instance), wakeup)
        loop = Loop(
            work=work,
            wakeup=wakeup,
            doorbell=doorbell,
            schedule=Schedule(wakeup),
            notify=notify,
            health=Signs(work, lambda: doorbell.overflows, supervisor.confined),
            free_space=free_space_for(instance),
            reload=Reload(load or (lambda: loaded), supervisor, lines.sink.reopen if lines else lambda: None),
            monotonic=time.monotonic,
        )
        supervisor.alive = loop.alive
        collect_seldom()
        hung_up = loop.stop if sys.stderr.isatty() else loop.request_reload
        with _signals(loop.stop), _on(signal.SIGHUP, hung_up):
            loop.run(ready)


@contextlib.contextmanager
def ending_reported(log: FilteringBoundLogger) -> Iterator[None]:
    """Tell the service's log of what ends the service for good."""
    try:
        yield
    except tuple(ENDING) as fault:
        log.critical("ended", code=ENDING[type(fault)], because=str(fault))
        raise


@contextlib.contextmanager
def opened(
    acquire: Callable[[], contextlib.AbstractContextManager[Instance]],
    log: FilteringBoundLogger,
    notify: Notify,
    pause: Callable[[float], object] = time.sleep,
) -> Iterator[Instance]:
    """Take an instance over; while the machine fails, as with a full disk, try it again after ever longer pauses."""
    seconds = FIRST
    with contextlib.ExitStack() as held:
        while True:
            try:
                instance = held.enter_context(acquire())
                break
            except MACHINE_FAULTS as fault:
                if not may_pass(fault):
                    raise
                because = f"{type(fault).__name__}: {fault}"
                log.warning("paused", code=code_of(fault), because=because, retry_in=seconds)
                notify.starting(STARTING)
                notify.send(STATUS=f"paused: {code_of(fault)} {because}")
            pause(seconds)
            seconds = min(LONGEST, 2 * seconds)
        yield instance


def give_memory_back() -> None:
    """Have the C library return large pieces of memory to the system when they are freed.

    With each one freed glibc raises the size from which it does, up to 32 MiB: then the arrays that a growing index
    leaves behind stay with the process, some 60 MB beside an index of 90. Not every C library can be told.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _LARGE)
        mallopt(_M_TRIM_THRESHOLD, 2 * _LARGE)


@contextlib.contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """SIGTERM and SIGINT ask to stop; a second one does no more."""
    with _on(signal.SIGTERM, stop), _on(signal.SIGINT, stop):
        yield


@contextlib.contextmanager
def _on(number: signal.Signals, do: Callable[[], None]) -> Iterator[None]:
    before = signal.signal(number, lambda *_: do())
    try:
        yield
    finally:
        signal.signal(number, before)
