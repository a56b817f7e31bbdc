"""What an instance needs of its machine: looked at, tried out, and each with what mends it; nothing is left behind."""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import datetime as dt
import errno
import itertools
import json
import os
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

from winnowd.audit.behind import LedgerBehindError, must_know_the_log
from winnowd.audit.reader import Log
from winnowd.daemon.child import confined_by
from winnowd.daemon.confinement import Confined, Confinement
from winnowd.daemon.serve import as_owner
from winnowd.layout import FOLDERS, HEALTH, INBOX, LEDGER, LOCK, ORIGINALS, WORK
from winnowd.operations.advice import Advice
from winnowd.operations.anchor_advice import anchors
from winnowd.operations.languages import PHRASES, language_rules
from winnowd.operations.mounts import mount_of
from winnowd.requirements import differences, installed
from winnowd.storage.free_space import FreeSpace
from winnowd.storage.ledger import Ledger, LedgerDamagedError, LedgerFault
from winnowd.storage.ledger.faults import SQLITE_VERSION
from winnowd.storage.lock import holder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from winnowd.settings import Settings

ONE_MOUNT: Final = (INBOX, WORK, *ORIGINALS)
"""Folders between which files are renamed."""
NETWORK: Final = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "fuse.sshfs", "afs"})
"""File systems whose changes by others the kernel does not tell of."""
LEAST_SQLITE: Final = (3, 35, 0)
SAFE_SQLITE: Final = (3, 51, 3)
LEAST_FILES: Final = 1_024
AHEAD: Final = dt.timedelta(minutes=5)
_TIME_ERROR: Final = 5
_IN_CLOSE_WRITE: Final = 8

_libc = ctypes.CDLL(None, use_errno=True)


@dataclasses.dataclass(frozen=True, slots=True)
class World:
    """The machine around an instance, so far as it is asked."""

    proc: Path = Path("/proc")
    systemd: Path = Path("/run/systemd/system")
    units: tuple[Path, ...] = (
        Path("/etc/systemd/system/winnowd.service"),
        Path("/usr/lib/systemd/system/winnowd.service"),
        Path("/lib/systemd/system/winnowd.service"),
    )
    now: Callable[[], float] = time.time
    rename: Callable[[Path, Path], object] = os.rename
    sqlite: str = SQLITE_VERSION
    installed: Callable[[str], str | None] = installed
    confined: Callable[[Confinement], Confined] = confined_by
    synchronised: Callable[[], bool] = lambda: _is_synchronised()  # noqa: PLW0108 - it stands below


def diagnose(instance_dir: Path, settings: Settings, world: World | None = None) -> Iterator[Advice]:
    """Look at everything, in the order in which a start would meet it; root looks as the owner of the instance."""
    as_owner(instance_dir)
    world = world or World()
    missing = [name for name in FOLDERS if not (instance_dir / name).is_dir()]
    yield _folders(instance_dir, missing)
    if missing:
        return
    yield _rights(instance_dir)
    yield _one_mount(instance_dir, world)
    yield _file_system(instance_dir, settings, world)
    yield _watches(instance_dir, world)
    yield _disk(instance_dir, settings)
    yield _clock(instance_dir, world)
    yield _files(world)
    yield _workers(instance_dir, settings, world)
    yield _lock(instance_dir)
    yield _ledger(instance_dir)
    yield anchors(instance_dir, settings.audit.anchor_dir, world.proc, world.now())
    yield _sqlite(world)
    yield _packages(world)
    yield _languages(settings)
    yield _unit(world)


def _folders(instance_dir: Path, missing: list[str]) -> Advice:
    if missing:
        return Advice("bad", "folders", f"{', '.join(missing)} missing", f"winnowd init {instance_dir}")
    return Advice("ok", "folders", f"all {len(FOLDERS)} are there")


def _rights(instance_dir: Path) -> Advice:
    """Whether we may do in each folder what must be done there, and whether all of them have one owner."""
    closed = [name for name in FOLDERS if not os.access(instance_dir / name, os.R_OK | os.W_OK | os.X_OK)]
    if closed:
        do = f"chown -R the service's user, e.g. chown -R winnowd: {instance_dir}"
        return Advice("bad", "rights", f"uid {os.geteuid()} may not write in {', '.join(closed)}", do)
    owners = {(instance_dir / name).stat().st_uid for name in FOLDERS if name not in {INBOX, "config"}}
    if len(owners) > 1:
        said = f"folders belong to several users: {', '.join(map(str, sorted(owners)))}"
        return Advice("bad", "rights", said, f"chown -R one user, e.g. chown -R winnowd: {instance_dir}")
    if (instance_dir / WORK).stat().st_mode & 0o077:
        return Advice("note", "rights", f"others may look into {WORK}", f"chmod 700 {instance_dir / WORK}")
    return Advice("ok", "rights", f"uid {os.geteuid()} may write everywhere")


