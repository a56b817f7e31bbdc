"""What one look finds while a service works may be half of a step: believed is what a second look finds untouched."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final, TypeVar

from winnowd.layout import LOCK
from winnowd.storage.lock import holder

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping
    from pathlib import Path

BETWEEN_LOOKS: Final = 1.0  # s beside the index's own pace, for a service that is between two steps

Found = TypeVar("Found")
Key = TypeVar("Key", bound="Hashable")


def looked_twice(
    instance_dir: Path,
    pace: Callable[[], float],
    check: Callable[[], Found],
    paths_of: Callable[[Found], Mapping[Key, str]],
) -> tuple[Found, set[Key]]:
    """What ``check`` found, and which of its faults are to be believed.

    ``paths_of``: the faults of a look, and the path of each below the instance. While a service works, which writes
    its index each ``pace`` seconds, only those are believed that two looks find in a file that lay untouched between.
    """
    found = check()
    paths = paths_of(found)
    if not paths or not is_served(instance_dir):
        return found, set(paths)
    before = {fault: _stamp(instance_dir / path) for fault, path in paths.items()}
    time.sleep(pace() + BETWEEN_LOOKS)
    found = check()
    second = paths_of(found)
    return found, {one for one in second.keys() & before.keys() if _stamp(instance_dir / second[one]) == before[one]}


def is_served(instance_dir: Path) -> bool:
    """Whether a service works on the instance."""
    return holder(instance_dir / LOCK) is not None


def _stamp(path: Path) -> tuple[int, int] | None:
    """By what a file that the service has written since is told from one that lies as it lay."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns
