"""Making the ledger anew from the log.

It is written by the code that wrote the old one: each event is told again, in its order, as the decision or the order
that it was. The new one lies beside the old one until it is whole, and takes its place by a rename.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import os
from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.audit.behind import LedgerBehindError, must_know_the_log
from winnowd.audit.chain_check import check
from winnowd.audit.reader import Log
from winnowd.daemon.recovery import finish
from winnowd.daemon.serve import as_owner
from winnowd.daemon.servicelog import service_log
from winnowd.daemon.supervisor import WorkerSupervisor
from winnowd.daemon.work import Work
from winnowd.layout import LEDGER, LOCK, WORK
from winnowd.operations.remade import Remade
from winnowd.operations.replay_log import Replayer
from winnowd.operations.reprepare import ForwardScan, Repreparer
from winnowd.originality import new_recipe
from winnowd.pipeline.from_events import is_decision, is_order
from winnowd.storage.clock import SystemClock
from winnowd.storage.disk import Disk
from winnowd.storage.exchange import NEW, OLD, clear_new, put_in_place, set_aside_as
from winnowd.storage.ledger import Ledger, LedgerDamagedError, LedgerFault, LedgerNewerError
from winnowd.storage.lock import Lock
from winnowd.wiring.instance import open_instance
from winnowd.wiring.kept import ForeignRecipeError, inbox_of
from winnowd.wiring.rules import lexicon

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from winnowd.audit.chain_check import Fault
    from winnowd.model import Arrival
    from winnowd.operations.reprepare import Counts
    from winnowd.settings import Loaded

BATCH: Final = 256


class LogDamagedError(Exception):
    """The log is not what was written: what it tells cannot be made a ledger of. ``faults`` are what is wrong."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"the log has {len(faults)} faults")
        self.faults = faults


class UnfinishedError(Exception):
    """The old ledger has recorded what is not carried out yet, and only the winnowd that made it can do that."""


@dataclasses.dataclass(frozen=True, slots=True)
class Rebuilt:
    """What a new ledger was made of; ``kept_as``: where the old one lies, "" if there was none."""

    events: int
    decisions: int
    texts: Counts
    kept_as: str = ""
    remade: Remade = dataclasses.field(default_factory=Remade)


def rebuild_ledger(instance_dir: Path, loaded: Loaded, step: Callable[[], None] = lambda: None) -> Rebuilt:
    """Make the ledger anew from audit log, originals and seeds; the old one stays beside it. ``step``: of an event.

    The next arrivals get the same decisions as with the old one. What the old one had recorded and not carried out yet
    is carried out first, if it can be opened at all; but one that knows less than the log carries out nothing, and is
    set aside under a name that no later rebuild takes. What is only claimed goes back to the inbox.

    Raises:
        LockHeldError: another process works on the instance.
        LogDamagedError: the log is not what was written.
        UnfinishedError: start the winnowd that made the old ledger once more.
    """
    as_owner(instance_dir)
    lock = Lock(instance_dir / LOCK)
    lock.acquire()
    try:
        old = _finish_old(instance_dir, loaded)
        checked = check(instance_dir)
        damage = [fault for fault in checked.faults if fault.kind != "torn"]
        if damage:
            raise LogDamagedError(damage)
        clear_new(instance_dir)
        rebuilt = _write_new(instance_dir, loaded, checked.lines, step)
        _give_back(instance_dir, loaded, old.claimed)
        put_in_place(instance_dir, old.kept_as)
        _tell(instance_dir, loaded, rebuilt)
    finally:
        lock.release()
    return dataclasses.replace(rebuilt, kept_as=old.kept_as if (instance_dir / old.kept_as).exists() else "")


class _Old(NamedTuple):
    """The name under which an old ledger is kept, and what it has only claimed."""

    kept_as: str
    claimed: Sequence[Arrival] = ()


def _finish_old(instance_dir: Path, loaded: Loaded) -> _Old:
    """Carry out what the old ledger has recorded, unless it knows less than the log: then nothing is touched."""
    supervisor = WorkerSupervisor(instance_dir, 0)
    try:
        must_know_the_log(instance_dir)
        instance = open_instance(instance_dir, loaded, supervisor) if (instance_dir / LEDGER).exists() else None
    except LedgerBehindError:
        return _Old(set_aside_as(SystemClock().now()), _claimed(instance_dir))
    except (LedgerNewerError, ForeignRecipeError):
        _must_be_finished(instance_dir)
        return _Old(OLD, _claimed(instance_dir))
    except LedgerDamagedError:
        return _Old(OLD)
    if instance is None:
        return _Old(OLD)
    try:
        finish(instance)
        return _Old(OLD, instance.ledger.arrivals.claimed())
    finally:
        instance.close()
        supervisor.close()