def _one_mount(instance_dir: Path, world: World) -> Advice:
    """Rename a file through all folders that files are renamed between."""
    name = f".winnowd-doctor-{os.getpid()}"
    at = instance_dir / ONE_MOUNT[0] / name
    try:
        at.touch()
        for folder in (*ONE_MOUNT[1:], ONE_MOUNT[0]):
            world.rename(at, instance_dir / folder / name)
            at = instance_dir / folder / name
    except OSError as fault:
        if fault.errno == errno.EXDEV:
            work = at.parent.relative_to(instance_dir)
            said = f"{work} and {folder} are different mounts: files are copied between them"
            return Advice("note", "mount", said, "let one mount hold the instance: one StateDirectory, one volume")
        return Advice("bad", "mount", f"{fault.strerror or fault} in {at.parent}", "mend that, then ask again")
    finally:
        for folder in ONE_MOUNT:
            with contextlib.suppress(OSError):
                (instance_dir / folder / name).unlink()
    return Advice("ok", "mount", f"{len(ONE_MOUNT)} folders are one mount: a claim is a rename")


def _file_system(instance_dir: Path, settings: Settings, world: World) -> Advice:
    mount = mount_of(instance_dir / INBOX, world.proc / "self" / "mountinfo")
    kind = mount.kind if mount else ""
    if kind in NETWORK and not settings.inbox.poll:
        said = f"the inbox lies on {kind}: the kernel does not tell what others do there"
        return Advice("bad", "inbox", said, "set inbox.poll = true")
    return Advice("ok", "inbox", f"it lies on {kind or 'a file system'}" + (", polled" if settings.inbox.poll else ""))


