"""File systems whose power can be cut: files mounted as disks, shut down without flushing anything, mounted again.

The instance lies on one (inbox, state, originals), its corpus and log on another: on a single file system each sync
would commit what was forgotten elsewhere, and hide it.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import struct
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHUTDOWN: Final = 0x8004587D  # EXT4_IOC_SHUTDOWN, the same for XFS
_NOTHING_FLUSHED: Final = struct.pack("I", 2)
_SIZE: Final = {"ext4": 48 << 20, "xfs": 320 << 20}
_MAKE: Final = {"ext4": ("mkfs.ext4", "-q", "-F"), "xfs": ("mkfs.xfs", "-q", "-f")}
APART: Final = ("seeds", "audit")


_NEW_NAMESPACE: Final = 0x20000  # CLONE_NEWNS


def _libc(call: str, *arguments: int) -> None:
    if getattr(ctypes.CDLL(None, use_errno=True), call)(*arguments):
        raise OSError(ctypes.get_errno(), call)


def _run(*command: str | Path) -> None:
    path = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
    subprocess.run([str(one) for one in command], check=True, env={**os.environ, "PATH": path}, capture_output=True)


class Disks:
    """Two disks below a folder; ``apart`` are the folders of the instance that lie on the second one."""

    def __init__(self, folder: Path, *, kind: str = "ext4", apart: Sequence[str] = APART) -> None:
        self._kind = kind
        self._apart = apart
        self._images = [folder / "first", folder / "second"]
        self._second = folder / "mounted"
        self.instance_dir = folder / "home"
        for path in (self.instance_dir, self._second):
            path.mkdir()

    def __enter__(self) -> Self:
        """Mount where nobody else sees it: a namespace copied by another program would keep a dead disk alive."""
        self._namespace = os.open("/proc/self/ns/mnt", os.O_RDONLY | os.O_CLOEXEC)
        _libc("unshare", _NEW_NAMESPACE)
        _run("mount", "--make-rprivate", "/")
        return self

    def __exit__(self, *_: object) -> None:
        self._take_out()
        _libc("setns", self._namespace, _NEW_NAMESPACE)
        os.close(self._namespace)

    def new(self) -> Path:
        """Two empty disks, mounted; gives the instance's folder."""
        self._take_out()
        for image in self._images:
            image.unlink(missing_ok=True)
            with image.open("wb") as file:
                file.truncate(_SIZE[self._kind])
            _run(*_MAKE[self._kind], image)
        self._put_in()
        return self.instance_dir

    def cut(self) -> None:
        """Cut the power: what was not synced is gone, as far as the kernel had not written it by itself; then mount."""
        for top in (self.instance_dir, self._second):
            descriptor = os.open(top, os.O_RDONLY)
            try:
                fcntl.ioctl(descriptor, _SHUTDOWN, _NOTHING_FLUSHED)
            finally:
                os.close(descriptor)
        self._take_out()
        self._put_in()

    def sync(self) -> None:
        """Bring all to disk, as a sender does who cares."""
        for top in (self.instance_dir, self._second):
            _run("sync", "-f", top)

    def _put_in(self) -> None:
        for image, top in zip(self._images, (self.instance_dir, self._second), strict=True):
            _run("mount", "-o", "loop", image, top)
        for name in self._apart:
            for path in (self.instance_dir / name, self._second / name):
                path.mkdir(exist_ok=True)
            _run("mount", "--bind", self._second / name, self.instance_dir / name)
        self.sync()

    def _take_out(self) -> None:
        mounted = [line.split()[4] for line in Path("/proc/self/mountinfo").read_text(encoding="utf-8").splitlines()]
        for point in reversed(mounted):
            if point.startswith(f"{self.instance_dir.parent}/"):
                _run("umount", point)
