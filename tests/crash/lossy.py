"""A disk that keeps only what was synced: recorded below ``os`` in a child, which ends with what a cut leaves.

It promises less than any file system of today: names and bytes are kept only once a sync has covered them, nothing is
committed along with something else, and a folder's entry is no use in a folder that is lost itself. What SQLite writes
is not seen here; it is kept up to the last commit if that waits for the disk (``synchronous`` FULL), else not at all.
"""

from __future__ import annotations

import os
import random
import shutil
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from winnowd.layout import LEDGER
from winnowd.storage import disk, unsynced
from winnowd.storage.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable

Loss = Literal["bytes", "names", "some"]
LOSSES: Final[tuple[Loss, ...]] = ("bytes", "names", "some")
"""What a cut takes of what was not synced: the bytes but not the names, names and bytes, or by chance."""
_SQLITE: Final = ("", "-wal", "-shm", "-journal")
_FULL: Final = 2
_HERE: Final = -100  # AT_FDCWD


@dataclass(eq=False)
class Node:
    """A file, link or folder; ``kept`` is what of a file's bytes is on disk."""

    kind: int
    kept: bytes = b""
    target: str = ""


@dataclass(frozen=True)
class Step:
    """One change of names, whole or not at all: names that go, and one that comes."""

    gone: tuple[str, ...] = ()
    comes: str = ""
    node: Node | None = None


