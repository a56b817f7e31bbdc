"""The inbox: which files lie there at rest, and taking them. Names are bytes; nothing is opened; no link is followed.

A file is *at rest* when it was closed or renamed in (an event said so), or when device, inode, size and time of change
have stayed the same for ``settle`` seconds. Events are hints; each sweep looks at all that lies there.
"""

from __future__ import annotations

import contextlib
import errno
import fnmatch
import os
import re
import stat
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from winnowd.storage.turns import Turns, feed_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    from winnowd.storage.disk import Disk

DEPTH: Final = 4
LINK_PATIENCE: Final = 60.0  # s that a file with a second name is left to its sender to unlink one
_KEPT_OF_A_NAME: Final = 200  # bytes of it, from its end, that a name has room for beside what makes it a new one
NAMED: Final = 5  # of what may not be taken, so many are named
_NOT_ENTERED: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EACCES, errno.EPERM})
_FOLDER: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class Deposit:
    """A file in the inbox at rest; ``path`` is below the inbox, as the file system gave it."""

    path: bytes
    dev: int
    ino: int
    size: int
    mtime_ns: int
    mode: int
    links: int

    @property
    def feed(self) -> str:
        """The sub-folder it lies in, "" for the inbox itself; bytes that are no UTF-8 as U+FFFD."""
        return os.path.dirname(self.path).decode("utf-8", "replace")


@dataclass(slots=True)
class _Seen:
    """What a file looked like, since when, and whether it was told to be at rest."""

    look: tuple[int, int, int, int]
    since: float
    at_rest: bool = False


@dataclass(slots=True)
class Waiting:
    """What a sweep left where it lies, for ``status``: counts, the time until one may be at rest, some refused ones."""

    unsettled: int = 0
    ignored: int = 0
    blocked: int = 0
    too_deep: int = 0
    next_in: float | None = None
    refused: list[Refused] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Refused:
    """A file or folder of the inbox that may not be taken or entered: its path, why, seconds to the next try."""

    path: bytes
    error: int
    retry_in: float | None = None


@dataclass(slots=True)
class _Blocked:
    until: float
    pause: float
    error: int