def _watches(instance_dir: Path, world: World) -> Advice:
    """Whether the kernel gives a watch, and enough of them for every folder of the inbox."""
    folders = 2 + sum(len(names) for _, names, _ in os.walk(instance_dir / INBOX))
    do = "sysctl fs.inotify.max_user_watches=524288 (in /etc/sysctl.d/ for good); till then all is swept"
    if fault := _watch_fault(instance_dir / INBOX):
        return Advice("bad", "inotify", f"the kernel gives no watch ({fault})", do)
    try:
        most = int((world.proc / "sys/fs/inotify/max_user_watches").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return Advice("note", "inotify", "a watch is given; how many there may be is not told")
    if most < 2 * folders:
        return Advice("bad", "inotify", f"{most:,} watches for all programs of a user, {folders:,} folders here", do)
    return Advice("ok", "inotify", f"{folders:,} folders to watch, {most:,} watches may be had")


def _watch_fault(folder: Path) -> str:
    descriptor = _libc.inotify_init1(os.O_CLOEXEC)
    if descriptor < 0:
        return errno.errorcode.get(ctypes.get_errno(), "error")
    try:
        if _libc.inotify_add_watch(descriptor, os.fsencode(folder), _IN_CLOSE_WRITE) < 0:
            return errno.errorcode.get(ctypes.get_errno(), "error")
    finally:
        os.close(descriptor)
    return ""


def _disk(instance_dir: Path, settings: Settings) -> Advice:
    free_space = settings.disk
    fault = FreeSpace(instance_dir, free_bytes=free_space.floor_bytes, free_inodes=free_space.floor_inodes).fault()
    if fault:
        return Advice("bad", "disk", fault, "make room, or lower disk.floor_bytes or disk.floor_inodes")
    free = os.statvfs(instance_dir).f_bavail * os.statvfs(instance_dir).f_frsize
    return Advice("ok", "disk", f"{free / 2**30:,.1f} GiB free, the floor is {free_space.floor_bytes / 2**30:,.1f}")


def _clock(instance_dir: Path, world: World) -> Advice:
    """Whether the clock is behind what it was: then the log's days go on with the last one until it is made up."""
    now = dt.datetime.fromtimestamp(world.now(), dt.UTC)
    last = _last_event(instance_dir)
    if last is not None and last > now + AHEAD:
        said = f"it is {now:%Y-%m-%d %H:%M}Z, and the log's last event is of {last:%Y-%m-%d %H:%M}Z"
        return Advice("bad", "clock", said, "set the clock (timedatectl); the log's days wait for it")
    if not world.synchronised():
        return Advice("note", "clock", f"{now:%Y-%m-%d %H:%M}Z, kept by nobody", "timedatectl set-ntp true")
    return Advice("ok", "clock", f"{now:%Y-%m-%d %H:%M}Z, kept by a time server")


def _last_event(instance_dir: Path) -> dt.datetime | None:
    with contextlib.suppress(OSError, ValueError, KeyError, EOFError):
        for line in Log(instance_dir).newest(1):
            return dt.datetime.fromisoformat(line.event()["@timestamp"])
    return None


def _is_synchronised() -> bool:
    """What the kernel knows of it (adjtimex, which changes nothing without modes)."""
    return int(_libc.adjtimex(ctypes.create_string_buffer(512))) != _TIME_ERROR


def _files(world: World) -> Advice:
    """How many files this user's processes may have open."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        limits = (world.proc / "self" / "limits").read_text(encoding="ascii", errors="replace")
        found = re.search(r"^Max open files\s+(\d+)", limits, re.MULTILINE)
        if found is not None and int(found[1]) < LEAST_FILES:
            return Advice("bad", "open files", f"at most {int(found[1]):,}", "LimitNOFILE=4096, or ulimit -n 4096")
        if found is not None:
            return Advice("ok", "open files", f"at most {int(found[1]):,}")
    return Advice("note", "open files", "how many may be open is not told")


def _workers(instance_dir: Path, settings: Settings, world: World) -> Advice:
    """How far workers are confined: as one of the running service said, else as one that is begun here says.

    The unit's sandbox is around the first only, and may forbid what the kernel could do.
    """
    confine = settings.workers.confine
    if not settings.workers.processes:
        said = "none (workers.count = 0): hostile files are read in the service itself"
        return Advice("note", "workers", said, 'set workers.count to "auto"')
    if confine == "off":
        return Advice(
            "note", "workers", "not confined: they may do what the service may", 'set workers.confine = "auto"'
        )
    where = "one of the running service says"
    try:
        if holder(instance_dir / LOCK) is None:
            where = "one begun here says"
            confined = world.confined(Confinement("auto", (str(instance_dir / WORK),)))
        else:
            confined = Confined.of(json.loads((instance_dir / HEALTH).read_bytes())["workers"]["confined"])
    except (OSError, ValueError, KeyError, TypeError):
        return Advice("note", "workers", "none has said how far it is confined", "ask again in a minute")
    if confined.lacks:
        state: Literal["note", "bad"] = "bad" if confine == "require" else "note"
        do = "a kernel of 6.12 or newer, x86_64 or aarch64, with Landlock in its list of security modules"
        return Advice(state, "workers", f"confined by {confined} alone, {where}; {'; '.join(confined.lacks)}", do)
    return Advice("ok", "workers", f"confined by {confined}, {where}")


def _lock(instance_dir: Path) -> Advice:
    pid = holder(instance_dir / LOCK)
    waiting = sum(1 for _ in itertools.islice((instance_dir / WORK).iterdir(), 100_000))
    if pid is not None:
        return Advice("ok", "lock", f"pid {pid} works on this instance")
    if waiting:
        return Advice("note", "lock", f"nobody works here; {waiting:,} files wait in {WORK}", "winnowd run")
    return Advice("ok", "lock", "free: nobody works on this instance")


def _ledger(instance_dir: Path) -> Advice:
    try:
        must_know_the_log(instance_dir)
        ledger = Ledger.read(instance_dir / LEDGER)
    except FileNotFoundError:
        return Advice("ok", "ledger", "none yet; the first run makes it")
    except (LedgerBehindError, LedgerDamagedError) as fault:
        return Advice("bad", "ledger", str(fault), "winnowd ledger rebuild")
    with contextlib.closing(ledger):
        try:
            return Advice("ok", "ledger", f"{ledger.decisions.in_corpus():,} articles in the corpus")
        except LedgerFault as fault:
            return Advice("bad", "ledger", str(fault), "winnowd ledger rebuild")


def _sqlite(world: World) -> Advice:
    """Versions before 3.51.3 can damage a ledger that two processes write: here only one does."""
    version = tuple(int(part) for part in world.sqlite.split(".")[:3])
    if version < LEAST_SQLITE:
        do = "use a Python that brings a newer one"
        return Advice("bad", "sqlite", f"{world.sqlite}, {'.'.join(map(str, LEAST_SQLITE))} is needed", do)
    if version < SAFE_SQLITE:
        return Advice("ok", "sqlite", f"{world.sqlite}; let no other program write to the ledger")
    return Advice("ok", "sqlite", world.sqlite)


def _packages(world: World) -> Advice:
    """Another version of a package may decide otherwise than the one that was tested."""
    found = differences(world.installed)
    if found:
        said = ", ".join(f"{one.name} {one.installed} (locked {one.locked})" for one in found)
        return Advice("note", "packages", said, "install the versions in requirements.lock: these were not tested")
    return Advice("ok", "packages", "those installed have the versions in requirements.lock")


def _languages(settings: Settings) -> Advice:
    """What is not asked of accepted languages; without a list of phrases residue stays in their articles."""
    rules = list(language_rules(settings))
    said = "; ".join(one.said for one in rules) or "none is asked for"
    if any(PHRASES in one.skipped for one in rules):
        return Advice("note", "languages", said, "a list is easily written: docs/adding-a-language.md")
    return Advice("ok", "languages", said)


def _unit(world: World) -> Advice:
    found = [path for path in world.units if path.exists()]
    if found:
        return Advice("ok", "unit", str(found[0]))
    if not world.systemd.is_dir():
        return Advice("ok", "unit", "no systemd here: start it as you start other services")
    return Advice("note", "unit", "systemd does not know it; it ends with your session", "see deploy/README.md")
