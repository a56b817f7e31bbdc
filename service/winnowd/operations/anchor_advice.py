"""How the folder of ``audit.anchor_dir`` is, for ``doctor``: whether the service can leave heads there, and did.

Nothing is made there to try it: what is made in a good witness can never be taken away.
"""

from __future__ import annotations

import datetime as dt
import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

from winnowd.audit.anchor_folder import AnchorFolder, must_lie_outside
from winnowd.audit.reader import Log, day_of
from winnowd.layout import ANCHORED, AUDIT, LOCK
from winnowd.operations.advice import Advice
from winnowd.operations.mounts import mount_of
from winnowd.storage.lock import holder

if TYPE_CHECKING:
    from collections.abc import Iterator

WHAT: Final = "anchors"
LATE: Final = dt.timedelta(hours=1)
"""How long after its end a day may wait for its head: it is sealed at midnight, which may take its time."""
_MEND: Final = "mount it, or make it the service's to write in: docs/how-to/anchor.md"
_DRAWER: Final = "a share or an export of another machine is the better witness: docs/how-to/anchor.md"


def anchors(instance_dir: Path, named: str | None, proc: Path, now: float) -> Advice:
    """How ``audit.anchor_dir`` is; the worst that is found, with all that is worth knowing beside it.

    ``now`` is in seconds since 1970, ``proc`` where the kernel tells of processes.
    """
    if named is None:
        return Advice("ok", WHAT, "off: audit.anchor_dir names no folder for heads of the log")
    folder = Path(named)
    try:
        _must_be_writable(folder, instance_dir)
        newest, said = _newest(folder)
        found = [
            Advice("ok", WHAT, said),
            *_read_only(folder, instance_dir, proc),
            *_late(newest, instance_dir, now),
            *_near(folder, instance_dir),
        ]
    except OSError as fault:
        said = f"{fault.filename or folder}: {(fault.strerror or type(fault).__name__).lower()}"
        return Advice("bad", WHAT, said, _MEND)
    state = max((one.state for one in found), key=("ok", "note", "bad").index)
    return Advice(state, WHAT, "; ".join(one.said for one in found), next((one.do for one in found if one.do), ""))


def _must_be_writable(folder: Path, instance_dir: Path) -> None:
    """Look whether it is a folder elsewhere, and who asks may make files there: ``doctor`` asks as the service's user.

    Raises:
        OSError: it is not, or may not.
    """
    must_lie_outside(folder, instance_dir)
    os.scandir(folder).close()
    if not os.access(folder, os.W_OK | os.X_OK, effective_ids=True):
        raise OSError(errno.EACCES, f"uid {os.geteuid()} may not write in it", str(folder))


def _newest(folder: Path) -> tuple[str, str]:
    """The day of the newest head, "" without any; and that in words, with the time at which it was written."""
    days = AnchorFolder.read(folder).days
    if not days:
        return "", f"no head in {folder} yet"
    written = (folder / f"{days[-1]}{ANCHORED}").stat(follow_symlinks=False).st_mtime
    return days[-1], f"the head of {days[-1]} was left {dt.datetime.fromtimestamp(written, dt.UTC):%Y-%m-%d %H:%M}Z"


def _read_only(folder: Path, instance_dir: Path, proc: Path) -> Iterator[Advice]:
    """Whether the sandbox of who serves forbids what its user may do outside of it."""
    pid = holder(instance_dir / LOCK)
    mount = mount_of(folder, proc / str(pid) / "mountinfo") if pid else None
    if mount is not None and mount.read_only:
        said = f"{folder} is read-only for pid {pid}, which works on this instance"
        yield Advice("bad", WHAT, said, f"ReadWritePaths={folder} in a drop-in of the unit: deploy/README.md")


def _late(newest: str, instance_dir: Path, now: float) -> Iterator[Advice]:
    """Whether days of the log that are over, after the newest head, have none; that of today is not due."""
    over = f"{dt.datetime.fromtimestamp(now, dt.UTC) - LATE - dt.timedelta(days=1):%Y-%m-%d}"
    due = [day for day in map(day_of, Log(instance_dir).days()) if newest < day <= over]
    due = due if newest else due[-1:]  # the first head is the last day's; what was before it, it remembers by the chain
    if not due:
        return
    said = f"{due[-1]} is over and has none" + (f", like {len(due) - 1:,} before it" if due[1:] else "")
    if holder(instance_dir / LOCK) is None:
        yield Advice("note", WHAT, said, "winnowd run: its start leaves what is due")
    else:
        yield Advice(
            "bad", WHAT, said, "winnowd log --code SYS955 says why; restart the service to have it tried again"
        )


def _near(folder: Path, instance_dir: Path) -> Iterator[Advice]:
    """A copy beside the original is lost, or taken, with it."""
    if folder.stat().st_dev == (instance_dir / AUDIT).stat().st_dev:
        yield Advice("note", WHAT, f"{folder} is on the file system of the instance", _DRAWER)
