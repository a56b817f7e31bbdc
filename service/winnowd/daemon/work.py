"""The work itself: begin, take what lies at rest, keep the index fresh, end. The loop says when."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import sqlite3
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

from winnowd.daemon.faults import MACHINE_FAULTS
from winnowd.daemon.orders import carry_out_orders
from winnowd.daemon.recovery import adopt_orphans, finish
from winnowd.daemon.versions import catalogue_sha256, system, versions
from winnowd.model import Arrival, Outcome
from winnowd.storage.places import FOLDERS, arrival_id

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from structlog.typing import FilteringBoundLogger

    from winnowd.daemon.recovery import Finished
    from winnowd.model import Entry
    from winnowd.storage.inbox import Deposit
    from winnowd.wiring import Instance

_MANY: Final = (b".json", b".jsonl", b".ndjson", b".gz", b".zst", b".warc")
_SMALL: Final = 1 << 16
_ROWS: Final = 256  # read between two signs of life

T = TypeVar("T")


@dataclasses.dataclass
class Work:
    """Everything that is done with one instance, in one thread; ``decided`` is told of each entry once it is true."""

    instance: Instance
    log: FilteringBoundLogger
    decided: Callable[[Entry], None] = lambda entry: None  # noqa: ARG005 - tell nobody
    count: int = 0
    last_batch: str | None = None
    unflushed: int = 0
    flushed_at: float = 0.0
    stopping: bool = False
    _index_told: str = ""
    _told: bool = False
    _blame: bool = True

    def start(self, alive: Callable[[], None] = lambda: None) -> None:
        """Load the index, finish what an earlier run has left, tell that we are up.

        ``alive`` is called on the way, and from then on with each file that was prepared. After a fault of the
        machine it may be called again.
        """
        instance, route = self.instance, self.instance.route
        route.decided, route.alive, route.stopping = self._tell, alive, lambda: self.stopping
        route.machine_faults = (*MACHINE_FAULTS, sqlite3.DatabaseError)  # no record is to blame for a damaged ledger
        if instance.originality is not None:
            instance.originality.build(_with_signs(instance.ledger.articles.signatures(), alive))
        instance.disk.found(*(instance.disk.path(folder) for folder in FOLDERS))  # made just now, or by a killed run
        finished = finish(instance)
        with instance.ledger.transaction():
            instance.ledger.note_config(instance.loaded.sha256, instance.loaded.canonical(), instance.clock.now())
        if not self._told:
            line = route.note("startup", "winnowd started", carries=self._beginnings())
            self._told = True
            instance.log.publish([line], instance.clock.now())
        claimed = instance.ledger.arrivals.claimed()
        orphans = adopt_orphans(instance)
        blame, self._blame = self._blame, False  # a start that the machine fails is no try of any file
        route.resume(claimed, blame=blame)
        if finished.anything or claimed or orphans:
            self._tell_recovered(finished, len(claimed), orphans)
        self.flush()
        self.log.info("started", home=str(instance.home), corpus=instance.ledger.decisions.in_corpus())

    def _beginnings(self) -> dict[str, Any]:
        """All that decisions of this run depend on, apart from the corpus."""
        return {
            "versions": versions(),
            "platform": system(),
            "catalogue": {"sha256": catalogue_sha256()},
            "limits": dict(self.instance.limits),
            "settings": json.loads(self.instance.loaded.canonical()),
        }

    def _tell_recovered(self, finished: Finished, claimed: int, orphans: int) -> None:
        counts = {
            "arrivals": claimed,
            "orphans": orphans,
            "files": finished.files,
            "originals": finished.originals,
            "lines": finished.log.lines,
            "torn_bytes": finished.log.torn,
            "foreign_bytes": finished.log.foreign,
            "lost_lines": finished.log.lost,
        }
        bad = bool(finished.log.foreign or finished.log.lost or finished.lost)
        carries = {"recovered": counts}
        self.instance.route.tell("recovered", "went on after an unfinished run", carries=carries, failed=bad)
        self.log.warning("recovered", **counts)

    def warn(self, code: str, kind: str, because: str, message: str) -> None:
        """Tell of a fault that the service goes on with: in its own log, and if the disk lets us in the audit log."""
        self.log.warning(message, code=code, because=because)
        self.tell_failure(code, kind, because, message)

    def tell_failure(self, code: str, kind: str, because: str, message: str) -> bool:
        """Put a fault into the audit log; False if the ledger cannot take it now."""
        error = {"type": kind, "message": because, "code": code}
        try:
            line = self.instance.route.note("failure", message, error=error)
        except MACHINE_FAULTS:
            return False
        with contextlib.suppress(*MACHINE_FAULTS):  # it is true by now; going on mends the log
            self.instance.log.publish([line], self.instance.clock.now())
        return True

    def _tell(self, entry: Entry) -> None:
        judged = entry.judged
        outcome = judged.decision.outcome
        self.count += 1
        self.unflushed += outcome is Outcome.ADMITTED
        self.last_batch = judged.decided_at.isoformat(timespec="seconds").replace("+00:00", "Z")
        said: dict[str, Any] = {"file": judged.arrival.path, "id": judged.name}
        if judged.decision.codes:
            said["codes"] = " ".join(judged.decision.codes)
        if judged.nearest is not None and judged.nearest.twin:
            said["twin"] = judged.nearest.id
        self.log.info(outcome.value, **said)
        self.decided(entry)

    def take(self, deposits: Sequence[Deposit], between: Callable[[], None] = lambda: None) -> None:
        """Bring files at rest all the way, batch by batch; ``between`` is called after each."""
        for group in self._batches(deposits):
            if self.stopping:
                return
            self.instance.route.take_up(self._claims(group))
            if self.unflushed >= self.instance.loaded.settings.index.articles:
                self.flush()
            between()

    def _batches(self, deposits: Sequence[Deposit]) -> Iterator[list[Deposit]]:
        """Batches of bounded number and bytes; a file that may hold many records goes alone."""
        batch = self.instance.loaded.settings.batch
        group: list[Deposit] = []
        size = 0
        for deposit in deposits:
            alone = may_hold_many(deposit)
            if group and (alone or len(group) >= batch.limit or size + deposit.size > batch.bytes):
                yield group
                group, size = [], 0
            group.append(deposit)
            size += deposit.size
            if alone:
                yield group
                group, size = [], 0
        if group:
            yield group

    def _claims(self, deposits: Sequence[Deposit]) -> list[Arrival]:
        now, clock = self.instance.clock.now(), self.instance.clock
        numbers = itertools.count(self.instance.ledger.arrivals.next_number())
        return [
            Arrival(
                id=arrival_id(number, clock.salt()),
                number=number,
                feed=deposit.feed,
                path=deposit.path,
                dev=deposit.dev,
                ino=deposit.ino,
                size=deposit.size,
                mtime_ns=deposit.mtime_ns,
                seen_at=now,
                claimed_at=now,
                continues=self.instance.ledger.arrivals.continued(deposit.path, deposit.dev, deposit.ino),
            )
            for number, deposit in zip(numbers, deposits, strict=False)
        ]

    def obey(self) -> None:
        """Carry out people's orders that wait."""
        if carry_out_orders(self.instance, self.log):
            self.flush()

    def go_on(self) -> None:
        """After a fault of the machine: carry out what it has interrupted, go on with what was claimed."""
        finish(self.instance)
        self.instance.route.resume(self.instance.ledger.arrivals.claimed(), blame=False)
        self.flush()

    def retry(self) -> None:
        """Files that could not be read get another try."""
        self.instance.route.deferred = []
        self.instance.route.resume(self.instance.ledger.arrivals.claimed())

    def flush(self) -> None:
        """Write the pages that are behind, and INDEX.md."""
        self.instance.index.flush(self.instance.clock.now())
        self.unflushed = 0
        self.flushed_at = time.monotonic()

    def witness(self) -> None:
        """Put into the log what INDEX.md vouches for, unless it says so already: the two witness each other."""
        index = self.instance.index.written
        if index is not None and index.index_sha256 != self._index_told:
            covers = {"sha256": index.index_sha256, "sequence": index.audit_sequence, "articles": index.articles}
            self.instance.route.tell("index-written", f"INDEX.md lists {index.articles}", carries={"index": covers})
            self._index_told = index.index_sha256

    def close(self, because: str) -> None:
        """Bring everything to disk, and tell that we end."""
        instance = self.instance
        instance.route.rest()
        self.flush()
        self.witness()
        counts = instance.ledger.decisions.totals()
        instance.route.tell("shutdown", f"winnowd ends: {because}", carries={"because": because, "counts": counts})
        instance.route.rest()
        instance.ledger.checkpoint()
        self.log.info("stopped", because=because, decided=self.count)

    def once(self) -> int:
        """Begin, take all that lies in the inbox and comes to rest, end; gives how many records were decided."""
        self.start()
        self.obey()
        before = self.count
        while not self.stopping:
            deposits = self.instance.inbox.sweep(time.monotonic())
            self.take(deposits)
            left = self.instance.inbox.waiting
            wait = left.next_in if left.unsettled else None  # what may not be taken is not waited for
            if not deposits and wait is None:
                if not self.instance.route.deferred:
                    break
                self.retry()
            elif not deposits and wait is not None:
                time.sleep(min(wait, self.instance.loaded.settings.inbox.settle))
        self.close("all that lay in the inbox is decided")
        return self.count - before


def _with_signs(rows: Iterable[T], alive: Callable[[], None]) -> Iterator[T]:
    """The rows, with a sign of life each so many."""
    for number, row in enumerate(rows):
        if number % _ROWS == 0:
            alive()
        yield row


def may_hold_many(deposit: Deposit) -> bool:
    """Whether a file is large enough, and of a kind, that its records would not fit one batch."""
    return deposit.size > _SMALL and deposit.path.lower().endswith(_MANY)
