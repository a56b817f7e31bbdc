"""Makes the instances of this folder, with whatever version of winnowd lies beside it.

    python -m tests.instances.make FOLDER

Each is packed as ``FOLDER/<name>.tar.xz``. They are kept as they were made once, by the version that README.md names:
made anew they would prove nothing of the old one.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import os
import platform
import re
import signal
import socket
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from tests.e2e.instance import ROOT, TEXTS, Instance, in_child, silent_log
from tests.e2e.test_orders import ordered

from winnowd.daemon.maintenance import do_maintenance
from winnowd.daemon.schedule import SEAL
from winnowd.daemon.serve import owned
from winnowd.settings import load
from winnowd.storage.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Callable

HERE: Final = ROOT / "tests" / "instances"
DEMO: Final = ROOT / "service" / "winnowd" / "demo"
ARTICLES: Final = [
    f"{text.strip()}\n" for text in (HERE / "articles.txt").read_text(encoding="utf-8").split("\n=====\n")
]
"""Short articles, each good and none like another."""
RECORDS: Final = 10  # of the file of many
AGAIN: Final = 5  # which of them is a copy of another
RECORDED: Final = 8  # how many of them are recorded when the process is killed: two slices of three


def cut(text: str, words: int = 103) -> str:
    """An article's beginning: so short that it is doubted."""
    kept = re.match(rf"(?:\S+\s+){{{words}}}", text)
    assert kept is not None
    return f"{kept.group().rstrip(' ,')}.\n"


def plain(instance_dir: Path) -> None:
    """One day, sealed: each outcome, an exact copy, a rewrite, a page and two records of one file."""
    made = Instance(instance_dir)
    made.drop(
        {
            "a-bakers.txt": ARTICLES[0],
            "feed/b-bridge.txt": ARTICLES[1],
            "c-bakers-again.txt": f"{ARTICLES[0]}\n",
            "d-mill.txt": (DEMO / "1-tide-mill.txt").read_text(encoding="utf-8"),
            "e-mill-reworded.txt": (DEMO / "2-tide-mill-reworded.txt").read_text(encoding="utf-8"),
            "f-cut.txt": cut(ARTICLES[2]),
            "g-short.txt": "Too short to be an article.",
            "h-broken.json": '{"text": ',
            "i-two.jsonl": "".join(json.dumps({"text": ARTICLES[at]}) + "\n" for at in (3, 4)),
            "j-page.html": f"<html><title>Train</title><body><article><p>{ARTICLES[5]}</p></article></body></html>",
        }
    )
    pass_over_yesterday(made)
    seal(made)


