"""Disks that are really full, out of names, or lie: waited for, told of, and found out (P9)."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.crash.check import events, faults
from tests.crash.scenes import configured, decided
from tests.crash.serving import TRIES, Failing, Service
from tests.crash.test_faults import BEFORE, ENDED, EVERY, FILES, HOW, SENT, TOLD, met, set_up
from tests.daemon.stand import Heard
from tests.e2e.instance import in_child, silent_log
from tests.needs import needs, root

from winnowd.daemon.serve import opened, owned
from winnowd.model import Effect
from winnowd.storage.disk import Disk
from winnowd.storage.effects import Effects, WriteDiffersError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LIES = re.compile(r"/\.tmp-(?!health)[^/]*$|\.jsonl$")
"""A file that is written, or the log; whether health.json is whole, the next one shows."""
LEAST_LIES = 4
NOT_LIED = 3


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of two megabytes and 400 names."""
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m,nr_inodes=400", "tmpfs", tmp_path], check=True)
    yield tmp_path
    subprocess.run(["umount", tmp_path], check=True)


def fill(path: Path) -> None:
    """Write until the disk is full."""
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))


class Filling(Failing):
    """Before this effect somebody else takes all of something that the disk has."""

    def __init__(self, at: int, take: Callable[[], None]) -> None:
        super().__init__()
        self._from, self._take = at, take
        self.full = False

    def __call__(self, effect: str) -> None:
        """Take it, if it is time."""
        super().__call__(effect)
        if len(self.effects) == self._from and not self.full:
            self._take()
            self.full = True


def open_below(instance_dir: Path) -> list[str]:
    """The files of an instance that this process holds open."""
    paths = []
    for one in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # the folder's own, closed by now
            paths.append(str(one.readlink()))
    return [path for path in paths if path.startswith(f"{instance_dir}/")]


@needs("P9", root)
@pytest.mark.parametrize("at", range(1, 60, 12))
def test_a_disk_that_is_full_is_waited_for(small_disk: Path, at: int) -> None:
    """Full from an effect on: nothing is decided then, nothing is lost, it is told, and work goes on with more room."""
    instance = set_up(small_disk)
    seen: list[int] = []

    def mend(_: int) -> None:
        if filling.full and len(seen) < TRIES:
            seen.append(len(decided(instance)))
        if len(seen) == TRIES:
            (small_disk / "ballast").unlink(missing_ok=True)

    filling = Filling(at, lambda: fill(small_disk / "ballast"))
    service = Service(small_disk, filling, mend, disk__floor_bytes=0, disk__floor_inodes=0)
    service.run()

    assert len(set(seen)) == 1
    assert len(seen) == TRIES
    assert "SYS911" in service.told
    told = [event["event"].get("code") or event["event"]["action"] for event in events(small_disk)]
    assert told.count("SYS911") == 1
    assert "recovered" in told
    assert faults(small_disk, SENT) == []
    assert len(decided(instance)) == len(BEFORE) + len(FILES) + 2


@needs("P9", root)
def test_a_disk_with_too_little_room_is_not_filled_further(small_disk: Path) -> None:
    """SYS917: below the floor nothing is taken, though it could be; with more room again work goes on."""
    instance = set_up(small_disk)
    (small_disk / "ballast").write_bytes(bytes(1 << 20))
    free = shutil.disk_usage(small_disk).free
    seen: list[int] = []

    def mend(_: int) -> None:
        seen.append(len(list((small_disk / "inbox").rglob("*.*"))))
        if len(seen) == TRIES:
            (small_disk / "ballast").unlink()

    service = Service(small_disk, None, mend, disk__floor_bytes=free + 4096, disk__floor_inodes=0)
    service.run()

    assert seen[:TRIES] == [len(FILES)] * TRIES
    assert "SYS917" in service.told
    assert "SYS911" not in service.told
    told = [event["event"].get("code") or event["event"]["action"] for event in events(small_disk)]
    assert (told.count("SYS917"), told.count("recovered")) == (1, 1)
    assert faults(small_disk, SENT) == []
    assert len(decided(instance)) == len(BEFORE) + len(FILES) + 2


