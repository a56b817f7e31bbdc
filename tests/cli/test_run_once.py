"""``winnowd run --once``: what it shows of few records and of very many, and what it keeps of them meanwhile."""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import types
import weakref
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.cli.test_context import Terminal, context_of
from tests.crash.check import faults
from tests.e2e.instance import TEXTS, Instance
from tests.event.stand import limits
from tests.views.golden import five

from winnowd.cli import progress
from winnowd.cli.progress import Progress
from winnowd.storage.free_space import FreeSpace
from winnowd.views.findings import finding_lines
from winnowd.views.lines import plain
from winnowd.views.tally import Frame, Shown, Tally, count_line, table_lines

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran

COUNT = 3_000


class Event(dict[str, Any]):
    """An event of which one can tell whether anybody keeps it."""

    __slots__ = ("__weakref__",)


def event(number: int, *, bad: bool = False) -> Event:
    """A decision on one record of a file of many."""
    finding = {"code": "QUA401", "rule": "too-few-words", "grade": "fail", "gate": "length", "measured": 1.0}
    made = {
        "outcome": "rejected" if bad else "admitted",
        "codes": ["QUA401"] if bad else [],
        "findings": [finding] if bad else [],
        "measured": {},
        "arrival": {"id": "0123456789abcdef", "record": number},
        "article": {"id": f"{number:016x}", "words": 1},
    }
    return Event(file={"path": "inbox/many.jsonl", "name": "many.jsonl"}, winnowd=made)


@pytest.mark.parametrize(("arguments", "most"), [([], 20), (["--json"], 0)])
def test_of_very_many_decisions_only_a_few_are_kept(
    run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, arguments: list[str], most: int
) -> None:
    """Twenty in full at any moment; with ``--json`` each is written as it becomes true, and none is kept."""
    run("init", "home")
    made: list[weakref.ref[Event]] = []
    kept: list[int] = []

    def decide_once(*_: object, decided: Callable[[Any], None], **__: object) -> None:
        for number in range(COUNT):
            entry = types.SimpleNamespace(event=event(number, bad=number % 3 == 0), evidence={})
            made.append(weakref.ref(entry.event))
            decided(entry)
            if number % 500 == 499:
                gc.collect()
                kept.append(sum(one() is not None for one in made))

    monkeypatch.setattr("winnowd.daemon.serve.decide_once", decide_once)

    ran = run("--home", "home", "run", "--once", *arguments)

    assert ran.code == 0
    assert len(kept) == COUNT // 500
    assert max(kept) <= most + 1  # the one in hand
    if arguments:
        assert [row["record"] for row in ran.rows[:-1]] == list(range(COUNT))
        assert ran.rows[-1]["counts"] == {"decision": COUNT}


def shown(count: int, bad: Callable[[int], bool]) -> list[Shown]:
    """So many decisions, some of them bad."""
    return [Shown(event(number, bad=bad(number)), {}, f"{number}.txt") for number in range(count)]


def test_of_very_many_the_worst_are_in_full_the_first_in_the_table_and_all_in_the_count() -> None:
    """However late the bad ones come; what is left out is told, and where it is to be found."""
    tally, frame = Tally(3, 10), Frame(limits(), 100, dry=False)
    tally.add_all(shown(5_000, lambda number: number >= 4_990))

    assert [one.name for one in tally.in_full] == ["4990.txt", "4991.txt", "4992.txt"]
    table = plain(table_lines(tally, frame))
    assert len(tally.rows) == 10
    assert "\n   9.txt " in table
    assert "10.txt" not in table
    assert "4,990 more are only counted; of 10 with findings the 3 worst are shown in full; winnowd log tells" in table
    assert "--json gives all" in plain(table_lines(tally, Frame(limits(), 100)))
    assert plain(count_line(tally, 1.0, frame)).startswith(
        "5,000 records: 4,990 admitted, 10 rejected, 0 quarantined (10 QUA401)"
    )


@pytest.mark.parametrize("count", [1, 5])
def test_of_a_few_nothing_is_left_out(count: int) -> None:
    """A tally with room for them shows what one shows that keeps them all."""
    records, frame = five()[:count], Frame(limits(), 100, dry=False)
    tally, whole = Tally(20, 200), Tally.of(records)
    tally.add_all(records)

    assert tally.in_full == records
    assert plain(finding_lines(tally.in_full, frame)) == plain(finding_lines(records, frame))
    assert plain(table_lines(tally, frame)) == plain(table_lines(whole, frame))
    assert "only counted" not in plain(table_lines(tally, frame))


def dropped(run: Callable[..., Ran], tmp_path: Path) -> str:
    """An instance with two files in its inbox, one of them of three records."""
    run("init", "home")
    (tmp_path / "home" / "config" / "winnowd.toml").write_text("[inbox]\nsettle = 0\n")
    records = "".join(json.dumps({"text": text}) + "\n" for text in (TEXTS["A"], "Short.", TEXTS["B"]))
    Instance(tmp_path / "home").drop({"a.txt": TEXTS["C"], "feed/b.jsonl": records})
    return str(tmp_path / "home")


