"""What a process sees mounted where, as the kernel tells it (proc(5), ``/proc/PID/mountinfo``)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Mount(NamedTuple):
    """A mount: where it begins, the type of its file system, and whether nobody may write there by it."""

    point: str
    kind: str
    read_only: bool


def mount_of(path: Path, mountinfo: Path) -> Mount | None:
    """The one that a path lies in, by the longest mount point above it; None if that is not told."""
    try:
        lines = mountinfo.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return None
    best: Mount | None = None
    resolved = path.resolve()
    for mount in filter(None, map(_mount, lines)):
        if resolved.is_relative_to(mount.point) and (best is None or len(mount.point) >= len(best.point)):
            best = mount
    return best


def _mount(line: str) -> Mount | None:
    fields, _, rest = (part.split(" ") for part in line.partition(" - "))
    if len(fields) < 6:
        return None
    point = re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), fields[4])
    options = {*fields[5].split(","), *rest[-1].split(",")}
    return Mount(point, rest[0], "ro" in options)
