"""How an instance is, asked by a program: nothing is made or changed by it."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest
from tests.e2e.instance import TEXTS, Instance

from winnowd.audit.behind import LedgerBehindError
from winnowd.operations.lay_out import lay_out
from winnowd.operations.status import STALE, status
from winnowd.storage.lock import Lock

if TYPE_CHECKING:
    from pathlib import Path


def test_an_instance_that_never_ran_is_all_zeros(tmp_path: Path) -> None:
    """There is no ledger yet, and there is none afterwards."""
    lay_out(tmp_path)

    found = status(tmp_path)

    assert (found.running, found.state, found.well) == (False, "stopped", False)
    assert (found.corpus, found.totals, found.unfinished, found.last_event) == (0, {}, 0, 0)
    assert not list((tmp_path / "state").glob("winnowd.db*"))


@pytest.mark.parametrize(
    ("state", "silent", "well"),
    [
        ("idle", 0.0, True),
        ("working", 0.0, True),
        ("starting", 0.0, True),
        ("degraded", 0.0, False),
        ("idle", STALE + 60, False),
    ],
)
def test_a_service_is_well_that_says_so_and_said_so_lately(
    tmp_path: Path, state: str, silent: float, *, well: bool
) -> None:
    """Not one that is silent, though it holds the lock."""
    lay_out(tmp_path)
    at = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=silent)
    (tmp_path / "state" / "health.json").write_text(json.dumps({"at": at.isoformat(), "state": state}))
    lock = Lock(tmp_path / "state" / "lock")
    lock.acquire()

    found = status(tmp_path)
    lock.release()

    assert (found.running, found.well) == (True, well)
    assert not status(tmp_path).well


def test_a_ledger_that_is_gone_is_never_counted_as_empty(tmp_path: Path) -> None:
    """The log tells that there was one."""
    made = Instance(tmp_path)
    made.drop({"a.txt": TEXTS["A"]})
    made.pass_over()
    for path in (tmp_path / "state").glob("winnowd.db*"):
        path.unlink()

    with pytest.raises(LedgerBehindError):
        status(tmp_path)
