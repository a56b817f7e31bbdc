"""The inbox: which files lie there at rest, and taking them. Names are bytes; no link below the inbox is followed.

A file is *open* when an event told that it was written to, and none since that its writer has closed it: it waits,
however long. It is *at rest* when it was closed or renamed in (an event said so), or when device, inode, size and time
of change have stayed the same for ``settle`` seconds. Where no event has told, the kernel is asked just before a file
is taken whether somebody still writes it. Events are hints; each sweep looks at all that lies there.
"""

from __future__ import annotations

import math
import os
import stat
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.storage.inbox.deposits import Deposit
from winnowd.storage.inbox.moves import Moves, StillWrittenError
from winnowd.storage.inbox.names import Names, Says
from winnowd.storage.inbox.tree import Walk, found_at, opened
from winnowd.storage.inbox.turns import Turns, feed_of
from winnowd.storage.inbox.waiting import LeftInInbox, Refused
from winnowd.storage.inbox.writers import Heard, is_written

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from winnowd.storage.disk import Disk

LINK_PATIENCE: Final = 60.0  # s that a file with a second name is left to its sender to unlink one
_EDITORS: Final = 5.0  # s after which it is looked again whether an editor still has a file open
_AT_REST: Final = frozenset({Heard.CLOSED, Heard.MOVED})
_BEGUN: Final = frozenset({Heard.CREATED, Heard.WRITTEN})


@dataclass(slots=True)
class _FileState:
    """What a file looked like, since when, what was heard of it last, since when it was known to be open.

    ``is_due``: it waits for us, and not for its sender.
    """

    stat_key: tuple[int, int, int, int]
    since: float
    heard: Heard | None = None
    open_since: float | None = None
    is_due: bool = False


@dataclass(slots=True)
class _Blocked:
    until: float
    pause: float
    error: int


class _Candidate(NamedTuple):
    """A file that a sweep meets: its path, what it is on disk, what is known of it, what its name says."""

    path: bytes
    found: os.stat_result
    state: _FileState
    says: Says


