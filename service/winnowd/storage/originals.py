"""Originals, as senders sent them: opened by descriptor, no link followed; found again by their arrival."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import os
import re
import stat
from typing import TYPE_CHECKING, Any, Final

from winnowd.layout import ARCHIVE, ORIGINALS, WHY

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PIECE: Final = 1 << 16
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


class NotAFileError(Exception):
    """A link, a FIFO, a socket, a device, or a file that has another name as well: it is not opened (INP101)."""


class ChangedWhileReadError(Exception):
    """Somebody has written to the file while it was read (SYS905)."""


def what_it_is(path: str) -> str:
    """Why something must not be opened, "" for a file with one name.

    Raises:
        OSError: it cannot be looked at.
    """
    found = os.lstat(path)
    kinds = {
        stat.S_IFLNK: "a link",
        stat.S_IFIFO: "a FIFO",
        stat.S_IFSOCK: "a socket",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFDIR: "a folder",
    }
    kind = kinds.get(stat.S_IFMT(found.st_mode), "")
    if not kind and found.st_nlink > 1:
        return "a file that has another name as well"
    return kind


def was_written(found: os.stat_result, stat_key: tuple[int, int, int]) -> bool:
    """Whether a file has changed since it was seen with this inode, size and mtime in ns.

    One with another inode is a copy that we have made: nobody else can have it open.
    """
    ino, size, mtime_ns = stat_key
    return found.st_ino == ino and (found.st_size, found.st_mtime_ns) != (size, mtime_ns)


class Original:
    """One claimed file, open for reading; ``chunks`` may be asked again and begins anew each time."""

    def __init__(self, path: str, stat_key: tuple[int, int, int] | None = None) -> None:
        """Open it; ``stat_key``: inode, size and mtime in ns that it had when it was taken.

        Raises:
            NotAFileError: it is none, or became none since.
            ChangedWhileReadError: it has been written to since.
            OSError: this file cannot be opened.
        """
        if kind := what_it_is(path):
            raise NotAFileError(kind)
        self._descriptor = os.open(path, _READ)
        found = os.fstat(self._descriptor)
        if not stat.S_ISREG(found.st_mode):
            self.close()
            raise NotAFileError("no file")
        self.size = found.st_size
        self._stat_key = (found.st_size, found.st_mtime_ns)
        if stat_key is not None and was_written(found, stat_key):
            self.close()
            raise ChangedWhileReadError

    def chunks(self, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes from ``start`` to ``end``, 64 KiB at a time, no more than the file had when it was opened."""
        at, end = start, self.size if end is None else min(end, self.size)
        while at < end:
            piece = os.pread(self._descriptor, min(PIECE, end - at), at)
            if not piece:
                raise ChangedWhileReadError
            at += len(piece)
            yield piece

    def bytes_at(self, start: int, size: int) -> bytes:
        """Some bytes from anywhere in the file as it was when it was opened, fewer at its end."""
        end = min(start + size, self.size)
        return b"".join(self.chunks(start, end))

    def confirm(self) -> None:
        """Make sure that it is still the file that was opened.

        Raises:
            ChangedWhileReadError: it is not.
        """
        found = os.fstat(self._descriptor)
        if (found.st_size, found.st_mtime_ns) != self._stat_key:
            raise ChangedWhileReadError

    def close(self) -> None:
        """Close it."""
        with contextlib.suppress(OSError):
            os.close(self._descriptor)


def originals_of(instance_dir: Path, event: Mapping[str, Any]) -> Iterator[Path]:
    """The kept original of a decision's arrival: below the day of the decision or the one after, in any folder."""
    arrival = str(event["winnowd"]["arrival"]["id"])
    decided = dt.date.fromisoformat(event["@timestamp"][:10])
    for folder in ORIGINALS:
        for day in (decided, decided + dt.timedelta(days=1)):
            for path in sorted((instance_dir / folder / f"{day:%Y/%m/%d}").glob(f"*~{arrival[:8]}*")):
                if is_original(path.name, arrival):
                    yield path


_MARKED: Final = re.compile(r"~([0-9a-f]{8})(?:\.[A-Za-z0-9]{1,8}){0,2}\Z")


def all_originals(instance_dir: Path) -> dict[str, str]:
    """Every kept original below the instance folder, by the first eight digits of its arrival."""
    found: dict[str, str] = {}
    for top in ORIGINALS:
        for folder, _, names in os.walk(instance_dir / top):
            below = os.path.relpath(folder, instance_dir)
            for name in names:
                found_mark = _MARKED.search(name)
                if found_mark and not name.endswith(WHY):
                    found[found_mark[1]] = f"{below}/{name}"
    return found


def archived_before(instance_dir: Path, day: str) -> Iterator[tuple[str, str, int]]:
    """The files of the archive from before a day (``2026-11-22``), oldest first: path, SHA-256, size.

    A name that is no UTF-8 is none of ours, and stays.
    """
    for folder in sorted((instance_dir / ARCHIVE).glob("[0-9]*/[0-9]*/[0-9]*")):
        if "-".join(folder.parts[-3:]) >= day:
            continue
        for path in sorted(folder.iterdir()):
            name = path.relative_to(instance_dir).as_posix()
            if path.is_file() and not path.is_symlink() and name.isprintable():
                with path.open("rb") as file:
                    yield name, hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size


def is_original(name: str, arrival: str) -> bool:
    """Whether a file is the whole original of an arrival, and not one of its records, nor why it was held."""
    _, _, rest = name.rpartition(f"~{arrival[:8]}")
    return not rest.startswith("-") and not name.endswith(WHY)
