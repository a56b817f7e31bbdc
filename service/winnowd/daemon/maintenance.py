"""The calendar's work, done by the loop between batches: seal of the day, nightly self-check, upkeep, retention."""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from typing import TYPE_CHECKING, Final

from winnowd.audit.chain_check import check
from winnowd.audit.reader import Log, day_of
from winnowd.audit.rollup import rolled_up
from winnowd.daemon.anchoring import leave_heads
from winnowd.daemon.recovery import finish
from winnowd.daemon.schedule import RETENTION, SEAL, SELF_CHECK, UPKEEP
from winnowd.layout import rollup_file
from winnowd.model import Effect
from winnowd.storage.originals import archived_before
from winnowd.storage.rollups import keep
from winnowd.storage.sealing import DayDamagedError, finished_days, pack, seal
from winnowd.storage.verified import last_verification, leave

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from structlog.typing import FilteringBoundLogger

    from winnowd.wiring.instance import Instance

_ROLLED_UP: Final = 60  # days at once: 7 s for 100,000 decisions
_FILES: Final = 200  # told by one event: a line of the log has at most 64 KiB


def do_maintenance(instance: Instance, log: FilteringBoundLogger, maintenance: Iterable[str]) -> None:
    """Do what came due, in its order."""
    for task in maintenance:
        _MAINTENANCE[task](instance, log)


def _seal(instance: Instance, log: FilteringBoundLogger) -> None:
    """Pack the log of finished days; what cannot be packed stays as it is, and is told."""
    days = finished_days(instance.ledger, instance.clock.now().date().isoformat())
    for day in days:
        finish(instance)
        try:
            digest = pack(instance.disk, instance.ledger, day)
        except DayDamagedError:
            error = {"type": "DayDamaged", "message": f"the log of {day} is not what the ledger says", "code": "SYS942"}
            instance.route.events.tell("failure", f"the log of {day} was not sealed", error=error)
            log.critical("day not sealed", day=day)
            continue
        within = functools.partial(seal, instance.ledger, day, digest)
        instance.route.events.tell("day-sealed", f"sealed the log of {day}", carries={"sealed": digest}, within=within)
        log.info("day sealed", day=day, events=digest["events"], sha256=digest["sha256"])
    if days:
        finish(instance)
    if leave_heads(instance, log):
        finish(instance)
    _roll_up(instance)


def _roll_up(instance: Instance) -> None:
    """Keep what sealed days add up to, beside them; of those that an earlier version sealed some each time."""
    log = Log(instance.instance_dir)
    packed = [file for file in log.days() if file.endswith(".gz")]
    for file in [file for file in packed if not log.path(rollup_file(file)).exists()][-_ROLLED_UP:]:
        made = rolled_up(log, file)
        if made is not None:
            keep(log.path(rollup_file(file)), made.packed())
        instance.route.observer.alive()


def _self_check(instance: Instance, log: FilteringBoundLogger) -> None:
    """SQLite's own check of the ledger, and the index against it."""
    faults = instance.ledger.faults()
    drift = instance.index.drift()
    if faults:
        error = {"type": "LedgerDamaged", "message": "; ".join(faults), "code": "SYS944"}
        instance.route.events.tell("failure", "the ledger's own check found damage", error=error)
    if drift:
        error = {"type": "IndexDrift", "message": f"{len(drift)} files of the index were not as the ledger says"}
        instance.route.events.tell("failure", "the index was written anew", error={**error, "code": "SYS943"})
        instance.index.rewrite(instance.clock.now())
    damage = _verify(instance)
    log.info("self-check", ledger_faults=len(faults), index_drift=len(drift), log_faults=damage)


def _verify(instance: Instance) -> int:
    """Read the log from the day on that it was last found whole on; gives how much is not as it was written.

    A whole reading, with all that is kept, is ``winnowd verify``; this makes sure that each line is read once. Nothing
    is mended before: that would hide what was changed.
    """
    before = last_verification(instance.instance_dir)
    whole_on = "" if before is None or before.whole_at is None else before.whole_at.date().isoformat()
    last_day = max((day_of(file) for file in Log(instance.instance_dir).days()), default="")
    checked = check(instance.instance_dir, since=min(whole_on, last_day))
    faults = [fault for fault in checked.faults if fault.kind != "torn"]
    if faults:
        message = f"{len(faults)} places of the audit log are not as they were written"
        error = {"type": "LogDamaged", "message": message, "code": "SYS942"}
        instance.route.events.tell("failure", "the check of the audit log found damage", error=error)
    leave(instance.instance_dir, at=instance.clock.now(), events=checked.lines, damage=len(faults))
    return len(faults)


def _retention(instance: Instance, log: FilteringBoundLogger) -> None:
    """Delete originals from the archive that are older than ``archive.keep_days``; never without that setting.

    The audit log tells of each by its hash. That event and the deletions are recorded in one; carried out after it.
    """
    keep = instance.loaded.settings.archive.keep_days
    if keep is None:
        return
    before = (instance.clock.now().date() - dt.timedelta(days=keep)).isoformat()
    removed = 0
    old = archived_before(instance.instance_dir, before)
    while files := list(itertools.islice(old, _FILES)):
        listed = [{"path": path, "sha256": sha256, "bytes": size} for path, sha256, size in files]
        effects = [Effect(path) for path, _, _ in files]
        within = functools.partial(instance.ledger.decisions.add_effects, effects)
        carries = {"retention": {"keep_days": keep, "before": before, "count": len(files), "files": listed}}
        instance.route.events.tell("retention", f"deleted {len(files)} originals", carries=carries, within=within)
        finish(instance)
        instance.route.observer.alive()
        removed += len(files)
    log.info("retention done", removed=removed, before=before)


def _upkeep(instance: Instance, log: FilteringBoundLogger) -> None:
    """Fold the write-ahead log into the ledger, so that it does not grow."""
    instance.ledger.checkpoint()
    log.info("upkeep done")


_MAINTENANCE: Final[Mapping[str, Callable[[Instance, FilteringBoundLogger], None]]] = {
    SEAL: _seal,
    SELF_CHECK: _self_check,
    UPKEEP: _upkeep,
    RETENTION: _retention,
}