@dataclass
class Inbox:
    """Knows of each file that lies unsettled how long it has been still.

    ``settle`` in s; ``ignored`` are glob patterns of names; ``candidates`` is the most one sweep gives. Of a file on
    another mount ``most`` bytes are copied: a larger one is left there.
    """

    disk: Disk
    root: Path
    work: Path
    settle: float = 2.0
    ignored: Sequence[str] = (".*", "*~", "*.part", "*.tmp", "*.crdownload", "*.filepart", "@eaDir", "Thumbs.db")
    candidates: int = 16_384
    most: int = 1 << 30
    waiting: Waiting = field(default_factory=Waiting)
    _seen: dict[bytes, _Seen] = field(default_factory=dict)
    _blocked: dict[bytes, _Blocked] = field(default_factory=dict)
    _returned: set[bytes] = field(default_factory=set)
    _served_last: bytes | None = None

    def __post_init__(self) -> None:
        self._is_ignored = re.compile("|".join(fnmatch.translate(one) for one in self.ignored) or r"(?!)")

    def sweep(self, now: float, hints: Collection[bytes] = ()) -> list[Deposit]:
        """All files at rest, feeds by turns, by name in each; ``hints`` are absolute paths of closed files.

        ``now`` is monotonic seconds. What was given and lies there unchanged next time is given again; what was taken
        and came back settles anew.
        """
        prefix = os.fsencode(self.root) + b"/"
        rested = {hint[len(prefix) :] for hint in hints if hint.startswith(prefix)}
        ours = rested & self._returned
        rested -= ours
        self.waiting = Waiting()
        seen: dict[bytes, _Seen] = {}
        blocked: dict[bytes, _Blocked] = {}
        feeds: dict[bytes, list[Deposit]] = {}
        try:
            for path, found in self._walk():
                if path in self._blocked:
                    blocked[path] = self._blocked[path]
                seen[path] = known = self._known(path, found, now, at_rest=path in rested)
                if self._is_settled(path, found, known, now):
                    deposit = Deposit(path, *known.look, found.st_mode, found.st_nlink)
                    feeds.setdefault(feed_of(path), []).append(deposit)
        except OSError:
            self._seen |= seen
            raise
        self._seen, self._blocked = seen, blocked
        self._returned = {path for path in self._returned - ours if path in seen}
        return self._lined_up(feeds)

    def _lined_up(self, feeds: dict[bytes, list[Deposit]]) -> list[Deposit]:
        """As many as may be given, from the feed on that comes after the one that a file was taken of last."""
        turns: Turns[Deposit] = Turns()
        last = self._served_last
        for feed in sorted(feeds, key=lambda feed: (last is not None and feed <= last, feed)):
            for deposit in sorted(feeds[feed], key=lambda one: one.path):
                turns.add(feed, deposit)
        return turns.next(self.candidates)

    def _known(self, path: bytes, found: os.stat_result, now: float, *, at_rest: bool) -> _Seen:
        """What is known of a file, taken out of what was seen before: it makes room for what is seen now."""
        look = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        known = self._seen.pop(path, None)
        if known is None or known.look != look:
            known = _Seen(look, now)
        known.at_rest |= at_rest
        return known

    def _is_settled(self, path: bytes, found: os.stat_result, known: _Seen, now: float) -> bool:
        block = self._blocked.get(path)
        if block is not None and now < block.until:
            self._refuse(Refused(path, block.error, block.until - now))
            self._wait(block.until - now)
            return False
        patience = self._patience(found, known)
        if now - known.since < patience:
            self.waiting.unsettled += 1
            self._wait(patience - (now - known.since))
            return False
        return True

    def _patience(self, found: os.stat_result, seen: _Seen) -> float:
        """How long a file must have been still: a second name may be the sender's way of renaming it in."""
        if stat.S_ISREG(found.st_mode) and found.st_nlink > 1:
            return LINK_PATIENCE
        return 0.0 if seen.at_rest else self.settle

    def _wait(self, seconds: float) -> None:
        before = self.waiting.next_in
        self.waiting.next_in = seconds if before is None else min(before, seconds)

    def _walk(self) -> Iterator[tuple[bytes, os.stat_result]]:
        """All files below the inbox; a folder that waits for its turn holds no descriptor."""
        folders = deque([b""])
        while folders:
            below = folders.popleft()
            try:
                with self._opened(below + b".") as (descriptor, _):
                    yield from self._entries(below, descriptor, folders)
            except OSError as fault:
                if fault.errno not in (_NOT_ENTERED if below else {errno.ENOENT}):
                    raise
                self._note(below, fault)

    def _entries(self, below: bytes, descriptor: int, folders: deque[bytes]) -> Iterator[tuple[bytes, os.stat_result]]:
        """The files of one folder; its sub-folders are opened later, step by step, so that no link is followed."""
        with os.scandir(descriptor) as entries:
            for entry in entries:
                name = os.fsencode(entry.name)
                if self._is_ignored.match(entry.name):
                    self.waiting.ignored += 1
                    continue
                path = below + name
                try:
                    if not entry.is_dir(follow_symlinks=False):
                        yield path, entry.stat(follow_symlinks=False)
                    elif path.count(b"/") >= DEPTH:
                        self.waiting.too_deep += 1
                    else:
                        folders.append(path + b"/")
                except OSError as fault:
                    self._note(path, fault)

    def _note(self, path: bytes, fault: OSError) -> None:
        """A file that went away since it was listed is nobody's loss; what may not be entered is blocked."""
        if fault.errno not in {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}:
            self._refuse(Refused(path, fault.errno or 0))

    def _refuse(self, refused: Refused) -> None:
        self.waiting.blocked += 1
        if len(self.waiting.refused) < NAMED:
            self.waiting.refused.append(refused)

    def block(self, path: bytes, now: float, error: int) -> None:
        """Leave a file alone for a while: 2 s, then twice as long each time, at most 60; ``error`` is why (errno)."""
        before = self._blocked.get(path)
        pause = 2.0 if before is None else min(60.0, 2 * before.pause)
        self._blocked[path] = _Blocked(now + pause, pause, error)
        self._refuse(Refused(path, error, pause))  # told at once: the next sweep may come when it is over
        self._wait(pause)

    @contextlib.contextmanager
    def _opened(self, path: bytes) -> Iterator[tuple[int, bytes]]:
        """The folder that holds a file of the inbox, each step without following a link; and the file's own name."""
        *steps, name = path.split(b"/")
        descriptor = os.open(self.root, _FOLDER)
        try:
            for step in steps:
                below = os.open(step, _FOLDER, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = below
            yield descriptor, name
        finally:
            os.close(descriptor)

    def take(self, path: bytes, arrival: str, look: tuple[int, int]) -> bool:
        """Move a file of the inbox to ``state/work/<arrival>``; True if it had to be copied, from another mount.

        ``look``: the size and mtime in ns that it had at rest.

        Raises:
            OSError: this file cannot be moved; FileNotFoundError if its sender took it back.
        """
        self._seen.pop(path, None)
        self._served_last = feed_of(path)
        with self._opened(path) as (folder, name):
            try:
                self.disk.rename_at(name, self.work / arrival, source_folder=folder)
            except OSError as fault:
                if fault.errno != errno.EXDEV:
                    raise
                self.disk.bring(name, self.work / arrival, folder=folder, most=self.most, look=look)
                return True
        return False

    def taken(self, path: bytes, arrival: str) -> None:
        """A claim lies in ``state/work`` already: what it was copied from goes, if a kill left it in the inbox."""
        with contextlib.suppress(OSError), self._opened(path) as (folder, name):
            self.disk.brought(name, self.work / arrival, folder=folder)

    def give_back(self, arrival: str, path: bytes) -> None:
        """Put a claimed file where it lay; under a free name with its ending if another file lies there now.

        The kernel will tell that it was renamed in, which was our doing: it has to settle all the same.
        """
        below, last = os.path.split(path)
        name = last
        for attempt in range(1, 100):
            goal = os.path.join(below, name)
            try:
                with self._opened(goal) as (folder, _):
                    self.disk.rename_at(self.work / arrival, name, goal_folder=folder)
            except FileExistsError:
                name = b"again%d-" % attempt + last[-_KEPT_OF_A_NAME:]
            except FileNotFoundError:
                below = b""  # its folder is gone
            else:
                self._seen.pop(goal, None)
                self._returned.add(goal)
                return
        raise FileExistsError(errno.EEXIST, "no free name in the inbox", os.fsdecode(path))

    def holds(self, path: bytes, dev: int, ino: int) -> bool:
        """Whether this very file still lies where it was seen.

        Raises:
            OSError: the machine fails (no descriptors, a disk): that says nothing of the file.
        """
        try:
            with self._opened(path) as (folder, name):
                found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except OSError as fault:
            if fault.errno not in _NOT_ENTERED:
                raise
            return False
        return (found.st_dev, found.st_ino) == (dev, ino)