@dataclass
class Inbox:
    """Knows of each file that lies there how long it has been still, and what was heard of it.

    ``settle`` in s; ``names`` reads names; one under a temporary name, or open in an editor, has to be still for
    ``temporary`` s. ``closed_settles``: one that was closed is at rest at once. One sweep gives ``max_per_sweep``
    files at most. One that cannot be renamed is copied, if it has ``max_copy_bytes`` at most. ``writer_check`` asks the
    kernel whether somebody writes a file.
    """

    disk: Disk
    root: Path
    work: Path
    settle: float = 2.0
    temporary: float = 900.0
    closed_settles: bool = True
    names: Names = field(default_factory=lambda: Names((".*", "*~", "*.part", "*.tmp", "*.crdownload", "Thumbs.db")))
    max_per_sweep: int = 16_384
    max_copy_bytes: int = 1 << 30
    writer_check: Callable[[bytes, int], bool | None] = is_written
    waiting: LeftInInbox = field(default_factory=LeftInInbox)
    _states: dict[bytes, _FileState] = field(default_factory=dict)
    _blocked: dict[bytes, _Blocked] = field(default_factory=dict)
    _returned: set[bytes] = field(default_factory=set)
    _served_last: bytes | None = None
    _heard: dict[bytes, Heard] = field(default_factory=dict)
    _unsure_until: float = -math.inf

    def forget_events(self, ignore_writes_until: float = -math.inf) -> None:
        """Events were lost: forget what they told; that a file was begun or written is not believed before then."""
        for states in self._states.values():
            states.heard = None
        self._heard.clear()
        self._unsure_until = ignore_writes_until

    def sweep(self, now: float, heard: Mapping[bytes, Heard] | None = None) -> list[Deposit]:
        """All files at rest, feeds by turns, by name in each; ``heard``: what events told since, by absolute path.

        ``now`` is monotonic seconds. What was given and lies there unchanged next time is given again; what was taken
        and came back settles anew.
        """
        self._hear(heard or {}, now)
        self.waiting = LeftInInbox()
        states: dict[bytes, _FileState] = {}
        blocked: dict[bytes, _Blocked] = {}
        feeds: dict[bytes, list[Deposit]] = {}
        try:
            for path, found, says in Walk(self.root, self.names, self.waiting).files():
                if path in self._blocked:
                    blocked[path] = self._blocked[path]
                states[path] = state = self._state_of(path, found, now)
                is_given = self._give_or_count(_Candidate(path, found, state, says), now)
                state.is_due = is_given or path in blocked
                if is_given:
                    feeds.setdefault(feed_of(path), []).append(Deposit(path, *state.stat_key))
        except OSError:
            self._states |= states
            raise
        self._states, self._blocked = states, blocked
        self._returned &= states.keys()
        self._heard.clear()
        return self._lined_up(feeds)

    def count(self) -> int:
        """How many files lie there, as far as the last sweep knows, that are or will be ours to take."""
        return len(self._states)

    def oldest_due(self, now: float) -> float:
        """For how many seconds the file has lain unchanged that has waited for us longest; 0 if none waits for us."""
        return max((now - state.since for state in self._states.values() if state.is_due), default=0.0)

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
        return turns.next(self.max_per_sweep)

    def _state_of(self, path: bytes, found: os.stat_result, now: float) -> _FileState:
        """What is known of a file, taken out of what was seen before: it makes room for what is seen now."""
        stat_key = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
        before = self._states.pop(path, None)
        heard = self._heard.get(path) or (before.heard if before is not None else None)
        if before is None or before.stat_key != stat_key:
            return _FileState(stat_key, now, heard, before.open_since if before is not None else None)
        before.heard = heard
        return before

    def _give_or_count(self, one: _Candidate, now: float) -> bool:
        """Whether a file is at rest, and may be taken; if not, count why."""
        block = self._blocked.get(one.path)
        if block is not None and now < block.until:
            self.waiting.refuse(Refused(one.path, block.error, block.until - now))
            self.waiting.wait(block.until - now)
            return False
        if one.says is not Says.MARKED and self._note_open(one, now):
            self.waiting.leave(one.path, "writing")
            self.waiting.oldest = max(self.waiting.oldest, now - (one.state.open_since or now))
            return False
        return self._stable_or_count(one, now)

    def _note_open(self, one: _Candidate, now: float) -> bool:
        """Note in its state whether its writer has it open: events say so, and the kernel, if asked, agrees."""
        state, found = one.state, one.found
        begun = state.heard is Heard.CREATED and found.st_size == 0 and found.st_nlink == 1
        is_open = stat.S_ISREG(found.st_mode) and (state.heard is Heard.WRITTEN or begun)
        if is_open and self._is_written(one.path) is False:
            state.heard, is_open = None, False
        state.open_since = (state.open_since or now) if is_open else None
        return is_open

    def _is_written(self, path: bytes) -> bool | None:
        try:
            with opened(self.root, path) as (folder, name):
                return self.writer_check(name, folder)
        except OSError:
            return None

    def _stable_or_count(self, one: _Candidate, now: float) -> bool:
        """Whether it has been still for as long as it must; if not, count why it waits."""
        left = self._patience(one) - (now - one.state.since)
        if left <= 0:
            return True
        if one.says is Says.TEMPORARY:
            self.waiting.leave(one.path, "temporary")
        elif one.says is Says.EDITED:
            self.waiting.leave(one.path, "edited")
            left = min(left, max(self.settle, _EDITORS))
        else:
            self.waiting.unsettled += 1
        self.waiting.wait(left)
        return False

    def _patience(self, one: _Candidate) -> float:
        """How long a file must have been still: a second name may be the sender's way of renaming it in."""
        if one.says is Says.MARKED:
            return 0.0
        patience = 0.0 if self.closed_settles and one.state.heard in _AT_REST else self.settle
        if stat.S_ISREG(one.found.st_mode) and one.found.st_nlink > 1:
            patience = LINK_PATIENCE
        return max(patience, self.temporary) if one.says in {Says.TEMPORARY, Says.EDITED} else patience

    def block(self, path: bytes, now: float, error: int) -> None:
        """Leave a file alone for a while: 2 s, then twice as long each time, at most 60; ``error`` is why (errno)."""
        before = self._blocked.get(path)
        pause = 2.0 if before is None else min(60.0, 2 * before.pause)
        self._blocked[path] = _Blocked(now + pause, pause, error)
        self.waiting.refuse(Refused(path, error, pause))  # told at once: the next sweep may come when it is over
        self.waiting.wait(pause)

    @property
    def _moves(self) -> Moves:
        return Moves(self.disk, self.root, self.work, self.names, self.max_copy_bytes, self.writer_check)

    def claim(self, path: bytes, arrival: str, stat_key: tuple[int, int]) -> bool:
        """Move a file of the inbox to ``state/work/<arrival>``; True if it had to be copied (see ``Moves.claim``).

        Raises:
            OSError: this file cannot be moved; FileNotFoundError if its sender took it back, EAGAIN if somebody has it
                open for writing: it waits from now on until that one has closed it.
        """
        self._states.pop(path, None)
        self._served_last = feed_of(path)
        try:
            return self._moves.claim(path, arrival, stat_key)
        except StillWrittenError:
            self._heard[path] = Heard.WRITTEN
            raise

    def note_claimed(self, path: bytes, arrival: str) -> None:
        """A claim lies in ``state/work`` already: what it was copied from goes, if a kill left it in the inbox."""
        self._moves.note_claimed(path, arrival)

    def remove_marker(self, path: bytes) -> None:
        """A file was taken: its marker goes with it."""
        self._moves.remove_marker(path)

    def give_back(self, arrival: str, path: bytes) -> None:
        """Put a claimed file where it lay, or close by (see ``Moves.give_back``).

        The kernel will tell that it was renamed in, which was our doing: it has to settle all the same.

        Raises:
            OSError: the machine fails, or the inbox itself does not take it.
        """
        goal = self._moves.give_back(arrival, path)
        self._states.pop(goal, None)
        self._returned.add(goal)

    def holds(self, path: bytes, dev: int, ino: int) -> bool:
        """Whether this very file still lies where it was seen.

        Raises:
            OSError: the machine fails (no descriptors, a disk): that says nothing of the file.
        """
        found = found_at(self.root, path)
        return found is not None and (found.st_dev, found.st_ino) == (dev, ino)
