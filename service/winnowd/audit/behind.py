"""Whether the ledger knows all that the audit log tells, seen before anything is changed, from the log's end alone.

There is one direction of trust: the ledger follows from the log. One that is gone, or an older copy that was put back,
would have true lines cut from the log, and copies of what it forgot admitted. One that is ahead of the log is well: a
crash came between its commit and the log's line, and ``AuditLog.mend`` writes that.
"""

from __future__ import annotations

import contextlib
import hashlib
import zlib
from typing import TYPE_CHECKING, NamedTuple

from winnowd.audit.links import FIRST, Link, head_of, link_of
from winnowd.audit.reader import Log, day_of
from winnowd.layout import HEAD, LEDGER
from winnowd.storage.ledger import Ledger, LedgerDamagedError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from winnowd.audit.links import Head
    from winnowd.storage.ledger.outbox import End, Outbox


class LedgerBehindError(Exception):
    """The log tells of events that the ledger does not know; the text says of which, and where (SYS946)."""


class _Unknown(NamedTuple):
    sequence: int
    because: str


def must_know_the_log(instance_dir: Path) -> None:
    """See that the ledger of an instance, not opened yet, knows all of its log; nothing is changed, nor made.

    Raises:
        LedgerBehindError: it does not, or there is none though there is a log.
        LedgerDamagedError, PermissionError, LedgerUnavailableError: it cannot be read.
    """
    with Ledger.glance(instance_dir / LEDGER) as ledger:
        if ledger is not None:
            must_know(instance_dir, ledger.outbox)
        elif said := _said(instance_dir):
            what = "is empty" if (instance_dir / LEDGER).exists() else "is gone"
            raise LedgerBehindError(f"{LEDGER} {what}, while {said}")


def ledger_to_ask(instance_dir: Path) -> Ledger:
    """The ledger of an instance, open for reading, which knows all of its log; close it.

    Raises:
        FileNotFoundError: there is none, and no log either.
        LedgerBehindError: it does not know all of the log.
        LedgerDamagedError: it cannot be read.
    """
    with contextlib.suppress(LedgerDamagedError):  # told by what reads it
        must_know_the_log(instance_dir)
    return Ledger.read(instance_dir / LEDGER)


def must_know(instance_dir: Path, outbox: Outbox) -> None:
    """See the same of an open ledger; a service may go on meanwhile.

    Raises:
        LedgerBehindError: the log tells of events that it does not know.
    """
    found = _unknown(instance_dir, outbox)
    if found is not None and (not found.sequence or outbox.end().sequence < found.sequence):  # asked anew: still not
        raise LedgerBehindError(f"{LEDGER} {found.because}")


def _said(instance_dir: Path) -> str:
    """What there is of a log, "" if there is none."""
    head = head_of(instance_dir / HEAD)
    if head is not None:
        return f"{HEAD} names event {head.sequence:,}" if head.sequence else f"there is {HEAD}"
    return next(
        (f"{file} has lines" for file in reversed(Log(instance_dir).days()) if (instance_dir / file).stat().st_size), ""
    )


def _unknown(instance_dir: Path, outbox: Outbox) -> _Unknown | None:
    """The first thing that the log tells beyond the ledger; its number is 0 if both have an event of that number."""
    end, head = outbox.end(), head_of(instance_dir / HEAD)
    knows = f"knows the log up to event {end.sequence:,}, while"
    if head is not None and head.sequence > end.sequence:
        return _Unknown(head.sequence, f"{knows} {HEAD} names event {head.sequence:,}")
    if file := _going_on(Log(instance_dir), end):
        return _Unknown(end.sequence + 1, f"{knows} {file} goes on with event {end.sequence + 1:,}")
    if head is not None and _is_another(Log(instance_dir), head, outbox):
        return _Unknown(0, f"has another event {head.sequence:,} than the one in {head.file} that {HEAD} names")
    return None


def _going_on(log: Log, end: End) -> str:
    """The file in which a whole line goes on from where the ledger ends, "" if none does."""
    link = Link(end.sequence + 1, end.sha256 or FIRST)
    for file in log.days():
        if (day := day_of(file)) >= end.day and any(
            link_of(line) == link for line in _whole(log, file, end.size if day == end.day else 0)
        ):
            return file
    return ""


def _is_another(log: Log, head: Head, outbox: Outbox) -> bool:
    """Whether log and HEAD.json have one line, and the ledger another: it is that of another run of the instance."""
    recorded = outbox.sha256(head.sequence)
    if recorded in {None, head.sha256}:
        return False
    files = [file for file in log.days() if file.removesuffix(".gz") == head.file]
    return any(hashlib.sha256(line).hexdigest() == head.sha256 for file in files for line in _whole(log, file, 0))


def _whole(log: Log, file: str, offset: int) -> Iterator[bytes]:
    """The whole lines of a file from an offset on, as far as it can be read; a day is being sealed, perhaps."""
    with contextlib.suppress(FileNotFoundError, EOFError, zlib.error):
        yield from log.whole(file, offset)


@contextlib.contextmanager
def asked_ledger(instance_dir: Path) -> Iterator[Ledger | None]:
    """The ledger, open for reading; None before there is one.

    Raises:
        LedgerBehindError, LedgerDamagedError: it cannot be believed.
    """
    try:
        ledger = ledger_to_ask(instance_dir)
    except FileNotFoundError:
        yield None
        return
    with contextlib.closing(ledger):
        yield ledger