def test_an_inbox_is_decided_and_shown(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Findings, table, count; nothing of progress where nobody watches; then there is nothing left."""
    instance_dir = dropped(run, tmp_path)

    ran = run("--home", instance_dir, "run", "--once")

    assert (ran.code, ran.err) == (0, "")
    assert "QUA401 too-few-words fail  b.jsonl" in ran.out
    assert "\n4 records: 2 admitted, 2 rejected, 0 quarantined" in ran.out
    assert run("--home", instance_dir, "run", "--once").err == "the inbox is empty; nothing was decided\n"


def test_a_reader_that_leaves_stops_no_work(run: Callable[..., Ran], tmp_path: Path) -> None:
    """``run --once --json | head -1``: all of it is decided, the exit code is that of whoever writes to nobody."""
    instance_dir = dropped(run, tmp_path)
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as nobody:
        ended = subprocess.run(
            [sys.executable, "-m", "winnowd", "--home", instance_dir, "run", "--once", "--json"],
            stdout=nobody, stderr=subprocess.PIPE, check=False,
        )  # fmt: skip

    assert (ended.returncode, ended.stderr) == (141, b"")
    assert len(Instance(tmp_path / "home").decisions()) == 4
    assert Instance(tmp_path / "home").events()[-1]["event"]["action"] == "shutdown"


def configure(instance_dir: str, *lines: str) -> None:
    """A configuration of these lines."""
    (Path(instance_dir) / "config" / "winnowd.toml").write_text("[inbox]\nsettle = 0\n" + "\n".join(lines) + "\n")


@pytest.mark.parametrize(("setting", "of"), [("floor_bytes", "bytes"), ("floor_inodes", "inodes")])
def test_too_little_room_is_told_with_what_where_and_what_to_do(
    run: Callable[..., Ran], tmp_path: Path, setting: str, of: str
) -> None:
    """Nothing is taken then; however often it is tried, no file is blamed once there is room."""
    instance_dir = dropped(run, tmp_path)
    configure(instance_dir, "[disk]", f"{setting} = {10**18}")

    for _ in range(4):
        ran = run("--home", instance_dir, "run", "--once", "--json")
        assert ran.code == 74
        assert f" {of} are free where state/ lies, disk.{setting} is 1,000,000,000,000,000,000; free some" in ran.err
        assert [(row["type"], row.get("code")) for row in ran.rows] == [("error", "SYS917"), ("summary", None)]
        assert Instance(Path(instance_dir)).files("inbox") == ["a.txt", "feed/b.jsonl"]
    failures = [one for one in Instance(Path(instance_dir)).events() if one["event"]["action"] == "failure"]
    assert {one["event"]["code"] for one in failures} == {"SYS917"}

    configure(instance_dir)
    ran = run("--home", instance_dir, "run", "--once")
    assert "\n4 records: 2 admitted, 2 rejected, 0 quarantined" in ran.out


def test_what_was_taken_when_room_ran_out_is_kept_and_not_blamed(
    run: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Room for a look at the disk, none for what is written: files wait in state/work, however often it is tried."""
    instance_dir = dropped(run, tmp_path)
    need = FreeSpace.need

    def full(self: FreeSpace, size: int) -> None:
        need(self, size * 10**12)

    for _ in range(4):
        with monkeypatch.context() as patched:
            patched.setattr(FreeSpace, "need", full)
            ran = run("--home", instance_dir, "run", "--once")
        assert (ran.code, ran.out) == (74, "")
        assert "are to be written, disk.floor_bytes is" in ran.err
        assert Instance(Path(instance_dir)).decisions() == []
    assert len(Instance(Path(instance_dir)).files("state/work")) == 2

    ran = run("--home", instance_dir, "run", "--once")
    assert "\n4 records: 2 admitted, 2 rejected, 0 quarantined" in ran.out
    assert faults(Path(instance_dir), sent=2) == []


def test_progress_names_the_pace_and_the_record_in_one_line() -> None:
    """A name is a stranger's: made harmless, and cut to what a terminal of 80 cells has room for."""
    ticks = iter([0.0, 0.1, 2.0, 2.05, 4.0])
    context = context_of(stderr=Terminal())
    with Progress(context, "records", now=lambda: next(ticks)) as told:
        for at in ("inbox/a.txt", "inbox/\x1b[2J\n\u202e.txt#7", "inbox/b.txt", "inbox/" + "long" * 50):
            told.step(at)

    assert isinstance(context.stderr, Terminal)
    nothing, first, second, last = context.stderr.getvalue().split(progress._CLEAR)
    assert (nothing, last) == ("", "")
    assert first == "2 records, 1 a second, inbox/<U+001B>[2J<U+000A><U+202E>.txt#7"
    assert second.startswith("4 records, 1 a second, inbox/longlong")
    assert len(second) < 80
