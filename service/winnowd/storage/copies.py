"""Copying where a rename cannot do it, between mounts: beside the goal, synced, renamed, the source removed last.

Killed at any step, the next try goes on from what it finds. Like ``disk``, which calls it, it changes the file system.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import stat
from typing import TYPE_CHECKING, Final

from winnowd.layout import TEMPORARY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NEW: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
_AT_ONCE: Final = 1 << 20


def temp_of(goal: Path) -> Path:
    """Where a file is written before it has its final name."""
    return goal.parent / temp_name(goal.name)


def temp_name(name: str) -> str:
    """What a file is called in its folder before it has its final name."""
    return f"{TEMPORARY}{name}"[:255]


def copy_over(source: Path, goal: Path) -> None:
    """Move a file of ours to another mount."""
    temp_path = temp_of(goal)
    with contextlib.suppress(FileNotFoundError):
        temp_path.unlink()
    if source.is_symlink():
        os.symlink(os.readlink(source), goal)
        os.unlink(source)
        return
    with _reading(os.fsencode(source)) as reading:
        _copy(reading, temp_path, 0o644)
        found = os.fstat(reading)
    os.utime(temp_path, ns=(found.st_atime_ns, found.st_mtime_ns))
    os.rename(temp_path, goal)
    fsync(goal.parent)
    os.unlink(source)


def copy_keeping(source: Path, goal: Path) -> None:
    """Copy a file of somebody else's, whole or not at all; nobody but us may read it, and it is as old as it was."""
    temp_path = temp_of(goal)
    with contextlib.suppress(FileNotFoundError):
        temp_path.unlink()
    with _reading(os.fsencode(source)) as reading:
        _copy(reading, temp_path, 0o600)
        found = os.fstat(reading)
    os.utime(temp_path, ns=(found.st_atime_ns, found.st_mtime_ns))
    os.rename(temp_path, goal)
    fsync(goal.parent)


def copy_first(source: Path, goal: Path, most: int) -> None:
    """Copy the first ``most`` bytes of a file of ours."""
    temp_path = temp_of(goal)
    with contextlib.suppress(FileNotFoundError):
        temp_path.unlink()
    with _reading(os.fsencode(source)) as reading:
        _copy(reading, temp_path, 0o644, most)
    os.rename(temp_path, goal)
    fsync(goal.parent)


def bring(
    name: bytes, goal: Path, *, folder: int, bounds: tuple[int, tuple[int, int]], on_effect: Callable[[str], None]
) -> None:
    """Copy a file of a sender's folder (its descriptor) in, with its time of change; then remove it there.

    ``bounds``: the most bytes that are copied, and the size and mtime in ns that it had when it was seen at rest.

    Raises:
        OSError: it is left where it is: it may not be removed (EACCES and the like), is no regular file (ENOTSUP), has
            too many bytes (EFBIG), or was written to meanwhile (EAGAIN); or a disk failed.
    """
    if not os.access(b".", os.W_OK | os.X_OK, dir_fd=folder):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES), os.fsdecode(name))
    temp_path = temp_of(goal)
    with contextlib.suppress(FileNotFoundError):
        temp_path.unlink()
    most, stat_key = bounds
    with _reading(name, folder) as reading:
        before = os.fstat(reading)
        if fault := _not_brought(before, most):
            raise OSError(fault, os.strerror(fault), os.fsdecode(name))
        on_effect("copy")
        _copy(reading, temp_path, 0o600)
        if not stat_key == _stat_key(before) == _stat_key(os.fstat(reading)):
            temp_path.unlink()
            raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN), os.fsdecode(name))
    os.utime(temp_path, ns=(before.st_atime_ns, before.st_mtime_ns))
    on_effect("rename")
    os.rename(temp_path, goal)
    fsync(goal.parent)
    try:
        _remove_link(name, folder, on_effect)
    except OSError:
        os.unlink(goal)
        raise
    os.fsync(folder)  # failing here takes nothing back: the copy is all that is left


