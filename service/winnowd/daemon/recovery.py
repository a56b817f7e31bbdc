"""Finishing what a killed process, or a failed step, has recorded and not applied; adopting files nobody has claimed.

It is the normal code over again: every step after the commit may be repeated. How to go on with what was claimed says
``Route.resume``.
"""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

from winnowd.layout import TEMPORARY, WORK
from winnowd.pipeline.portions import held
from winnowd.storage.inbox.deposits import Deposit
from winnowd.storage.ledger import PUBLISHED

if TYPE_CHECKING:
    from winnowd.storage.audit import Mended
    from winnowd.wiring.instance import Instance


@dataclasses.dataclass(frozen=True, slots=True)
class Finished:
    """What was still to be applied: files written, originals moved, those that are nowhere, and the log's state."""

    files: int
    originals: int
    lost: tuple[str, ...]
    log: Mended

    @property
    def anything(self) -> bool:
        """Whether something had been left undone."""
        return bool(self.files or self.originals or self.lost or self.log.lines or self.log.foreign or self.log.torn)


def finish(instance: Instance) -> Finished:
    """Apply everything that is recorded, and acknowledge it."""
    ledger = instance.ledger
    effects = ledger.decisions.effects()
    files = instance.file_ops.write_missing(effects)
    log = _mended(instance)
    recorded = ledger.arrivals.recorded()
    lost = [arrival.id for arrival, location in recorded if not instance.route.acknowledge(arrival, location)]
    instance.file_ops.sync()
    if effects or recorded or log.lines:
        with ledger.transaction():
            ledger.decisions.placed([effect.path for effect in effects])
            ledger.arrivals.done([arrival.number for arrival, _ in recorded])
            ledger.set(PUBLISHED, str(ledger.outbox.end().sequence))
    return Finished(files, len(recorded), tuple(lost), log)


def _mended(instance: Instance) -> Mended:
    """Make the log what the ledger says; what nobody but a stranger can have done to it is noted before."""
    outbox, published = instance.ledger.outbox, int(instance.ledger.get(PUBLISHED) or 0)
    found = instance.log.preview(outbox, published)
    if found.foreign or found.lost:
        message = f"{found.foreign} bytes in it are not winnowd's, {found.lost} lines that it had are gone"
        error = {"type": "LogTailForeign", "message": message, "code": "SYS942"}
        carries = {"recovered": {"foreign_bytes": found.foreign, "lost_lines": found.lost}}
        instance.route.events.note("recovered", "the log was not as it was left", carries=carries, error=error)
    return instance.log.mend(outbox, instance.clock.now(), published)


def adopt_orphans(instance: Instance) -> int:
    """Hold files in ``state/work`` that belong to no open arrival: somebody put them there, or it is new (SYS907).

    What was only half copied into it still lies in the inbox.
    """
    work = instance.instance_dir / WORK
    adopted = 0
    for path in sorted(work.iterdir()):
        name = os.fsencode(path.name)
        if path.name.startswith(TEMPORARY):
            instance.disk.remove(path)
        elif not instance.ledger.arrivals.is_open(name.decode("utf-8", "replace")):
            _adopt(instance, name)
            adopted += 1
    return adopted


def _adopt(instance: Instance, name: bytes) -> None:
    found = os.lstat(os.fsencode(instance.instance_dir / WORK) + b"/" + name)
    number, clock = instance.ledger.arrivals.next_number(), instance.clock
    arrival = Deposit.of(name, found).claimed(number, clock.salt(), clock.now())
    because = "it lay in state/work, and the ledger does not know it"
    instance.route.commit_all([(arrival, held("SYS907", because))], claims=[arrival])
