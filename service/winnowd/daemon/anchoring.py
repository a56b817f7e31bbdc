"""Leaving the head of each sealed day in the folder of ``audit.anchor_dir``, where the log's owner should not rule.

A folder that cannot be written to holds nothing up: it is told, and tried again at the next seal or start. What is
missing before the newest head there is never filled in: somebody took it away, and ``winnowd verify`` says so.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from winnowd.audit.anchor_folder import AnchorFolder, must_lie_outside
from winnowd.audit.head_line import head
from winnowd.audit.reader import Log, Logged, day_of
from winnowd.layout import ANCHORED, log_file
from winnowd.storage.audit import line_of
from winnowd.storage.written_once import write_once

if TYPE_CHECKING:
    from structlog.typing import FilteringBoundLogger

    from winnowd.wiring.instance import Instance


def leave_heads(instance: Instance, log: FilteringBoundLogger) -> bool:
    """Leave those of the days that were sealed since the last one there; gives whether an event tells of a failure."""
    named = instance.loaded.settings.audit.anchor_dir
    if named is None:
        return False
    try:
        left = _left(instance, Path(named))
    except OSError as fault:
        message = f"{fault.filename or named}: {(fault.strerror or type(fault).__name__).lower()}"
        error = {"type": type(fault).__name__, "message": message, "code": "SYS955"}
        instance.route.events.tell("failure", "the head of a day was not left in audit.anchor_dir", error=error)
        log.critical("head not left", folder=named, because=message)
        return True
    for day in left:
        log.info("head left", day=day, folder=named)
    return False


def _left(instance: Instance, path: Path) -> list[str]:
    """Write those that are due; gives their days.

    Raises:
        OSError: the folder, or a file in it, cannot be read or written, or is not what it should be.
    """
    must_lie_outside(path, instance.instance_dir)
    folder = AnchorFolder.read(path)
    sealed = [day_of(file) for file in Log(instance.instance_dir).days() if file.endswith(".gz")]
    since = max(folder.days, default=max(sealed, default=""))
    left = []
    for day in (day for day in sealed if day >= since):
        content = _head_of(instance, day)
        if folder.texts.get(f"{day}{ANCHORED}") != content:
            write_once(path / f"{day}{ANCHORED}", content.encode("ascii"))
            left.append(day)
        instance.route.observer.alive()
    return left


def _head_of(instance: Instance, day: str) -> str:
    """The one line of a day's last event, as the ledger and the log have it."""
    outbox = instance.ledger.outbox
    sequence = outbox.last_of(day)
    line = None if sequence is None else line_of(instance.disk, outbox, sequence)
    found = None if line is None else head(Logged(log_file(day), 0, 0, line[:-1]), str(instance.instance_dir))
    if found is None:
        raise OSError(0, "is not in the log as the ledger knows it", f"the last event of {day}")
    return f"{found.line()}\n"