def bring_back(source: Path, name: bytes, *, folder: int, rename: Callable[[bytes, bytes], None]) -> None:
    """Copy a file of ours into a sender's folder (its descriptor) on another mount, with its time of change.

    ``rename`` gives what was copied beside its name there, and covers nothing. The source is for the caller to remove.
    """
    temp_path = os.fsencode(temp_of(source).name)
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temp_path, dir_fd=folder)
    with _reading(os.fsencode(source)) as reading:
        found = os.fstat(reading)
        _copy(reading, temp_path, 0o600, folder=folder)
    os.utime(temp_path, ns=(found.st_atime_ns, found.st_mtime_ns), dir_fd=folder, follow_symlinks=False)
    rename(temp_path, name)
    os.fsync(folder)


def is_brought_back(source: Path, name: bytes, *, folder: int) -> bool:
    """Whether what lies in a sender's folder is what ``bring_back`` has copied: on another mount, of that time.

    What may not be read is not.
    """
    ours, there = os.lstat(source), os.stat(name, dir_fd=folder, follow_symlinks=False)
    is_likely = stat.S_ISREG(ours.st_mode) and stat.S_ISREG(there.st_mode) and ours.st_dev != there.st_dev
    if not is_likely or _stat_key(ours) != _stat_key(there):
        return False
    try:
        with _reading(os.fsencode(source)) as one, _reading(name, folder) as other:
            return _are_same(one, other)
    except PermissionError:
        return False


def brought(name: bytes, goal: Path, *, folder: int, on_effect: Callable[[str], None]) -> None:
    """Remove what ``bring`` has copied, if a kill left it there; bytes that differ are another file, and stay."""
    with _reading(name, folder) as source, _reading(os.fsencode(goal)) as copy:
        if os.path.samestat(os.fstat(source), os.fstat(copy)):
            return
        same = _are_same(source, copy)
    if same:
        _remove_link(name, folder, on_effect)
        os.fsync(folder)


def _are_same(one: int, other: int) -> bool:
    return all(piece == copy for piece, copy in itertools.zip_longest(_pieces(one), _pieces(other)))


def _remove_link(name: bytes, folder: int, on_effect: Callable[[str], None]) -> None:
    on_effect("unlink")
    os.unlink(name, dir_fd=folder)


def _copy(reading: int, goal: Path | bytes, mode: int, most: int | None = None, *, folder: int | None = None) -> None:
    writing = os.open(goal, NEW, mode, dir_fd=folder)
    try:
        os.fchmod(writing, mode)  # whatever the mask of the process is
        for piece in _pieces(reading):
            write_all(writing, piece if most is None else piece[:most], goal)
            if most is not None and (most := most - len(piece)) <= 0:
                break
        os.fsync(writing)
    finally:
        os.close(writing)


@contextlib.contextmanager
def _reading(path: bytes, folder: int | None = None) -> Iterator[int]:
    """A file open for reading, whatever kind it is; a link is not followed."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=folder)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _pieces(reading: int) -> Iterator[bytes]:
    while piece := os.read(reading, _AT_ONCE):
        yield piece


def _stat_key(found: os.stat_result) -> tuple[int, int]:
    return found.st_size, found.st_mtime_ns


def _not_brought(found: os.stat_result, most: int) -> int:
    """Why a file may not be copied in, as an errno; 0 if it may. Only this name of it is removed; another one stays."""
    if not stat.S_ISREG(found.st_mode):
        return errno.ENOTSUP
    return errno.EFBIG if found.st_size > most else 0


def write_all(descriptor: int, content: bytes, path: str | Path | bytes) -> None:
    """Write all of it, however little one call takes.

    Raises:
        OSError: the disk failed, or took nothing (EIO).
    """
    view = memoryview(content)
    while view:
        written = os.write(descriptor, view)
        if written <= 0:
            raise OSError(errno.EIO, "a write took nothing", os.fsdecode(path))
        view = view[written:]


def fsync(path: str | Path) -> None:
    """Wait until a file, or the names in a folder, are on disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
