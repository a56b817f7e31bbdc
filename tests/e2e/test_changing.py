"""Files that change between being seen and being read: swapped for a link, with a second name, growing."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.crash.check import faults
from tests.daemon.stand import standing
from tests.e2e.hostile import SECRET
from tests.e2e.instance import TEXTS, Instance

from winnowd.daemon.preparer import FilePreparer
from winnowd.daemon.workers import InLoop, Preparation
from winnowd.storage import originals
from winnowd.wiring import DeskPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.daemon.stand import Stand

    from winnowd.model import Prepared, Source
    from winnowd.prepare import Desk

SWAPS = 10_000
WHERE = {"between claim and move": "commit", "at the move": "rename", "after the move": "sync"}
"""Just before which effect of the service it is swapped, of those after it was seen."""


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that is nobody's business."""
    path = tmp_path / "secret.txt"
    path.write_bytes(SECRET * 100)
    return path


def leaks(home: Path) -> list[Path]:
    """The files of an instance that hold something of the secret."""
    files = [path for path in home.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path for path in files if SECRET in path.read_bytes()]


def swapped(path: Path, make: Callable[[Path], object]) -> None:
    """Put something else in a file's place, in one step."""
    beside = path.with_name(".beside")
    make(beside)
    beside.replace(path)


def linked(secret: Path) -> Callable[[Path], object]:
    """Makes a link to it."""
    return lambda path: path.symlink_to(secret)


@pytest.mark.parametrize("where", WHERE)
def test_a_file_swapped_for_a_link_is_not_followed(tmp_path: Path, secret: Path, where: str) -> None:
    """Whenever it happens: what was seen is gone, the link is taken as one, unopened (INP101)."""
    instance = Instance(tmp_path / "home")
    instance.drop({"a.txt": TEXTS["A"], "b.txt": TEXTS["C"]})
    todo = [secret]

    def swap(effect: str) -> None:
        claimed = list((tmp_path / "home/state/work").glob("*")) or [tmp_path / "home/inbox/a.txt"]
        if effect == WHERE[where] and todo and (where != "after the move" or len(claimed) > 1):
            swapped(min(claimed, key=lambda path: path.stat().st_size), linked(todo.pop()))

    instance.pass_over(swap)

    assert not todo
    assert leaks(instance.home) == []
    assert sorted(" ".join(one["winnowd"]["codes"]) for one in instance.decisions()) == ["", "INP101"]
    assert faults(instance.home) == []


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_what_is_swapped_at_the_last_moment_is_not_opened(
    tmp_path: Path, secret: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Between the last look and the opening: no link is followed, no pipe waited at; then it is seen for what it is."""
    instance = Instance(tmp_path / "home")
    instance.drop({"a.txt": TEXTS["A"]})
    make, looked, todo = linked(secret) if kind == "link" else os.mkfifo, originals.what_it_is, [1]

    def look(path: str) -> str:
        found = looked(path)
        if todo:
            swapped(Path(path), make)
            todo.clear()
        return found

    monkeypatch.setattr(originals, "what_it_is", look)
    instance.pass_over()

    assert leaks(instance.home) == []
    assert [one["winnowd"]["codes"] for one in instance.decisions()] == [["INP101"]]


def restless(path: Path, secret: Path) -> int:
    """A child that makes a path a link and a file by turns, as fast as it can; gives its pid."""
    child = os.fork()
    if child == 0:
        try:
            for _ in range(SWAPS):
                swapped(path, linked(secret))
                swapped(path, lambda beside: beside.write_text(TEXTS["A"]))
        finally:
            os._exit(0)
    return child


def test_one_that_swaps_all_the_time_is_taken_as_what_it_is_then(tmp_path: Path, secret: Path) -> None:
    """File, link, file, link, ten thousand times while the inbox is worked on: nothing behind the link comes in."""
    instance = Instance(tmp_path / "home")
    child = restless(instance.home / "inbox" / "a.txt", secret)

    while os.waitpid(child, os.WNOHANG)[0] == 0:
        instance.pass_over()
    instance.pass_over()

    assert leaks(instance.home) == []
    codes = {code for one in instance.decisions() for code in one["winnowd"]["codes"] or ["admitted"]}
    assert {"admitted"} <= codes <= {"admitted", "INP101", "DUP601", "DUP602"}
    assert faults(instance.home) == []


def test_a_secret_with_a_second_name_is_held_unread_after_a_minute(tmp_path: Path, secret: Path) -> None:
    """A link to a file of ours would bring in what its sender may not read; both names stay, no byte is read."""
    secret.chmod(0o600)
    with standing(tmp_path / "home") as stand:
        (stand.folder.home / "inbox").chmod(0o1777)
        os.link(secret, stand.folder.home / "inbox" / "in.txt")
        stand.loop.turn()
        stand.now += 58
        early = stand.decided({"good.txt": TEXTS["A"]})
        stand.now += 4
        stand.loop.turn()

        event = stand.folder.decisions()[-1]
        assert early == {"good.txt": "admitted"}
        assert (event["file"]["name"], event["winnowd"]["codes"]) == ("in.txt", ["INP101"])
        assert "hash" not in event["file"]
        assert [path.stat().st_ino for path in leaks(stand.folder.home)] == [secret.stat().st_ino]
        assert secret.read_bytes() == SECRET * 100


class Growing:
    """A desk at which the first file grows when it has been read: its sender writes on."""

    def __init__(self, desk: Desk, work: Path) -> None:
        self._desk = desk
        self._work = work
        self.grown = 0

    def prepare(self, source: Source, first: int = 0) -> Iterator[Prepared]:
        """Read, and write."""
        yield from self._desk.prepare(source, first)
        if not self.grown:
            (path,) = self._work.iterdir()
            with path.open("a", encoding="utf-8") as file:
                self.grown = file.write(TEXTS["C"])


def growing(stand: Stand) -> Growing:
    """Let a stand's files be prepared at such a desk."""
    instance = stand.work.instance
    work = instance.home / "state" / "work"
    desk = Growing(DeskPlan(instance.loaded.settings, instance.kept.recipe)(), work)
    prepares: Any = FilePreparer(desk)  # type: ignore[arg-type] # it has what a preparer asks of a desk
    instance.route.preparation = Preparation(InLoop(lambda: prepares), work)
    return desk


def test_a_file_that_grows_while_it_is_read_is_read_again_when_it_is_still(tmp_path: Path) -> None:
    """What was read is not what it is: it goes back (SYS905), waits until it has settled, and is judged once, whole."""
    with standing(tmp_path / "home", inbox__settle=2.0) as stand:
        desk = growing(stand)
        seen = []
        stand.folder.drop({"a.txt": TEXTS["A"]})
        for _ in range(4):
            stand.loop.turn()
            seen.append(stand.folder.outcomes())
            stand.now += 2.5

        (event,) = stand.folder.decisions()
        assert desk.grown
        assert seen == [{}, {}, {}, {"a.txt": "admitted"}]
        assert event["file"]["size"] == len((TEXTS["A"] + TEXTS["C"]).encode())
