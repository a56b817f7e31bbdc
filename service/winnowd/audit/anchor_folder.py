"""The folder of ``audit.anchor_dir``: the head of each day that was sealed, in a file that is written once.

A log whose end was cut, or that was written anew, is not the one that is remembered there. Which days must be there
follows from the oldest one that is: every sealed day from it on.
"""

from __future__ import annotations

import errno
import os
import re
import stat
from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.audit.head_line import anchors_told, days_told
from winnowd.audit.reader import day_of
from winnowd.layout import ANCHORED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from winnowd.audit.chain_check import Anchor

_NAME: Final = re.compile(rf"(\d{{4}}-\d\d-\d\d){re.escape(ANCHORED)}", re.ASCII)
_LONGEST: Final = 4_096
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # others may put things there


class AnchorFolder(NamedTuple):
    """What was read of one: each file's name, and its text as far as it can be read."""

    path: Path
    texts: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> AnchorFolder:
        """Read it; what has another name is somebody else's.

        Raises:
            OSError: it, or a file in it, cannot be read.
        """
        names = sorted(entry.name for entry in path.iterdir() if _NAME.fullmatch(entry.name))
        return cls(path, {name: _text(path / name) for name in names})

    @property
    def days(self) -> list[str]:
        """The days that it has a file of, oldest first."""
        return [name.removesuffix(ANCHORED) for name in self.texts]

    def anchors(self) -> Iterator[Anchor]:
        """The lines of the log that it remembers."""
        for name, text in self.texts.items():
            yield from anchors_told(text, str(self.path / name))

    def faults(self, files: Iterable[str]) -> Iterator[tuple[str, str]]:
        """What is wrong with it beside the log of these files (``audit/2026/11/22.jsonl.gz``): where, and what."""
        for name, text in self.texts.items():
            if days_told(text) != {name.removesuffix(ANCHORED)}:
                yield str(self.path / name), "is not the head of that day, as the service wrote it"
        sealed = [day_of(file) for file in files if file.endswith(".gz")]
        if not self.texts:
            if sealed:
                yield str(self.path), "holds no head of a day; the service writes one at its start, and with each seal"
            return
        days = set(self.days)
        for day in sealed:
            if day >= min(days) and day not in days:
                yield str(self.path / f"{day}{ANCHORED}"), "is missing: the head of a day that is sealed"


def must_lie_outside(path: Path, instance_dir: Path) -> None:
    """Look whether the folder is elsewhere, wherever links lead.

    Raises:
        OSError: it lies in the instance.
    """
    if path.resolve().is_relative_to(instance_dir.resolve()):
        raise OSError(0, "lies in the instance, whose owner could change it with the log", str(path))


def _text(path: Path) -> str:
    descriptor = os.open(path, _READ)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "is no file", str(path))
        return os.read(descriptor, _LONGEST).decode("ascii", "replace")
    finally:
        os.close(descriptor)
