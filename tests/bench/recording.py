"""What it costs to record a block that another process has decided: ``python -m tests.bench.recording [5000]``.

So many stories, a third of them copies, are decided as ever, in blocks of 1,000; each block is then packed as rows, its
files laid down, and recorded in another instance: decoded, its lines chained, all written in one transaction, the log
appended, the files moved. Processor time and seconds a record.
"""

from __future__ import annotations

import contextlib
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar
from unittest import mock

from tests.bench.texts import with_copies
from tests.e2e.instance import Instance
from tests.event.stand import context

from winnowd.layout import LEDGER, STATE
from winnowd.model import DecidedBatch
from winnowd.pipeline import deciding, route
from winnowd.pipeline.chain import Chain, End
from winnowd.storage.audit import AuditLog
from winnowd.storage.clock import SystemClock
from winnowd.storage.decided_rows import DecidedRows, laid_down
from winnowd.storage.disk import Disk
from winnowd.storage.effects import Effects
from winnowd.storage.ledger import Ledger
from winnowd.storage.records import LedgerRecords

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from winnowd.model import Arrival, DecisionRecord, Progress, StateChange

T = TypeVar("T")
BLOCK: Final = 1_000
STAGED: Final = f"{STATE}/backfill/bench"


def decided(folder: Path, count: int) -> tuple[list[Arrival], list[DecidedBatch]]:
    """The batches of so many stories."""
    arrivals: list[Arrival] = []
    batches: list[DecidedBatch] = []
    claim, record = LedgerRecords.claim, LedgerRecords.record

    def claimed(records: LedgerRecords, new: Sequence[Arrival]) -> None:
        arrivals.extend(new)
        claim(records, new)

    def recorded(
        records: LedgerRecords,
        entries: Sequence[DecisionRecord],
        progress: Sequence[Progress],
        changes: Sequence[StateChange],
    ) -> None:
        batches.append(DecidedBatch(entries, progress, changes))
        record(records, entries, progress, changes)

    texts = with_copies(count, 0.35).texts
    instance = Instance(folder, batch__limit=BLOCK, batch__records=BLOCK)
    instance.drop({"stories.jsonl": "".join(json.dumps({"text": text}) + "\n" for text in texts)})
    with contextlib.ExitStack() as patches:
        for of, name, other in (
            (LedgerRecords, "claim", claimed),
            (LedgerRecords, "record", recorded),
            (route, "SOON_NS", 10**15),
            (route, "TURN_NS", 10**15),
            (deciding, "JUDGING_NS", 10**15),
        ):
            patches.enter_context(mock.patch.object(of, name, other))
        instance.pass_over()
    return arrivals, batches


class Costs:
    """Of each step, over all blocks."""

    def __init__(self) -> None:
        self.spent: dict[str, list[float]] = {}

    def of(self, step: str, deed: Callable[[], T]) -> T:
        """Do it, and add what it took."""
        cpu, wall = time.process_time(), time.perf_counter()
        made = deed()
        spent = self.spent.setdefault(step, [0.0, 0.0])
        spent[0] += time.process_time() - cpu
        spent[1] += time.perf_counter() - wall
        return made


def main(count: int) -> None:
    """Print a line a step."""
    costs, files, size = Costs(), 0, 0
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        arrivals, batches = decided(Path(first), count)
        disk = Disk(Path(second))
        disk.make_folder(disk.path(STATE))
        ledger = Ledger.open(disk.path(LEDGER))
        records = LedgerRecords(ledger, "bench", SystemClock())
        log, effects = AuditLog(disk, lambda *_: None), Effects(disk)
        chain = Chain(context(), str, End(batches[0].lines[0].sequence - 1, "", "", 0))
        with records.transaction():
            records.claim(arrivals)

        def write(batch: DecidedRows) -> None:
            with records.transaction():
                records.record_rows(batch)

        for batch in batches:
            effects.write(laid_down(batch, STAGED))
            rows = costs.of("rows made, packed", lambda: DecidedRows.of(batch, "bench", STAGED))  # noqa: B023 - at once
            packed = rows.pack()
            size += len(packed)
            read = costs.of("unpacked", lambda: DecidedRows.unpack(packed))  # noqa: B023
            lines = costs.of("chained", lambda: chain.append_all(read.lines))  # noqa: B023
            read = read.with_lines(lines)
            costs.of("written, committed", lambda: write(read))  # noqa: B023
            costs.of("log", lambda: log.publish(lines, SystemClock().now()))  # noqa: B023
            files += len(read.effects)
            costs.of("files moved", lambda: effects.write(read.effects))  # noqa: B023
            costs.of("sync", disk.sync)
            records.applied(read)
        ledger.close()
    done = sum(len(batch.entries) for batch in batches)
    print(f"{done} records in {len(batches)} blocks, {files} files, {size / done:.0f} bytes of rows a record")
    for step, (cpu, wall) in costs.spent.items():
        of = files if step == "files moved" else done
        print(f"{step:20} {cpu / of * 1e6:7.1f} us of processor, {wall / of * 1e6:7.1f} us, each")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5_000)