@needs("P9", root)
@pytest.mark.parametrize("at", range(1, 60, 20))
def test_a_disk_without_names_is_waited_for(small_disk: Path, at: int) -> None:
    """There is room, but no file can be made any more: SYS911, until there are fewer."""
    instance = set_up(small_disk)
    (small_disk / "names").mkdir()
    seen: list[int] = []

    def mend(_: int) -> None:
        if filling.full and len(seen) < TRIES:
            seen.append(len(decided(instance)))
        if len(seen) == TRIES:
            shutil.rmtree(small_disk / "names", ignore_errors=True)

    filling = Filling(at, lambda: use_up_names(small_disk / "names"))
    service = Service(small_disk, filling, mend, disk__floor_bytes=0, disk__floor_inodes=0)
    service.run()

    assert len(seen) == TRIES
    assert "SYS911" in service.told
    assert faults(small_disk, SENT) == []
    assert len(decided(instance)) == len(BEFORE) + len(FILES) + 2


def use_up_names(folder: Path) -> None:
    """Make files until the disk has no name left."""
    with contextlib.suppress(OSError):
        for number in itertools.count():
            (folder / str(number)).touch()


@needs("P9", root)
def test_a_start_on_a_full_disk_is_tried_again(small_disk: Path) -> None:
    """The ledger cannot even be opened there: no damage of it, no end of the service, and no try leaves it open."""
    instance = set_up(small_disk)
    fill(small_disk / "ballast")
    paused: list[float] = []
    kept_open: list[str] = []

    def pause(seconds: float) -> None:
        paused.append(seconds)
        kept_open.extend(open_below(small_disk))
        if len(paused) == TRIES:
            (small_disk / "ballast").unlink()

    with opened(lambda: owned(small_disk, configured(instance), processes=0), silent_log(), Heard(), pause) as found:
        in_corpus = found.ledger.decisions.in_corpus()

    assert in_corpus == 1
    assert kept_open == []
    assert paused == [0.5, 1.0, 2.0]


class Liar(Disk):
    """A disk that keeps other bytes than it was given."""

    def _write_new(self, path: str, content: bytes) -> None:
        super()._write_new(path, bytes(len(content)))


def test_what_does_not_read_back_gets_no_name(tmp_path: Path) -> None:
    """SYS908, of each file or of one in so many; written again on a disk that works it is there."""
    effects = [Effect(f"seeds/{number}.txt", b"text\n") for number in range(4)]

    for every in (1, 4):
        with pytest.raises(WriteDiffersError, match="SYS908"):
            Effects(Liar(tmp_path), every=every).write(effects)
    named = [effect.path for effect in effects if (tmp_path / effect.path).exists()]
    Effects(Disk(tmp_path), every=1).write(effects)

    assert named == [effect.path for effect in effects[:3]]  # those before the one that was read back
    assert [(tmp_path / effect.path).read_bytes() for effect in effects] == [b"text\n"] * 4


class Lying:
    """``os.write``, but that the n-th write of a file or the log says it wrote ``said`` bytes, and writes nothing."""

    def __init__(self, number: int, said: int) -> None:
        self._left, self._said, self._real = number, said, os.write

    def __call__(self, descriptor: int, content: bytes) -> int:
        """Write, or say so."""
        self._left -= bool(LIES.search(str(Path(f"/proc/self/fd/{descriptor}").readlink())))
        if self._left:
            return self._real(descriptor, content)
        self._left = -1
        return min(self._said, len(content))

    @property
    def has_lied(self) -> bool:
        """Whether there were as many."""
        return self._left < 0


def lied_to(instance_dir: Path, number: int, said: int) -> int:
    """Serve where the n-th write lies; how that ends, as ``met`` has it, or ``NOT_LIED``."""

    def deed() -> None:
        os.write = lying = Lying(number, said)  # type: ignore[assignment]
        how = met(Service(instance_dir), ["SYS912"])
        os._exit(how if lying.has_lied else NOT_LIED)

    return in_child(deed)


@pytest.mark.parametrize("said", [7, 1 << 20], ids=["7 bytes", "all"])
def test_a_write_that_lies_is_not_believed(
    fast_path: Path, said: int, record_property: Callable[[str, object], None]
) -> None:
    """It says it wrote some of a file or of the log, or all of it, and wrote nothing: that is told, and done again."""
    wrong: dict[int, list[str]] = {}
    lies = 0

    for number in itertools.count(1, 1 if EVERY else 6):
        instance_dir = fast_path / str(number)
        set_up(instance_dir)
        how = lied_to(instance_dir, number, said)
        if how == NOT_LIED:
            break
        lies += 1
        if how == ENDED:
            Service(instance_dir).run()
        found = faults(instance_dir, SENT)
        if how not in {TOLD, ENDED}:
            found.append(HOW.get(how, f"ended with {how}"))
        if found:
            wrong[number] = found
        shutil.rmtree(instance_dir)

    record_property("figure", f"writes that lie: {lies}, {len(wrong)} believed")
    assert wrong == {}
    assert lies >= LEAST_LIES
