"""The inbox: which files lie there at rest, and taking them. Names are bytes; no link below the inbox is followed.

A file is *open* when an event told that it was written to, and none since that its writer has closed it: it waits,
however long. It is *at rest* when it was closed or renamed in (an event said so), or when device, inode, size and time
of change have stayed the same for ``settle`` seconds. Where no event has told, the kernel is asked just before a file
is taken whether somebody still writes it. Events are hints; each sweep looks at all that lies there.
"""

from __future__ import annotations

import contextlib
import errno
import math
import os
import secrets
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from winnowd.storage.copies import is_brought_back
from winnowd.storage.inbox.deposits import Deposit
from winnowd.storage.inbox.names import Names, Says
from winnowd.storage.inbox.tree import NOT_ENTERED, Walk, found_at, is_secret, lies, opened
from winnowd.storage.inbox.turns import Turns, feed_of
from winnowd.storage.inbox.waiting import Refused, Waiting
from winnowd.storage.inbox.writers import Heard, is_written

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from winnowd.storage.disk import Disk

LINK_PATIENCE: Final = 60.0  # s that a file with a second name is left to its sender to unlink one
_KEPT_OF_A_NAME: Final = 200  # bytes of it, from its end, that a name has room for beside what makes it a new one
_EDITORS: Final = 5.0  # s after which it is looked again whether an editor still has a file open
_AT_REST: Final = frozenset({Heard.CLOSED, Heard.MOVED})
_OF_A_MARKER: Final = (FileNotFoundError, NotADirectoryError, PermissionError)
_OF_A_FOLDER: Final = NOT_ENTERED | {errno.EROFS, errno.EBUSY, errno.ENOSPC, errno.EDQUOT}
"""Why a file may not be put into a folder of a sender, though the inbox itself may take it."""
_NUMBERED: Final = 10  # names that are tried before one is drawn that nobody can have laid there
_BEGUN: Final = frozenset({Heard.CREATED, Heard.WRITTEN})


@dataclass(slots=True)
class _Seen:
    """What a file looked like, since when, what was heard of it last, since when it was known to be open."""

    look: tuple[int, int, int, int]
    since: float
    heard: Heard | None = None
    opened: float | None = None


@dataclass(slots=True)
class _Blocked:
    until: float
    pause: float
    error: int


