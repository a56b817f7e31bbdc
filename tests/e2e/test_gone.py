"""What an operator takes away while the service runs: folders are made again, and a lost original is told."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from tests.e2e.instance import TEXTS, Instance, silent_log

from winnowd.daemon.serve import owned
from winnowd.daemon.work import Work
from winnowd.settings import load

if TYPE_CHECKING:
    from pathlib import Path


def test_a_folder_that_was_removed_is_made_again(tmp_path: Path) -> None:
    """The archive of a month and the log's folder go between two files: the second finds its way all the same."""
    folder = Instance(tmp_path)
    loaded = load(tmp_path, environ={}, overrides=folder.overrides, system=None)
    with owned(tmp_path, loaded, processes=0) as opened:
        work = Work(opened, silent_log())
        work.start()
        folder.drop({"a.txt": TEXTS["A"]})
        work.consume(opened.inbox.sweep(0.0))
        for gone in (tmp_path / "archive").iterdir():
            shutil.rmtree(gone)
        folder.drop({"c.txt": TEXTS["C"]})

        work.consume(opened.inbox.sweep(0.0))

    assert folder.outcomes() == {"a.txt": "admitted", "c.txt": "admitted"}
    assert [path.rpartition("/")[2].partition("~")[0] for path in folder.files("archive")] == ["c"]


def test_an_original_that_is_nowhere_is_told_and_stops_nobody(tmp_path: Path) -> None:
    """Somebody empties state/work while a batch is carried out: the decision stands, and the next file is taken."""
    folder = Instance(tmp_path)
    folder.drop({"a.txt": TEXTS["A"]})
    loaded = load(tmp_path, environ={}, overrides=folder.overrides, system=None)

    def emptied(effect: str) -> None:
        if effect == "append":
            for claimed in (tmp_path / "state/work").iterdir():
                claimed.unlink()

    with owned(tmp_path, loaded, emptied, processes=0) as opened:
        work = Work(opened, silent_log())
        work.start()
        work.consume(opened.inbox.sweep(0.0))
        open_arrivals = opened.ledger.arrivals.recorded()
        opened.route.acknowledge_applied()
        left = opened.ledger.arrivals.recorded()

    assert folder.outcomes() == {"a.txt": "admitted"}
    assert (len(open_arrivals), left) == (1, [])
    (told,) = [event for event in folder.events() if event["event"]["action"] == "failure"]
    assert told["error"]["type"] == "OriginalLost"