@dataclass
class LossyDisk:
    """Follows all changes below ``instance_dir`` from ``record`` on; ``careless``: the inbox was never synced."""

    instance_dir: Path
    careless: bool = False
    _names: dict[str, Node] = field(default_factory=dict)
    _kept: dict[str, Node] = field(default_factory=dict)
    _steps: list[Step] = field(default_factory=list)
    _dirty: dict[int, Node] = field(default_factory=dict)
    _nodes: dict[int, Node] = field(default_factory=dict)
    _synchronous: list[int] = field(default_factory=list)  # of each ledger opened: it may be closed when the power goes

    def record(self) -> None:
        """Begin: all that lies there is on disk. In a child of its own, since ``os`` is changed for good."""
        for path in sorted(self.instance_dir.rglob("*")):
            name = path.relative_to(self.instance_dir).as_posix()
            if not name.startswith(LEDGER):
                node = self._look(path)
                self._names[name] = self._kept[name] = node
                if self.careless and name.startswith("inbox/") and stat.S_ISREG(node.kind):
                    node.kept = b""
                    self._dirty[path.stat().st_ino] = node
        _Recorder(self).install()
        opened = Ledger.open

        def remembered(*arguments: Any) -> Ledger:
            ledger = opened(*arguments)
            self._synchronous.append(ledger._connection.execute("PRAGMA synchronous").fetchone()[0])
            return ledger

        Ledger.open = remembered  # type: ignore[method-assign,assignment]

    def _look(self, path: Path) -> Node:
        found = path.lstat()
        if path.is_symlink():
            return Node(found.st_mode, target=str(path.readlink()))
        node = Node(found.st_mode, path.read_bytes() if path.is_file() else b"")
        self._nodes[found.st_ino] = node
        return node

    # what the recorder tells

    def made(self, name: str, target: str = "") -> None:
        """A file, link or folder is new."""
        found = (self.instance_dir / name).lstat()
        node = self._nodes[found.st_ino] = Node(found.st_mode, target=target)
        self._names[name] = node
        self._steps.append(Step((), name, node))

    def written(self, inode: int) -> None:
        """A file's bytes are others than those on disk."""
        if inode in self._nodes:
            self._dirty[inode] = self._nodes[inode]

    def moved(self, source: str, goal: str) -> None:
        """A name is another; what stood there is gone."""
        node = self._names.pop(source)
        self._names[goal] = node
        self._steps.append(Step((source,), goal, node))

    def removed(self, name: str) -> None:
        """A name is gone."""
        self._names.pop(name)
        self._steps.append(Step((name,)))

    def synced(self, name: str, inode: int) -> None:
        """A file's bytes are on disk, or the names in a folder."""
        node = self._names.get(name)
        if not name or (node is not None and stat.S_ISDIR(node.kind)):
            mine = [step for step in self._steps if name in _folders(step)]
            self._steps = [step for step in self._steps if name not in _folders(step)]
            self._keep(mine)
        elif (dirty := self._dirty.pop(inode, None)) is not None:
            dirty.kept = (self.instance_dir / name).read_bytes()

    def all_synced(self) -> None:
        """All of it is on disk."""
        for inode, node in self._dirty.items():
            node.kept = self._bytes_now(inode)
        self._dirty.clear()
        self._keep(self._steps)
        self._steps = []

    def _bytes_now(self, inode: int) -> bytes:
        node = self._nodes[inode]
        names = [name for name, one in self._names.items() if one is node]
        return (self.instance_dir / names[0]).read_bytes() if names else node.kept

    def _keep(self, steps: list[Step], into: dict[str, Node] | None = None) -> None:
        names = self._kept if into is None else into
        for step in steps:
            for name in step.gone:
                names.pop(name, None)
            if step.node is not None:
                names[step.comes] = step.node

    # the cut

    def lay_out(self, loss: Loss, seed: int) -> None:
        """Make of the instance's folder what a cut now would leave of it; each file stays the one that it is."""
        rng = random.Random(seed)  # noqa: S311 - the same cut each time
        names, steps = dict(self._kept), list(self._steps)
        survive = {"bytes": len(steps), "names": 0, "some": rng.randrange(len(steps) + 1)}[loss]
        self._keep(steps[:survive], names)
        for inode, node in self._dirty.items():
            if loss == "some" and rng.random() < 0.7:
                content = self._bytes_now(inode)
                safe = len(node.kept) if content.startswith(node.kept) else 0  # what was synced before an append stays
                new = len(content) - safe
                node.kept = content[: safe + rng.choice([0, new // 2, new])]
        _Recorder.give_back()
        left = self.instance_dir.with_name(f"{self.instance_dir.name}-left")
        left.mkdir()
        lie = {node: name for name, node in self._names.items()}
        for name, node in sorted(names.items()):
            if (left / name).parent.is_dir():
                _bring(self.instance_dir / lie[node] if node in lie else None, left / name, node)
        self._keep_ledger(left)
        shutil.rmtree(self.instance_dir)
        left.rename(self.instance_dir)

    def _keep_ledger(self, left: Path) -> None:
        (left / LEDGER).parent.mkdir(exist_ok=True)
        for ending in _SQLITE[: 2 if all(mode >= _FULL for mode in self._synchronous) else 1]:
            path = self.instance_dir / f"{LEDGER}{ending}"
            if path.exists():
                shutil.copyfile(path, left / f"{LEDGER}{ending}")


def _folders(step: Step) -> set[str]:
    return {name.rpartition("/")[0] for name in (*step.gone, step.comes) if name}


def _bring(source: Path | None, goal: Path, node: Node) -> None:
    """Put a file where the cut leaves it, with the bytes that it leaves; one that was removed already is made anew."""
    if stat.S_ISDIR(node.kind):
        goal.mkdir(exist_ok=True)
    elif source is not None:
        source.rename(goal)
    elif stat.S_ISLNK(node.kind):
        goal.symlink_to(node.target)
    else:
        goal.write_bytes(node.kept)
    if stat.S_ISREG(node.kind) and goal.read_bytes() != node.kept:
        found = goal.stat()
        goal.write_bytes(node.kept)
        os.utime(goal, ns=(found.st_atime_ns, found.st_mtime_ns))


def _path_of(descriptor: int) -> str:
    return str(Path(f"/proc/self/fd/{descriptor}").readlink())


_REAL: Final[dict[str, Callable[..., Any]]] = {
    call.__name__: call
    for call in (os.open, os.write, os.rename, os.unlink, os.mkdir, os.symlink, os.ftruncate, os.fsync, os.fdatasync)
}


class _Recorder:
    """Stands where ``os`` and libc stood, does the same, and tells."""

    def __init__(self, lossy: LossyDisk) -> None:
        self._lossy = lossy
        self._top = f"{lossy.instance_dir}/"
        self._libc = disk._libc

    def install(self) -> None:
        """Take the place."""
        for name, call in _REAL.items():
            setattr(os, name, self._around(call, getattr(self, f"_{name}")))
        disk._libc = unsynced._libc = self  # type: ignore[assignment]

    @staticmethod
    def give_back() -> None:
        """Let ``os`` be as it was."""
        for name, call in _REAL.items():
            setattr(os, name, call)

    def _around(self, real: Callable[..., Any], told: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            return told(real, *arguments, **named)

        return call

    def _name(self, path: Any, folder: int | None = None) -> str | None:
        """Below the instance: its name there; else None."""
        text = os.fsdecode(path)
        if folder is not None and folder != _HERE:
            text = f"{_path_of(folder)}/{text}"
        whole = os.path.normpath(text)
        name = whole.removeprefix(self._top)
        return None if name == whole or name.startswith(LEDGER) else name

    def _of(self, descriptor: int) -> str | None:
        path = _path_of(descriptor)
        return "" if f"{path}/" == self._top else self._name(path)

    def _open(self, real: Any, path: Any, flags: int, *rest: Any, dir_fd: int | None = None) -> int:
        name = self._name(path, dir_fd) if flags & os.O_CREAT else None
        is_new = name is not None and not os.path.lexists(self._top + name)
        descriptor: int = real(path, flags, *rest, dir_fd=dir_fd)
        if is_new and name is not None:
            self._lossy.made(name)
        return descriptor

    def _write(self, real: Any, descriptor: int, content: Any) -> int:
        count: int = real(descriptor, content)
        self._lossy.written(os.fstat(descriptor).st_ino)
        return count

    def _ftruncate(self, real: Any, descriptor: int, size: int) -> None:
        real(descriptor, size)
        self._lossy.written(os.fstat(descriptor).st_ino)

    def _rename(
        self, real: Any, source: Any, goal: Any, *, src_dir_fd: int | None = None, dst_dir_fd: int | None = None
    ) -> None:
        real(source, goal, src_dir_fd=src_dir_fd, dst_dir_fd=dst_dir_fd)
        self._renamed(self._name(source, src_dir_fd), self._name(goal, dst_dir_fd))

    def _renamed(self, source: str | None, goal: str | None) -> None:
        if source is not None and goal is not None:
            self._lossy.moved(source, goal)

    def _unlink(self, real: Any, path: Any, *, dir_fd: int | None = None) -> None:
        real(path, dir_fd=dir_fd)
        if (name := self._name(path, dir_fd)) is not None:
            self._lossy.removed(name)

    def _mkdir(self, real: Any, path: Any, *rest: Any, **named: Any) -> None:
        real(path, *rest, **named)
        if (name := self._name(path)) is not None:
            self._lossy.made(name)

    def _symlink(self, real: Any, target: Any, path: Any, *rest: Any) -> None:
        real(target, path, *rest)
        if (name := self._name(path)) is not None:
            self._lossy.made(name, os.fsdecode(target))

    def _fsync(self, real: Any, descriptor: int) -> None:
        real(descriptor)
        if (name := self._of(descriptor)) is not None:
            self._lossy.synced(name, os.fstat(descriptor).st_ino)

    _fdatasync = _fsync

    def syncfs(self, descriptor: int) -> int:
        """As libc has it."""
        failed: int = self._libc.syncfs(descriptor)
        self._lossy.all_synced()
        return failed

    def renameat2(self, source_folder: int, source: bytes, goal_folder: int, goal: bytes, flags: int) -> int:
        """As libc has it."""
        failed: int = self._libc.renameat2(source_folder, source, goal_folder, goal, flags)
        if not failed:
            self._renamed(self._name(source, source_folder), self._name(goal, goal_folder))
        return failed


def cut_at(lossy: LossyDisk, number: int, loss: Loss) -> Callable[[str], None]:
    """An announcement that cuts the power just before its effect of this number (from 1), and ends the process."""
    count = 0

    def on_effect(_: str) -> None:
        nonlocal count
        count += 1
        if count == number:
            lossy.lay_out(loss, number)
            os._exit(CUT)

    return on_effect


CUT: Final = 7
"""How a process ends whose power was cut."""
