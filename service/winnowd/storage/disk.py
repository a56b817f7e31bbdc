"""The only place that changes the file system: write, move, append, cut, sync. Every change is announced first.

``on_effect`` is called with the name of each effect just before it: tests kill the process there, or count. Files are
written beside their goal and renamed only after a sync, so a reader never meets half a file, not even after a power
cut. What a sync must cover is remembered since the last one. Paths may be strings: what is done for every article is
done without taking them apart.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from winnowd.storage import copies
from winnowd.storage.copies import NEW, fsync, temp_name, write_all
from winnowd.storage.modes import Modes
from winnowd.storage.unsynced import Unsynced

if TYPE_CHECKING:
    from collections.abc import Callable

    from winnowd.storage.unsynced import SyncMode

_APPENDED: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW

EXHAUSTED: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOMEM})
"""Errors that say nothing of the file that was to be opened: no file could be, just now."""

_RENAME_NOREPLACE: Final = 1

_libc = ctypes.CDLL(None, use_errno=True)


def no_hook(effect: str) -> None:
    """Announce to nobody."""


class Disk:
    """Changes below one instance folder; all paths given are relative to it and made by ourselves."""

    def __init__(
        self, instance_dir: Path, *, sync: SyncMode = "syncfs", on_effect: Callable[[str], None] = no_hook
    ) -> None:
        self.instance_dir = instance_dir
        self._on_effect = on_effect
        self._unsynced = Unsynced(instance_dir, sync, on_effect)
        self._root = os.fspath(instance_dir)
        self._modes = Modes(self._root)
        self._folders: set[str] = set()

    @property
    def doubtful(self) -> bool:
        """A sync has failed: what looks right may not be on disk."""
        return self._unsynced.doubtful

    def sync_by(self, mode: SyncMode) -> None:
        """Sync in another way from now on; what was changed before is on disk first."""
        self._unsynced.sync_by(mode)

    def path(self, relative: str) -> Path:
        """The absolute path of something below the instance folder."""
        return self.instance_dir / relative

    def name(self, relative: str) -> str:
        """The same as a string."""
        return f"{self._root}/{relative}"

    def make_folder(self, folder: str | Path) -> None:
        """Make a folder and those above it; once made, it is not asked for again.

        The next sync covers the name of one that is there already, too: a killed run may have made it just now.
        """
        name = os.fspath(folder)
        above = _folder_of(name)
        if name in self._folders or name in {self._root, above, ""}:
            return
        self.make_folder(above)
        if not os.path.isdir(name):
            self._on_effect("mkdir")
            self._modes.make_folder(name)
        self._unsynced.touch(above)
        self._folders.add(name)

    def _make_again(self, folder: str) -> None:
        """Make a folder that somebody has removed since it was made."""
        self._folders.clear()
        self.make_folder(folder)

    def write_temp(self, goal: str | Path, content: bytes) -> str:
        """Write a new file next to its goal, under a temporary name; it is whole after the next ``sync``."""
        self.make_folder(_folder_of(goal))
        temp_path = _temp_of(goal)
        self._on_effect("write")
        try:
            self._write_new(temp_path, content)
        except FileExistsError:
            os.unlink(temp_path)
            self._write_new(temp_path, content)
        except FileNotFoundError:
            self._make_again(_folder_of(goal))
            self._write_new(temp_path, content)
        self._unsynced.touch(temp_path)
        return temp_path

    def _write_new(self, path: str, content: bytes) -> None:
        descriptor = self._modes.opened(path, NEW)
        try:
            write_all(descriptor, content, path)
            _must_be(len(content), descriptor, path)
        finally:
            os.close(descriptor)

    def discard_temp(self, goal: str | Path) -> None:
        """Remove what a killed process may have left next to a goal that it had reached."""
        temp_path = _temp_of(goal)
        if os.path.exists(temp_path):
            self.remove(temp_path)

    def put(self, temp_path: str, goal: str | Path) -> None:
        """Give a synced file its final name; what stood there is replaced."""
        self._on_effect("rename")
        os.rename(temp_path, goal)
        self._unsynced.touch(_folder_of(goal))

    def replace(self, goal: Path, content: bytes) -> None:
        """Write a file that may lag but must be whole: beside, then renamed, without a sync of its own."""
        self.put(self.write_temp(goal, content), goal)

    def move(self, source: str | Path, goal: str | Path) -> None:
        """Rename a file; across file systems copy it, sync, and only then remove the source."""
        folder = _folder_of(goal)
        self.make_folder(folder)
        self._on_effect("rename")
        try:
            self._rename(source, goal)
        except FileNotFoundError:
            if os.path.isdir(folder):
                raise
            self._make_again(folder)
            self._rename(source, goal)
        self._unsynced.touch(folder)
        self._unsynced.touch(_folder_of(source))

    def _rename(self, source: str | Path, goal: str | Path) -> None:
        try:
            os.rename(source, goal)
        except OSError as fault:
            if fault.errno != errno.EXDEV:
                raise
            copies.copy_over(Path(source), Path(goal))

    def copy(self, source: Path, goal: Path, *, most: int) -> None:
        """Copy the first ``most`` bytes of a file, on disk when this returns; what stood there is replaced."""
        self.make_folder(goal.parent)
        self._on_effect("copy")
        copies.copy_first(source, goal, most)
        self._unsynced.touch(goal.parent)

    def rename_at(
        self,
        source: bytes | Path,
        goal: bytes | Path,
        *,
        source_folder: int | None = None,
        goal_folder: int | None = None,
    ) -> None:
        """Rename a file between a folder of senders, opened step by step (its descriptor), and one of ours.

        Raises:
            FileExistsError: something of that name is there already; it is never covered.
        """
        self._on_effect("rename")
        here = (-100 if source_folder is None else source_folder, os.fsencode(source))  # AT_FDCWD
        there = (-100 if goal_folder is None else goal_folder, os.fsencode(goal))
        if not _libc.renameat2(*here, *there, _RENAME_NOREPLACE):
            return
        number = ctypes.get_errno()
        if number != errno.EINVAL:
            raise OSError(number, os.strerror(number), os.fsdecode(source))
        with contextlib.suppress(FileNotFoundError):  # a file system that cannot say so in one step
            os.stat(goal, dir_fd=goal_folder, follow_symlinks=False)
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), os.fsdecode(goal))
        os.rename(source, goal, src_dir_fd=source_folder, dst_dir_fd=goal_folder)

    def remove_at(self, name: bytes, *, folder: int) -> None:
        """Remove a file of a sender's folder (its descriptor)."""
        self._on_effect("unlink")
        os.unlink(name, dir_fd=folder)

    def bring(self, name: bytes, goal: Path, *, folder: int, most: int, stat_key: tuple[int, int]) -> None:
        """Copy a file of a sender's folder (its descriptor) on another mount in; see ``copies.bring``."""
        copies.bring(name, goal, folder=folder, bounds=(most, stat_key), on_effect=self._on_effect)

    def brought(self, name: bytes, goal: Path, *, folder: int) -> None:
        """Remove what ``bring`` has copied, if a kill left it there."""
        copies.brought(name, goal, folder=folder, on_effect=self._on_effect)

    def bring_back(self, source: Path, name: bytes, *, folder: int) -> None:
        """Copy a file of ours into a sender's folder (its descriptor) on another mount, then remove it here.

        Raises:
            FileExistsError: something of that name is there already; it is never covered.
        """

        def rename(temp_path: bytes, name: bytes) -> None:
            self.rename_at(temp_path, name, source_folder=folder, goal_folder=folder)

        self._on_effect("copy")
        copies.bring_back(source, name, folder=folder, rename=rename)
        self.remove(source)

    def lay_at(self, name: bytes, *, folder: int) -> bool:
        """Make an empty file in a sender's folder (its descriptor), on disk; False if there is something already."""
        self._on_effect("write")
        try:
            os.close(os.open(name, NEW, 0o644, dir_fd=folder))
        except FileExistsError:
            return False
        os.fsync(folder)
        return True

    def append(self, path: Path, content: bytes, *, at: int) -> None:
        """Write at the end of a file that is ``at`` bytes long, and wait until it is on disk (``fdatasync``).

        Raises:
            OSError: the file is not of that length (EINVAL), or the disk failed; what was written of it may be torn.
        """
        self.make_folder(path.parent)
        self._on_effect("append")
        try:
            descriptor = self._modes.opened(path, _APPENDED)
        except FileNotFoundError:
            self._make_again(_folder_of(path))
            descriptor = self._modes.opened(path, _APPENDED)
        try:
            if os.fstat(descriptor).st_size != at:
                raise OSError(errno.EINVAL, "the file is not as long as the ledger knows it", str(path))
            write_all(descriptor, content, path)
            _must_be(at + len(content), descriptor, path)
            self._on_effect("fdatasync")
            os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
        if at == 0:
            fsync(path.parent)

    def cut(self, path: Path, size: int) -> None:
        """Cut a file to a length, on disk before this returns."""
        self._on_effect("truncate")
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        try:
            os.ftruncate(descriptor, size)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def remove(self, path: str | Path) -> None:
        """Remove a file of ours; one that is gone already is no fault."""
        self._on_effect("unlink")
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)
        self._unsynced.touch(_folder_of(path))

    def touched(self, *paths: str | Path) -> None:
        """Say that these were changed by others (senders' files, renamed in) and must be covered by a sync."""
        for path in paths:
            self._unsynced.touch(path)

    def found(self, *paths: Path) -> None:
        """Say that these are as an earlier run has left them, perhaps unsynced: they and all folders above."""
        self._unsynced.found(*paths)

    def sync(self) -> None:
        """Wait until all that was changed since the last call is on disk.

        Raises:
            OSError: the kernel told of a failed write; what was written since the last sync must not be trusted.
        """
        self._unsynced.sync()


def _folder_of(path: str | Path) -> str:
    return os.fspath(path).rpartition("/")[0]


def _temp_of(goal: str | Path) -> str:
    folder, _, name = os.fspath(goal).rpartition("/")
    return f"{folder}/{temp_name(name)}"


def _must_be(size: int, descriptor: int, path: str | Path) -> None:
    """A write that says it took all, and did not, is found here at once; of other bytes only reading back tells."""
    if os.fstat(descriptor).st_size != size:
        raise OSError(errno.EIO, "the disk has not taken what it said it had", str(path))