def _claimed(instance_dir: Path) -> Sequence[Arrival]:
    """What an old ledger has only claimed; nothing if its tables are of another version: a start adopts such files."""
    with (
        contextlib.suppress(LedgerDamagedError, LedgerFault, IndexError),
        Ledger.glance(instance_dir / LEDGER) as ledger,
    ):
        return () if ledger is None else ledger.arrivals.claimed()
    return ()


def _give_back(instance_dir: Path, loaded: Loaded, claimed: Sequence[Arrival]) -> None:
    """Put what was claimed back into the inbox, unless the new ledger knows that it is decided, or a part of it."""
    inbox = inbox_of(Disk(instance_dir), loaded.settings)
    with Ledger.glance(instance_dir / NEW) as ledger:
        for arrival in claimed:
            is_known = ledger is not None and ledger.history.has_arrival(arrival.id)
            if not is_known and os.path.lexists(instance_dir / WORK / arrival.id):
                inbox.give_back(arrival.id, arrival.path)


def _must_be_finished(instance_dir: Path) -> None:
    last = check(instance_dir).last_sequence
    with Ledger.glance(instance_dir / LEDGER) as ledger:
        if ledger is not None and (
            ledger.decisions.effects() or ledger.arrivals.recorded() or ledger.outbox.end().sequence > last
        ):
            raise UnfinishedError


def _write_new(instance_dir: Path, loaded: Loaded, lines: int, step: Callable[[], None]) -> Rebuilt:
    """The ledger of the log's first lines, so many; a line that a crash has left unfinished is none."""
    log = Log(instance_dir)
    forward_scan, decisions = ForwardScan(), 0
    for logged in itertools.islice(log, lines):
        event = logged.event()
        if is_decision(event) or is_order(event):
            forward_scan.add(event)
            decisions += is_decision(event)
    ledger = Ledger.open(instance_dir / NEW)
    recipe = new_recipe(lexicon().sha256)
    repreparer = Repreparer(instance_dir, loaded, recipe, forward_scan, decisions)
    try:
        with ledger.transaction():
            ledger.articles.keep_recipe(recipe, SystemClock().now().isoformat())
        replayer = Replayer(instance_dir, loaded, ledger, repreparer)
        events = ((logged, logged.event()) for logged in itertools.islice(log, lines))
        while batch := list(itertools.islice(events, BATCH)):
            prepared = repreparer.prepared([event for _, event in batch if is_decision(event)])
            with ledger.transaction():
                for logged, event in batch:
                    replayer.tell(logged, event, prepared)
                    step()
        with ledger.transaction():
            replayer.finish(log)
        ledger.checkpoint()
        return Rebuilt(replayer.last, decisions, repreparer.counts, remade=replayer.remade)
    finally:
        repreparer.close()
        ledger.close()


def _tell(instance_dir: Path, loaded: Loaded, rebuilt: Rebuilt) -> None:
    """Open the new ledger as a start would, write the index anew, tell what happened."""
    supervisor = WorkerSupervisor(instance_dir, 0)
    instance = open_instance(instance_dir, loaded, supervisor)
    try:
        finish(instance)
        instance.index.rewrite(instance.clock.now())
        counts = {"events": rebuilt.events, "decisions": rebuilt.decisions, **dataclasses.asdict(rebuilt.texts)}
        events, parts = instance.route.events, list(rebuilt.remade.parts())
        carries = {"recovered": counts, **({"remade": parts[0]} if parts else {})}
        events.tell("recovered", "the ledger was made anew from the log", carries=carries)
        for part in parts[1:]:
            events.tell("recovered", "what else the new ledger has otherwise", carries={"remade": part})
        Work(instance, service_log(least="warning")).log_index_digest()
        instance.route.acknowledge_applied()
        instance.index.flush(instance.clock.now())
    finally:
        instance.close()
        supervisor.close()