def pass_over_yesterday(made: Instance) -> None:
    """Decide all that lies in the inbox, a day ago."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SystemClock, "now", lambda _: dt.datetime.now(dt.UTC) - dt.timedelta(days=1))
        made.pass_over()


def seal(made: Instance) -> None:
    """Close the days before this one."""
    loaded = load(made.instance_dir, environ={}, overrides=made.overrides, system=None)
    with owned(made.instance_dir, loaded, processes=0) as instance:
        do_maintenance(instance, silent_log(), [SEAL])


def waiting(instance_dir: Path) -> None:
    """Four records that wait: a rewrite and a short text of a day that is sealed, and of one that is not."""
    configure(instance_dir, "[gates.originality]\nrewrite.fail = 9.0\nreordered.doubt = 8.0\nreordered.fail = 9.0\n")
    made = Instance(instance_dir)
    mill = (DEMO / "1-tide-mill.txt").read_text(encoding="utf-8")
    made.drop({"a-ferry.txt": TEXTS["A"], "b-mill.txt": mill})
    pass_over_yesterday(made)
    made.drop({"c-ferry-reworded.txt": TEXTS["B"], "d-short.txt": cut(ARTICLES[0])})
    pass_over_yesterday(made)
    seal(made)
    reworded = (DEMO / "2-tide-mill-reworded.txt").read_text(encoding="utf-8")
    made.drop({"e-mill-reworded.txt": reworded, "feed/f-short.txt": cut(ARTICLES[1])})
    made.pass_over()


def orders(instance_dir: Path) -> None:
    """Every order carried out once, two left to be given; and with ``keep = "best"`` an article that was superseded."""
    configure(instance_dir, '[gates.originality]\nkeep = "best"\n')
    made = Instance(instance_dir)
    first, more = TEXTS["A"], {"title": "Ferry runs aground", "author": "A. Writer", "publisher": "The Selwick Journal"}
    preferred_version = {"text": first.replace("Wednesday", "Wednesday itself"), **more}
    made.drop(
        {
            "a-retracted.txt": ARTICLES[0],
            "b-restored.txt": ARTICLES[1],
            "c-erased.txt": ARTICLES[2],
            "d-held.txt": cut(ARTICLES[3]),
            "e-released.txt": cut(ARTICLES[4]),
            "f-confirmed.txt": cut(ARTICLES[5]),
            "g-mill.txt": (DEMO / "1-tide-mill.txt").read_text(encoding="utf-8"),
            "h-mill-reworded.txt": (DEMO / "2-tide-mill-reworded.txt").read_text(encoding="utf-8"),
            "i-first.json": json.dumps({"text": first}),
        }
    )
    made.pass_over()
    made.drop({"j-better.json": json.dumps(preferred_version)})
    made.pass_over()
    ordered(made, "retract", "a-retracted")
    ordered(made, "retract", "b-restored")
    ordered(made, "restore", "b-restored")
    ordered(made, "erase", "c-erased", yes=True)
    ordered(made, "release", "e-released")
    ordered(made, "confirm", "f-confirmed")
    ordered(made, "release", "h-mill-reworded", replace=True)


def interrupted(instance_dir: Path) -> None:
    """A file of ten records, four a batch: killed when the second slice was recorded, before any of it was done."""
    configure(instance_dir, "[batch]\nlimit = 4\n")
    made = Instance(instance_dir)
    made.drop({"a-before.txt": ARTICLES[10]})
    made.pass_over()
    records = [*ARTICLES[:AGAIN], ARTICLES[1], *ARTICLES[AGAIN : RECORDS - 1]]
    made.drop({"many.jsonl": "".join(json.dumps({"text": text}) + "\n" for text in records)})
    assert in_child(functools.partial(made.pass_over, killed_when(instance_dir, RECORDED))) == -signal.SIGKILL


def killed_when(instance_dir: Path, records: int) -> Callable[[str], None]:
    """An announcement that kills the process with its first effect after so many records of a file were recorded."""
    from tests.crash.check import rows

    def on_effect(_: str) -> None:
        if rows(instance_dir, f"SELECT 1 FROM arrival WHERE records_done = {records}"):  # noqa: S608 - a number of ours
            os.kill(os.getpid(), signal.SIGKILL)

    return on_effect


def configure(instance_dir: Path, content: str) -> None:
    """Give an instance its own configuration."""
    (instance_dir / "config").mkdir(parents=True)
    (instance_dir / "config" / "winnowd.toml").write_text(content, encoding="utf-8")


def pack(instance_dir: Path, goal: Path) -> None:
    """All files of an instance, without who made them; SQLite's shared memory is no content."""

    def shown(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = ""
        return None if entry.name.endswith(".db-shm") else entry

    with tarfile.open(goal, "w:xz", format=tarfile.PAX_FORMAT) as packed:
        packed.add(instance_dir, arcname=instance_dir.name, filter=shown)


def main(folder: Path) -> None:
    """Make all of them, and let none tell on what machine."""
    socket.gethostname = lambda: "example"
    platform.platform = lambda *_, **__: "Linux"
    for make in (plain, orders, interrupted, waiting):
        with tempfile.TemporaryDirectory() as scratch:
            instance_dir = Path(scratch) / make.__name__
            instance_dir.mkdir()
            make(instance_dir)
            pack(instance_dir, folder / f"{make.__name__}.tar.xz")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
