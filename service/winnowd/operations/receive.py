"""What a sender without a mount needs: files over the network into the inbox, and what became of each, for them alone.

Nothing is decided here: what comes is put into the inbox as any other sender would do it, under a name of ours, and the
service takes it from there. Of the name that a sender gives only the ending is kept, if it is one that is read.
"""

from __future__ import annotations

import dataclasses
import math
import re
import secrets
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.audit.behind import asked_ledger
from winnowd.layout import INBOX
from winnowd.reading.kinds import extension, inner_name, is_read
from winnowd.storage.free_space import FreeSpace, TooLittleRoomError
from winnowd.storage.inbox.names import Names
from winnowd.storage.inbox.putting import Coming, put
from winnowd.storage.inbox.tree import found_at

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from winnowd.model.browsing import Listed
    from winnowd.operations.senders import Sender
    from winnowd.settings import Settings

MIB: Final = 1 << 20
_NAME: Final = re.compile(r"\d{8}T\d{6}Z-([0-9a-f]{8})-[0-9a-f]{16}(?:\.[a-z0-9]{1,10}){0,2}")
_MINUTE: Final = 60.0
_HOUR: Final = 3_600.0
_SLACK: Final = 1e-6
"""Seconds that are no wait: what has come back after just the time told may be short by a rounding."""
_MOST_KNOWN: Final = 1_000


class Bounds(NamedTuple):
    """How much is taken over the network: at once, and of one sender in a time."""

    request_bytes: int = 64 * MIB
    request_files: int = 100
    files_a_minute: int = 600
    bytes_an_hour: int = 2_048 * MIB


class Sent(NamedTuple):
    """A file that is sent: the name that its sender gives it, its size, and its bytes."""

    name: str
    size: int
    content: BinaryIO


@dataclasses.dataclass(frozen=True, slots=True)
class Receipt:
    """That a file has arrived: the name by which it lies in the inbox, which says what became of it; its size."""

    name: str
    feed: str
    size: int


@dataclasses.dataclass(frozen=True, slots=True)
class Received:
    """What became of a file: ``state`` is waiting, taken (it is being decided), or decided; its decisions, if any."""

    name: str
    feed: str
    state: str
    decisions: Sequence[Listed]

    def fields(self) -> dict[str, Any]:
        """The same for programs; fields are added, never renamed."""
        decisions = [
            {
                "id": one.id, "record": one.record, "outcome": one.outcome, "codes": list(one.codes),
                "decided_at": one.decided_at.isoformat(), "title": one.title or None, "sequence": one.sequence,
            }
            for one in self.decisions
        ]  # fmt: skip
        return {"name": self.name, "feed": self.feed, "state": self.state, "decisions": decisions}


class NothingSentError(Exception):
    """There is no file, or an empty one."""


class TooLargeError(Exception):
    """More is sent at once than is taken; the text says how much may be."""


class TooOftenError(Exception):
    """More is sent in a time than is taken: ``wait`` is in how many seconds it would be."""

    def __init__(self, wait: float) -> None:
        super().__init__(f"more is sent than is taken of one sender; try again in {math.ceil(wait)} s")
        self.wait = math.ceil(wait)


class NoRoomError(Exception):
    """The disk has too little room; the text says where."""


class NoSuchReceiptError(Exception):
    """Nothing of this name was sent by this sender, or it was taken away before it was decided."""