@dataclass
class Inbox:
    """Knows of each file that lies there how long it has been still, and what was heard of it.

    ``settle`` in s; ``names`` reads names; one under a temporary name, or open in an editor, has to be still for
    ``temporary`` s. ``closed_settles``: one that was closed is at rest at once. ``candidates`` is the most one sweep
    gives. Of a file that cannot be renamed ``most`` bytes are copied: a larger one is left there. ``asks`` the kernel
    who writes.
    """

    disk: Disk
    root: Path
    work: Path
    settle: float = 2.0
    temporary: float = 900.0
    closed_settles: bool = True
    names: Names = field(default_factory=lambda: Names((".*", "*~", "*.part", "*.tmp", "*.crdownload", "Thumbs.db")))
    candidates: int = 16_384
    most: int = 1 << 30
    asks: Callable[[bytes, int], bool | None] = is_written
    waiting: Waiting = field(default_factory=Waiting)
    _seen: dict[bytes, _Seen] = field(default_factory=dict)
    _blocked: dict[bytes, _Blocked] = field(default_factory=dict)
    _returned: set[bytes] = field(default_factory=set)
    _served_last: bytes | None = None
    _heard: dict[bytes, Heard] = field(default_factory=dict)
    _unsure_until: float = -math.inf

    def lose(self, until: float = -math.inf) -> None:
        """Events were lost: forget what they told; that a file was begun or written is not believed before then."""
        for seen in self._seen.values():
            seen.heard = None
        self._heard.clear()
        self._unsure_until = until

    def sweep(self, now: float, heard: Mapping[bytes, Heard] | None = None) -> list[Deposit]:
        """All files at rest, feeds by turns, by name in each; ``heard``: what events told since, by absolute path.

        ``now`` is monotonic seconds. What was given and lies there unchanged next time is given again; what was taken
        and came back settles anew.
        """
        self._hear(heard or {}, now)
        self.waiting = Waiting()
        seen: dict[bytes, _Seen] = {}
        blocked: dict[bytes, _Blocked] = {}
        feeds: dict[bytes, list[Deposit]] = {}
        try:
            for path, found, says in Walk(self.root, self.names, self.waiting).files():
                if path in self._blocked:
                    blocked[path] = self._blocked[path]
                seen[path] = known = self._known(path, found, now)
                if self._may_be_given(path, found, (known, says), now):
                    feeds.setdefault(feed_of(path), []).append(Deposit(path, *known.look))
        except OSError:
            self._seen |= seen
            raise
        self._seen, self._blocked = seen, blocked
        self._returned &= seen.keys()
        self._heard.clear()
        return self._lined_up(feeds)

    def _hear(self, heard: Mapping[bytes, Heard], now: float) -> None:
        """Keep what was told of files of ours until a sweep meets them; not that we have put one back ourselves."""
        prefix = os.fsencode(os.path.realpath(self.root)) + b"/"
        for absolute, what in heard.items():
            path = absolute[len(prefix) :]
            unsure = what in _BEGUN and now < self._unsure_until
            ours = what is Heard.MOVED and path in self._returned
            if absolute.startswith(prefix) and not unsure and not ours:
                self._heard[path] = what
            if ours:
                self._returned.discard(path)

    def _lined_up(self, feeds: dict[bytes, list[Deposit]]) -> list[Deposit]:
        """As many as may be given, from the feed on that comes after the one that a file was taken of last."""
        turns: Turns[Deposit] = Turns()
        last = self._served_last
        for feed in sorted(feeds, key=lambda feed: (last is not None and feed <= last, feed)):
            for deposit in sorted(feeds[feed], key=lambda one: one.path):
                turns.add(feed, deposit)
        return turns.next(self.candidates)

    def _known(self, path: bytes, found: os.stat_result, now: float) -> _Seen:
        """What is known of a file, taken out of what was seen before: it makes room for what is seen now."""
        look = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        before = self._seen.pop(path, None)
        heard = self._heard.get(path) or (before.heard if before is not None else None)
        if before is None or before.look != look:
            return _Seen(look, now, heard, before.opened if before is not None else None)
        before.heard = heard
        return before

    def _may_be_given(self, path: bytes, found: os.stat_result, what: tuple[_Seen, Says], now: float) -> bool:
        """Whether a file is at rest, and may be taken; if not, it is counted why."""
        known, says = what
        block = self._blocked.get(path)
        if block is not None and now < block.until:
            self.waiting.refuse(Refused(path, block.error, block.until - now))
            self.waiting.wait(block.until - now)
            return False
        if says is not Says.MARKED and self._is_open(path, found, known, now):
            self.waiting.leave(path, "writing")
            self.waiting.oldest = max(self.waiting.oldest, now - (known.opened or now))
            return False
        return self._is_settled(path, self._patience(found, known, says), (known, says), now)

    def _is_open(self, path: bytes, found: os.stat_result, known: _Seen, now: float) -> bool:
        """Whether its writer has not closed it: events say so, and the kernel, where it may be asked, agrees."""
        begun = known.heard is Heard.CREATED and found.st_size == 0 and found.st_nlink == 1
        is_open = stat.S_ISREG(found.st_mode) and (known.heard is Heard.WRITTEN or begun)
        if is_open and self._is_written(path) is False:
            known.heard, is_open = None, False
        known.opened = (known.opened or now) if is_open else None
        return is_open

    def _is_written(self, path: bytes) -> bool | None:
        try:
            with opened(self.root, path) as (folder, name):
                return self.asks(name, folder)
        except OSError:
            return None

    def _is_settled(self, path: bytes, patience: float, what: tuple[_Seen, Says], now: float) -> bool:
        """Whether it has been still for so long."""
        known, says = what
        left = patience - (now - known.since)
        if left <= 0:
            return True
        if says is Says.TEMPORARY:
            self.waiting.leave(path, "temporary")
        elif says is Says.EDITED:
            self.waiting.leave(path, "edited")
            left = min(left, max(self.settle, _EDITORS))
        else:
            self.waiting.unsettled += 1
        self.waiting.wait(left)
        return False

    def _patience(self, found: os.stat_result, seen: _Seen, says: Says) -> float:
        """How long a file must have been still: a second name may be the sender's way of renaming it in."""
        if says is Says.MARKED:
            return 0.0
        patience = 0.0 if self.closed_settles and seen.heard in _AT_REST else self.settle
        if stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
            patience = LINK_PATIENCE
        return max(patience, self.temporary) if says in {Says.TEMPORARY, Says.EDITED} else patience

    def block(self, path: bytes, now: float, error: int) -> None:
        """Leave a file alone for a while: 2 s, then twice as long each time, at most 60; ``error`` is why (errno)."""
        before = self._blocked.get(path)
        pause = 2.0 if before is None else min(60.0, 2 * before.pause)
        self._blocked[path] = _Blocked(now + pause, pause, error)
        self.waiting.refuse(Refused(path, error, pause))  # told at once: the next sweep may come when it is over
        self.waiting.wait(pause)

    def take(self, path: bytes, arrival: str, look: tuple[int, int]) -> bool:
        """Move a file of the inbox to ``state/work/<arrival>``; True if it had to be copied.

        That is one from another mount, or one with a second name, which stays; but what only we may read is moved, and
        will be held unread for its second name. ``look``: the size and mtime in ns that it had at rest.

        Raises:
            OSError: this file cannot be moved; FileNotFoundError if its sender took it back, EAGAIN if somebody has it
                open for writing: it waits from now on until that one has closed it.
        """
        self._seen.pop(path, None)
        self._served_last = feed_of(path)
        with opened(self.root, path) as (folder, name):
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
            is_file = stat.S_ISREG(found.st_mode)
            if is_file and not self.names.marks and self.asks(name, folder):
                self._heard[path] = Heard.WRITTEN
                raise OSError(errno.EAGAIN, "somebody has it open for writing", os.fsdecode(path))
            copied = is_file and found.st_nlink > 1 and not is_secret(found, folder)
            if not copied:
                copied = self._renamed_over_mounts(name, self.work / arrival, source_folder=folder)
            if copied:
                self.disk.bring(name, self.work / arrival, folder=folder, most=self.most, look=look)
        return copied

    def _renamed_over_mounts(self, source: bytes | Path, goal: bytes | Path, **folders: int) -> bool:
        """Rename a file; True if that cannot be done, since it lies on another mount."""
        try:
            self.disk.rename_at(source, goal, **folders)
        except OSError as fault:
            if fault.errno != errno.EXDEV:
                raise
            return True
        return False

    def taken(self, path: bytes, arrival: str) -> None:
        """A claim lies in ``state/work`` already: what it was copied from goes, if a kill left it in the inbox."""
        with contextlib.suppress(OSError), opened(self.root, path) as (folder, name):
            self.disk.brought(name, self.work / arrival, folder=folder)

    def remove_marker(self, path: bytes) -> None:
        """A file was taken: its marker goes with it, unless another file of its name has come since.

        One that may not be removed stays, and is told of as a marker without its file.
        """
        if not self.names.marks:
            return
        with contextlib.suppress(*_OF_A_MARKER), opened(self.root, path) as (folder, name):
            if not lies(name, folder):
                self.disk.remove_at(os.fsencode(self.names.marker(os.fsdecode(name))), folder=folder)

    def give_back(self, arrival: str, path: bytes) -> None:
        """Put a claimed file where it lay; under a free name with its ending if another file lies there now.

        In the inbox itself if its folder is gone, or does not take it: that is its sender's. The kernel will tell that
        it was renamed in, which was our doing: it has to settle all the same. Its marker is laid anew.

        Raises:
            OSError: the machine fails, or the inbox itself does not take it.
        """
        below, last = os.path.split(path)
        name = last
        for attempt in range(1, 100):
            goal = os.path.join(below, name)
            try:
                self._put_back(self.work / arrival, goal)
            except FileExistsError:
                name = _again(attempt) + last[-_KEPT_OF_A_NAME:]
            except OSError as fault:
                if not below or fault.errno not in _OF_A_FOLDER:
                    raise
                below = b""
            else:
                self._seen.pop(goal, None)
                self._returned.add(goal)
                return
        raise FileExistsError(errno.EEXIST, "no free name in the inbox", os.fsdecode(path))

    def _put_back(self, source: Path, goal: bytes) -> None:
        """Put a file of ours where nothing lies; what a killed try has copied there is only removed here."""
        with opened(self.root, goal) as (folder, name):
            if lies(name, folder):
                if not is_brought_back(source, name, folder=folder):
                    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fsdecode(goal))
                self.disk.remove(source)
                return
            marker = os.fsencode(self.names.marker(os.fsdecode(name)))
            is_laid = bool(marker) and self.disk.lay_at(marker, folder=folder)
            try:
                if self._renamed_over_mounts(source, name, goal_folder=folder):
                    self.disk.bring_back(source, name, folder=folder)
            except OSError:
                if is_laid:  # it would stand for whatever comes under that name
                    with contextlib.suppress(*_OF_A_MARKER):
                        self.disk.remove_at(marker, folder=folder)
                raise

    def holds(self, path: bytes, dev: int, ino: int) -> bool:
        """Whether this very file still lies where it was seen.

        Raises:
            OSError: the machine fails (no descriptors, a disk): that says nothing of the file.
        """
        found = found_at(self.root, path)
        return found is not None and (found.st_dev, found.st_ino) == (dev, ino)


def _again(attempt: int) -> bytes:
    """What makes a name a new one."""
    return b"again%d-" % attempt if attempt < _NUMBERED else b"again-%s-" % secrets.token_hex(8).encode()
