"""The files of ``state/notify`` as the one that tells people of them fetches, keeps and ends them.

A summary lies in the folder itself until it is fetched, in ``sending/`` until that is over, then in ``delivered/`` or
``failed/``: each of these holds one of each name, so none grows. The service that writes them trusts nothing here, and
this trusts nothing of the service's but what it writes.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import stat
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from winnowd.layout import NOTIFY
from winnowd.storage import outside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LONGEST: Final = 1 << 16
SENDING: Final = "sending"
ENDING: Final = ".json"
Result = Literal["delivered", "failed"]
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class Summary(NamedTuple):
    """One that was fetched: its file's name, its bytes."""

    name: str
    content: bytes

    @property
    def event(self) -> str:
        """The kind of event that it tells of."""
        return self.name.removesuffix(ENDING)


class Outbound:
    """The folder, held by one process at a time."""

    def __init__(self, instance_dir: Path) -> None:
        self._folder = instance_dir / NOTIFY

    def is_waiting(self) -> bool:
        """Whether there is one to be told of."""
        return bool(self._names(self._folder) or self._names(self._folder / SENDING))

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder, made if it is not there.

        Raises:
            BlockingIOError: another process holds it.
            OSError: it is not ours to write to.
        """
        for name in (SENDING, "delivered", "failed"):
            os.makedirs(self._folder / name, exist_ok=True)
        descriptor = os.open(self._folder / SENDING, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        finally:
            os.close(descriptor)

    def fetch(self) -> list[Summary]:
        """Those that an earlier process has not come to the end of, and those that wait; what is none is put away."""
        for name in self._names(self._folder):
            if not (self._folder / SENDING / name).exists():  # else it waits until the one before it is over
                os.rename(self._folder / name, self._folder / SENDING / name)
        fetched = []
        for name in self._names(self._folder / SENDING):
            if (content := _content(self._folder / SENDING / name)) is None:
                self.finish(name, "failed")
            else:
                fetched.append(Summary(name, content))
        return fetched

    def finish(self, name: str, result: Result) -> None:
        """Keep one as delivered or failed, in the place of the last of its name."""
        os.rename(self._folder / SENDING / name, self._folder / result / name)

    def _names(self, folder: Path) -> list[str]:
        try:
            return sorted(
                entry.name
                for entry in os.scandir(folder)
                if entry.name.endswith(ENDING) and not entry.name.startswith(".") and not entry.is_dir()
            )
        except FileNotFoundError:
            return []


def leave(instance_dir: Path, event: str, content: bytes) -> None:
    """Put a summary down to be fetched, as the service does.

    Raises:
        OSError: the folder is not there, or not ours to write to.
    """
    outside.replace(instance_dir / NOTIFY / f"{event}{ENDING}", content)


def _content(path: Path) -> bytes | None:
    """The bytes of a summary; None of what is no file, too long, or no JSON object."""
    try:
        descriptor = os.open(path, _READ)
    except OSError:
        return None
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > LONGEST:
            return None
        content = os.read(descriptor, LONGEST)
    finally:
        os.close(descriptor)
    try:
        read: Any = json.loads(content)
    except ValueError:
        return None
    return content if isinstance(read, dict) else None
