"""Orders as files in ``state/orders``: one each, written whole; read as hostile; their results left for who waits."""

from __future__ import annotations

import contextlib
import errno
import grp
import json
import os
import pwd
import re
import stat
import uuid
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from winnowd.layout import ORDERS
from winnowd.storage.disk import EXHAUSTED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from winnowd.storage.disk import Disk

LONGEST: Final = 1 << 16
MOST_TARGETS: Final = 500
LONGEST_TARGET: Final = 300
LONGEST_REASON: Final = 4_000
ENDING: Final = ".json"
DONE: Final = "done"
REFUSED: Final = "refused"
_NOT_MOVED: Final = frozenset({errno.EACCES, errno.EPERM, errno.EBUSY, errno.EXDEV, errno.ENOENT})
_ID: Final = re.compile(r"[0-9a-f-]{36}")
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class OrderInvalidError(Exception):
    """A file that is no order, or not from somebody who may give one (SYS932); the text says why, quoting nothing."""


class OrderFile(BaseModel):
    """What stands in an order's file. ``user`` is what the page or command knew; the file's owner is the proof.

    ``undoes``: the order that a restore is to take back, and no other that came after it; ``was``: the outcome that
    whoever gave it saw, and without which it is not meant.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    at: Annotated[str, Field(max_length=40)]
    user: Annotated[str, Field(max_length=100)]
    via: Literal["cli", "web", "review"]
    action: Literal["release", "confirm", "retract", "restore", "erase"]
    targets: Annotated[
        list[Annotated[str, Field(min_length=1, max_length=LONGEST_TARGET)]],
        Field(min_length=1, max_length=MOST_TARGETS),
    ]
    reason: Annotated[str, Field(min_length=1, max_length=LONGEST_REASON)]
    replace: bool = False
    forget: bool = False
    yes: bool = False
    undoes: Annotated[str, Field(max_length=36)] | None = None
    was: Literal["quarantined"] | None = None

    def written(self) -> bytes:
        """As it stands in the file; what it does not say is left out, so that an older service reads it."""
        return self.model_dump_json(exclude_none=True).encode()


def give(instance_dir: Path, order: str, content: OrderFile) -> None:
    """Write an order: beside, synced, renamed; that rename rings the doorbell."""
    folder = instance_dir / ORDERS
    temp_path, goal = folder / f".{order}", folder / f"{order}{ENDING}"
    descriptor = os.open(temp_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o660)
    try:
        os.write(descriptor, content.written())
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.rename(temp_path, goal)


class OrderBook:
    """The orders that wait, in the order in which they were given (their names are UUIDv7)."""

    def __init__(self, disk: Disk, group: str | None = None) -> None:
        self._disk = disk
        self._folder = disk.path(ORDERS)
        self._group = group
        self._left: set[str] = set()

    def waiting(self) -> list[str]:
        """The ids of orders that wait; other files in the folder are none."""
        names = [entry.name for entry in os.scandir(self._folder) if entry.name.endswith(ENDING)]
        waiting = sorted(name.removesuffix(ENDING) for name in names if not name.startswith("."))
        return [order for order in waiting if order not in self._left]

    def read(self, order: str) -> tuple[OrderFile, int, str]:
        """An order, the uid of its file's owner, and that user's name.

        Raises:
            OrderInvalidError: it is none.
            OSError: the machine has no descriptor, or no memory, to open it: that says nothing of the order.
        """
        content, owner = self._content(order)
        name = _user_name(owner)
        if not self._may(owner, name):
            raise OrderInvalidError(f"uid {owner} may give no orders; see orders.group")
        try:
            return OrderFile.model_validate_json(content), owner, name
        except ValidationError as fault:
            wrong = fault.errors(include_input=False, include_url=False, include_context=False)
            fields = ", ".join(".".join(map(str, one["loc"])) or "the file" for one in wrong[:3])
            raise OrderInvalidError(f"{fields}: not as an order has it ({wrong[0]['type']})") from None
        except ValueError:
            raise OrderInvalidError("it is no JSON") from None

    def _content(self, order: str) -> tuple[bytes, int]:
        """The bytes of an order, and the uid of its file's owner; raises as ``read`` does."""
        if not _ID.fullmatch(order):
            raise OrderInvalidError("its name is no UUID")
        try:
            descriptor = os.open(self._folder / f"{order}{ENDING}", _READ)
        except OSError as fault:
            if fault.errno in EXHAUSTED:
                raise
            raise OrderInvalidError(f"it cannot be opened: {errno.errorcode.get(fault.errno or 0, 'error')}") from None
        try:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode):
                raise OrderInvalidError("it is no file")
            if found.st_size > LONGEST:
                raise OrderInvalidError(f"it has {found.st_size} bytes; an order has at most {LONGEST}")
            return os.read(descriptor, LONGEST), found.st_uid
        finally:
            os.close(descriptor)

    def _may(self, uid: int, name: str) -> bool:
        if uid in {0, os.geteuid()}:
            return True
        if self._group is None:
            return False
        try:
            return name in grp.getgrnam(self._group).gr_mem
        except KeyError:
            return False

    def finish_order(self, order: str, results: list[dict[str, Any]]) -> None:
        """Leave the results for whoever waits, and take the order away."""
        self._tell(order, results)
        self._disk.remove(self._folder / f"{order}{ENDING}")

    def refuse(self, order: str, because: str) -> None:
        """Set an invalid order aside as it is, under a name of ours, and tell whoever waits; what stays is left alone.

        Others may write to the folder of orders: whatever lies there in an order's place must not stop us.
        """
        if _ID.fullmatch(order) and not os.path.lexists(self._folder / DONE / f"{order}{ENDING}"):
            self._tell(order, [{"state": "refused", "because": because}])
        found = self._folder / f"{order}{ENDING}"
        try:
            with self._ours(REFUSED, 0o700) as folder:
                self._disk.rename_at(found, _fresh(), goal_folder=folder)
        except OSError as fault:
            if fault.errno not in _NOT_MOVED:
                raise
            self._hide(order, found)
        self._disk.touched(self._folder)

    def _hide(self, order: str, found: Path) -> None:
        """Another's folder cannot be moved, but renamed; a mount point neither: it stays, and is no order any more."""
        try:
            self._disk.rename_at(found, self._folder / os.fsdecode(b"." + _fresh()))
        except OSError as fault:
            if fault.errno not in _NOT_MOVED:
                raise
            self._left.add(order)

    def _tell(self, order: str, results: list[dict[str, Any]]) -> None:
        content = json.dumps({"order": order, "results": results}).encode() + b"\n"
        name, temp_path = f"{order}{ENDING}".encode(), _fresh()
        with self._ours(DONE, 0o755) as folder:
            descriptor = os.open(temp_path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644, dir_fd=folder)
            with open(descriptor, "wb") as file:
                os.fchmod(descriptor, 0o644)  # whatever the folder's default ACL took: who gave the order may read it
                file.write(content)
            os.rename(temp_path, name, src_dir_fd=folder, dst_dir_fd=folder)  # over that of a run that was killed
        self._disk.touched(self._folder / DONE, self._folder / DONE / f"{order}{ENDING}")

    @contextlib.contextmanager
    def _ours(self, name: str, mode: int) -> Iterator[int]:
        """A folder beside the orders, by its descriptor: the owner's, and nobody else may write to it.

        What another has put in its place is set aside.
        """
        path = self._folder / name
        with contextlib.suppress(FileExistsError):
            path.mkdir(mode)
        if path.is_symlink() or not path.is_dir() or path.stat().st_uid != os.geteuid():
            self._disk.rename_at(path, self._folder / os.fsdecode(b"." + _fresh()))
            path.mkdir(mode)
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            found = os.fstat(descriptor)
            if found.st_uid != os.geteuid():
                raise PermissionError(errno.EPERM, "somebody has put a folder of theirs in its place", str(path))
            if stat.S_IMODE(found.st_mode) != mode:
                os.fchmod(descriptor, mode)
            yield descriptor
        finally:
            os.close(descriptor)


def results(instance_dir: Path, order: str) -> list[dict[str, Any]] | None:
    """What became of an order's targets; None while it waits. Of an order that was refused as a whole it says so."""
    try:
        read = json.loads((instance_dir / ORDERS / DONE / f"{order}{ENDING}").read_bytes())
    except FileNotFoundError:
        return None
    found: list[dict[str, Any]] = read["results"]
    return found


def _fresh() -> bytes:
    """A name that nobody can foresee."""
    return str(uuid.uuid4()).encode()


def _user_name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