class Meter:
    """How much each sender may send now: ``bounds`` in a time, all of it at once after a while without any.

    ``now``: seconds that never go back.
    """

    def __init__(self, bounds: Bounds, now: Callable[[], float]) -> None:
        self.bounds, self._now = bounds, now
        self._left: OrderedDict[str, tuple[float, float, float]] = OrderedDict()

    def add(self, sender: str, files: int, size: int) -> None:
        """Count what somebody sends.

        Raises:
            TooOftenError: it is too much, and nothing was counted.
        """
        now, bounds = self._now(), self.bounds
        at, files_left, bytes_left = self._left.get(sender, (now, bounds.files_a_minute, bounds.bytes_an_hour))
        files_left = min(bounds.files_a_minute, files_left + (now - at) * bounds.files_a_minute / _MINUTE)
        bytes_left = min(bounds.bytes_an_hour, bytes_left + (now - at) * bounds.bytes_an_hour / _HOUR)
        wait = max(
            (files - files_left) * _MINUTE / bounds.files_a_minute, (size - bytes_left) * _HOUR / bounds.bytes_an_hour
        )
        if wait > _SLACK:
            raise TooOftenError(wait)
        self._left[sender] = (now, files_left - files, bytes_left - size)
        self._left.move_to_end(sender)
        while len(self._left) > _MOST_KNOWN:
            self._left.popitem(last=False)


def receive(
    instance_dir: Path, settings: Settings, sender: Sender, files: Sequence[Sent], *, meter: Meter, now: dt.datetime
) -> list[Receipt]:
    """Put these files into the inbox, all or none; they are on disk when this returns.

    Raises:
        NothingSentError, TooLargeError, TooOftenError, NoRoomError: they are not taken, and nothing was put there.
        OSError: the disk failed, or the feed's folder is none that may be written to.
    """
    if not files or not all(one.size for one in files):
        raise NothingSentError("nothing was sent" if not files else "an empty file was sent")
    size = sum(one.size for one in files)
    must_fit(meter.bounds, len(files), size)
    meter.add(sender.id, len(files), size)
    try:
        FreeSpace(instance_dir, free_bytes=settings.disk.floor_bytes, free_inodes=settings.disk.floor_inodes).need(size)
    except TooLittleRoomError as fault:
        raise NoRoomError(str(fault.strerror)) from fault
    names = Names(settings.inbox.ignore, settings.inbox.done)
    coming = []
    for one in files:
        name = f"{now:%Y%m%dT%H%M%SZ}-{sender.id}-{secrets.token_hex(8)}{ending(one.name)}"
        coming.append(Coming(name, names.marker(name), one.content))
    sizes = put(instance_dir / INBOX, sender.feed, coming)
    return [Receipt(one.name, sender.feed, size) for one, size in zip(coming, sizes, strict=True)]


def must_fit(bounds: Bounds, files: int, size: int) -> None:
    """See that so much may be sent at once.

    Raises:
        TooLargeError: it may not.
    """
    most_files = min(bounds.request_files, bounds.files_a_minute)
    most_bytes = min(bounds.request_bytes, bounds.bytes_an_hour)
    if files > most_files:
        raise TooLargeError(f"{files:,} files are sent at once; {most_files:,} may be")
    if size > most_bytes:
        raise TooLargeError(f"{size:,} bytes are sent at once; {most_bytes:,} may be")


def ending(name: str) -> str:
    """What is kept of a sender's name: ``.jsonl``, ``.jsonl.gz``; "" if no file of such an ending is read."""
    outer = extension(name)
    if not is_read(outer):
        return ""
    inner = extension(name[: -len(outer) - 1]) if inner_name(name) != name else ""
    return f".{inner}.{outer}" if is_read(inner) else f".{outer}"


def received(instance_dir: Path, sender: Sender, name: str) -> Received:
    """What became of a file that this sender has sent.

    Raises:
        NoSuchReceiptError: they have sent none of this name.
        LedgerBehindError, LedgerDamagedError: the ledger cannot be believed.
    """
    named = _NAME.fullmatch(name)
    if named is None or named[1] != sender.id:
        raise NoSuchReceiptError(name)
    path = f"{sender.feed}/{name}"
    is_there = found_at(instance_dir / INBOX, path.encode()) is not None  # asked first: it may be taken meanwhile
    with asked_ledger(instance_dir) as ledger:
        states, decisions = (frozenset[str](), []) if ledger is None else ledger.browse.of_file(path)
    if not states and not is_there:
        raise NoSuchReceiptError(name)
    state = "waiting" if not states else "taken" if "claimed" in states else "decided"
    return Received(name, sender.feed, state, decisions)
