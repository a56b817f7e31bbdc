"""Putting files into the inbox that came over the network: beside their names, on disk, then renamed, all or none.

The folder of a feed is entered by descriptors: no link that another sender laid there is followed.
"""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.storage.copies import NEW, write_all
from winnowd.storage.disk import Disk

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path
    from typing import BinaryIO

_PIECE: Final = 1 << 20
_ROOT: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_FOLDER: Final = _ROOT | os.O_NOFOLLOW


class Coming(NamedTuple):
    """A file to be put there: its name, which is ours, its marker's ("" without one), and what is to be read."""

    name: str
    marker: str
    content: BinaryIO


def put(inbox: Path, feed: str, files: Sequence[Coming]) -> list[int]:
    """Put these into the folder of a feed, which is made if need be; gives the size of each. On disk when it returns.

    Raises:
        OSError: it failed, or a step of the folder is a link or no folder; then none of them lies there, except
            what the service has taken already.
    """
    disk = Disk(inbox.parent)
    with _opened(inbox, feed) as folder, contextlib.ExitStack() as undone:
        sizes = []
        for one in files:
            temp = _temp(one.name)
            undone.callback(_removed, temp, folder)
            sizes.append(_written(temp, folder, one.content))
        for one in files:
            disk.rename_at(_temp(one.name), one.name.encode(), source_folder=folder, goal_folder=folder)
            undone.callback(_removed, one.name.encode(), folder)
        os.fsync(folder)
        for one in files:
            if one.marker:
                disk.lay_at(one.marker.encode(), folder=folder)
        undone.pop_all()
    return sizes


def _temp(name: str) -> bytes:
    """A name that every scan of the inbox passes over: hidden, and of a file that is being written."""
    return f".{name}.part".encode()


def _written(temp: bytes, folder: int, content: BinaryIO) -> int:
    """The size of what was written under this name, and is on disk."""
    descriptor = os.open(temp, NEW, 0o644, dir_fd=folder)
    try:
        size = 0
        while piece := content.read(_PIECE):
            write_all(descriptor, piece, os.fsdecode(temp))
            size += len(piece)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    return size


def _removed(name: bytes, folder: int) -> None:
    with contextlib.suppress(FileNotFoundError):
        os.unlink(name, dir_fd=folder)


@contextlib.contextmanager
def _opened(inbox: Path, feed: str) -> Iterator[int]:
    """The folder of a feed, made step by step; each new one is on disk."""
    descriptor = os.open(inbox, _ROOT)
    try:
        for step in feed.split("/") if feed else ():
            with contextlib.suppress(FileExistsError):
                os.mkdir(step, dir_fd=descriptor)  # as umask or the folder's own list of rights has it
                os.fsync(descriptor)
            below = os.open(step, _FOLDER, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
        yield descriptor
    finally:
        os.close(descriptor)
