"""Files that are being written: not taken, told of, taken once when closed; what else stays in the inbox, and why."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import time
from typing import TYPE_CHECKING

import pytest
from tests.crash.check import faults
from tests.daemon.stand import standing
from tests.e2e.instance import TEXTS, Instance, in_child, killed_at
from tests.e2e.test_service import WINNOWD, Service

from winnowd.storage.inbox.writers import Heard

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.daemon.stand import Stand

HALF = TEXTS["A"].encode()[:700]


@pytest.fixture
def hasty(tmp_path: Path) -> Iterator[Service]:
    """A service that takes what has been still for a tenth of a second."""
    subprocess.run([*WINNOWD, "-q", "init", tmp_path / "home"], check=True, stdout=subprocess.DEVNULL)
    made = Service(tmp_path / "home", inbox__settle=0.1, inbox__sweep=0.1)
    made.until_ready()
    yield made
    made.process.kill()
    made.process.wait()
    made._pipe.close()


def test_a_writer_may_pause_as_long_as_he_likes(hasty: Service) -> None:
    """Other files come and are decided, many times over what a file has to be still; his is taken when he closes it."""
    inbox = hasty.instance.instance_dir / "inbox"

    with (inbox / "slow.txt").open("wb", buffering=0) as slow:
        slow.write(HALF)
        time.sleep(0.3)
        (inbox / "other.txt").write_text(TEXTS["C"])
        hasty.until("admitted", 1)
        time.sleep(0.3)
        (inbox / "short.txt").write_text("Too short to be an article.")
        hasty.until("rejected", 1)
        slow.write(TEXTS["A"].encode()[700:])
    hasty.until("admitted", 2)

    assert [event["file"]["name"] for event in hasty.instance.decisions()] == ["other.txt", "short.txt", "slow.txt"]
    assert hasty.instance.decisions()[-1]["file"]["size"] == len(TEXTS["A"].encode())
    assert hasty.end() == 0
    assert faults(hasty.instance.instance_dir, sent=3) == []


def test_a_feed_of_lines_that_is_open_all_the_time_is_taken_whole(hasty: Service) -> None:
    """As a crawler writes it: the file is there at once and empty, a line comes now and then, the close in the end."""
    inbox = hasty.instance.instance_dir / "inbox"

    with (inbox / "items.jsonl").open("w", encoding="utf-8", buffering=1) as feed:
        for name in "ABC":
            time.sleep(0.3)
            feed.write(json.dumps({"text": TEXTS[name]}) + "\n")
    hasty.until("decided", 1)

    assert hasty.end() == 0
    assert [event["winnowd"]["arrival"]["record"] for event in hasty.instance.decisions()] == [0, 1, 2]
    assert faults(hasty.instance.instance_dir, sent=1) == []


def test_a_writer_that_was_killed_has_closed_his_file(hasty: Service) -> None:
    """The kernel closes it: nothing waits for ever."""
    path = hasty.instance.instance_dir / "inbox" / "a.txt"
    script = "import sys, time; f = open(sys.argv[1], 'w'); f.write(sys.argv[2]); f.flush(); time.sleep(60)"
    with subprocess.Popen([WINNOWD[0], "-c", script, str(path), TEXTS["A"]]) as writer:
        while not path.exists() or not path.stat().st_size:
            time.sleep(0.01)
        time.sleep(0.4)
        waits = path.exists()
        writer.kill()
    hasty.until("admitted", 1)

    assert waits
    assert hasty.end() == 0


def heard(stand: Stand, name: str, what: Heard) -> None:
    """Tell a stand what the kernel would tell of a file of its inbox, whose lease it may not ask for."""
    stand.work.instance.inbox.writer_check = lambda *_: None
    stand.loop.wakeup.tell(os.fsencode(stand.folder.instance_dir / "inbox" / name), what)


def test_what_is_written_for_long_is_told_each_hour(tmp_path: Path) -> None:
    """In the service's own log: how many files, for how long, and the name of one; not those of a moment."""
    with standing(tmp_path / "home", inbox__settle=9_999.0) as stand:
        stand.folder.drop({"slow.txt": HALF})
        stand.loop.turn()
        heard(stand, "slow.txt", Heard.WRITTEN)
        for seconds in (0, 30, 40, 600, 2_940, 59, 661):
            stand.now += seconds
            stand.loop.turn()

        told = [line for line in stand.logged() if line["event"] == "still being written"]
        assert [line["oldest_seconds"] for line in told] == [70, 4_330]
        assert {(line["files"], line["file"]) for line in told} == {(1, "slow.txt")}


def test_what_stays_for_good_is_told_once(tmp_path: Path) -> None:
    """By reason, with a name."""
    deep = "/".join("d" * 33) + "/a.txt"
    with standing(tmp_path / "home") as stand:
        stand.folder.drop({deep: "deep", ".hidden": "hidden"})
        for _ in range(3):
            stand.now += 5
            stand.loop.turn()

        told = [(line["because"], line["files"]) for line in stand.logged() if line["event"] == "left in the inbox"]
        assert told == [("folders too deep", 1), ("a name of inbox.ignore", 1)]


def test_a_file_is_taken_with_its_marker_and_the_marker_goes(tmp_path: Path) -> None:
    """One without it waits; a marker alone is left, and told of."""
    instance = Instance(tmp_path, inbox__done="{name}.done")
    instance.drop({"a.txt": TEXTS["A"], "a.txt.done": "", "b.txt": TEXTS["C"], "c.txt.done": ""})

    instance.pass_over()

    assert instance.outcomes() == {"a.txt": "admitted"}
    assert instance.files("inbox") == ["b.txt", "c.txt.done"]


def test_a_marker_goes_though_a_kill_came_between(tmp_path: Path) -> None:
    """Or it would stand for the next file of that name, before that one is whole."""
    instance = Instance(tmp_path, inbox__done="{name}.done")
    instance.drop({"a.txt": TEXTS["A"], "a.txt.done": ""})
    in_child(functools.partial(instance.pass_over, killed_at(1, "unlink")))
    left = instance.files("inbox")

    instance.pass_over()

    assert (left, instance.files("inbox")) == (["a.txt.done"], [])
    assert faults(tmp_path, sent=1) == []


def test_a_marker_of_the_next_file_of_that_name_stays(tmp_path: Path) -> None:
    """Killed before the marker went, and the sender has sent another file under the same name: that one needs it."""
    instance = Instance(tmp_path, inbox__done="{name}.done")
    instance.drop({"a.txt": TEXTS["A"], "a.txt.done": ""})
    in_child(functools.partial(instance.pass_over, killed_at(1, "unlink")))
    instance.drop({"a.txt": TEXTS["C"]})

    instance.pass_over()

    assert [event["winnowd"]["outcome"] for event in instance.decisions()] == ["admitted", "admitted"]
    assert instance.files("inbox") == []
    assert faults(tmp_path, sent=2) == []
