"""``winnowd index``: drift is named, and written away."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING

import pytest
from tests.cli.test_check import snapshot
from tests.cli.test_verify import changed, home, kept, one
from tests.crash.check import events

from winnowd.settings import load
from winnowd.storage.disk import Disk
from winnowd.storage.ledger import Ledger
from winnowd.storage.lock import Lock
from winnowd.storage.places import LEDGER
from winnowd.wiring import index_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

__all__ = ["home", "kept"]  # fixtures: two days, orders, a sealed day


@pytest.fixture
def index(run: Callable[..., Ran], home: Path) -> Callable[..., Ran]:
    """Run ``winnowd index`` on the copy."""
    return lambda *arguments: run("--home", str(home), "index", *arguments)


def stray(home: Path) -> None:
    """A page that the ledger does not know."""
    one(home, "seeds/index/2*/001.jsonl").with_name("002.jsonl").write_text("{}\n")


DRIFTED: dict[str, tuple[Callable[[Path], object], str]] = {
    "a page for programs": (
        lambda home: changed(one(home, "seeds/index/2*/*.jsonl"), b'"title": "', b'"title": "No '),
        "001.jsonl",
    ),
    "a page for people": (lambda home: one(home, "seeds/index/2*/*.md").unlink(), "001.md"),
    "INDEX.md": (lambda home: changed(home / "seeds" / "INDEX.md", b"# Seeds", b"# My seeds"), "seeds/INDEX.md"),
    "tombstones": (lambda home: (home / "seeds/index/tombstones.jsonl").unlink(), "seeds/index/tombstones.jsonl"),
    "a stray page": (stray, "002.jsonl"),
}


def test_an_index_as_the_ledger_has_it_is_well(index: Callable[..., Ran], home: Path) -> None:
    """Nothing is changed by looking."""
    before = snapshot(home)

    ran = index("check")

    assert (ran.code, ran.out) == (0, "ok 1 page and INDEX.md are as the ledger has them\n")
    assert snapshot(home) == before


def test_an_index_that_nobody_has_written_for_months_is_no_drift(home: Path) -> None:
    """What was turned away in the last 30 days is counted from the day on which it was written."""
    loaded = load(home, environ={}, system=None)
    ledger = Ledger.read(home / LEDGER)
    later = dt.datetime.now(dt.UTC) + dt.timedelta(days=60)

    drift = index_of(Disk(home), ledger, loaded.settings).drift(later)
    ledger.close()

    assert "| QUA401 " in (home / "seeds" / "INDEX.md").read_text(encoding="utf-8")
    assert drift == []


@pytest.mark.parametrize("name", DRIFTED)
def test_drift_is_named_and_written_away(index: Callable[..., Ran], home: Path, name: str) -> None:
    """Exit 1 until it is rebuilt; then every file is as it was before, byte for byte but for the time of INDEX.md."""
    drift, place = DRIFTED[name]
    before = {path: path.read_bytes() for path in (home / "seeds").rglob("*") if path.is_file()}
    drift(home)

    found = index("check", "--json")
    rebuilt = index("rebuild")
    after = index("check")

    assert found.code == 1
    assert [row["place"].endswith(place) for row in found.rows if row["type"] == "damage"] == [True]
    assert (rebuilt.code, after.code) == (0, 0)
    assert "1 of the files were not as they must be" in rebuilt.err
    now = {path: path.read_bytes() for path in (home / "seeds").rglob("*") if path.is_file()}
    assert {path.name for path in before | now if before.get(path) != now.get(path)} <= {"INDEX.md"}


def test_a_rebuilt_index_is_told_in_the_log(index: Callable[..., Ran], run: Callable[..., Ran], home: Path) -> None:
    """The log witnesses what INDEX.md vouches for, and everything still agrees."""
    changed(home / "seeds" / "INDEX.md", b"# Seeds", b"# My seeds")

    index("rebuild")

    assert events(home)[-1]["event"]["action"] == "index-written"
    assert run("--home", str(home), "verify").code == 0


def test_while_a_service_works_it_is_not_rebuilt(index: Callable[..., Ran], home: Path) -> None:
    """Exit 75; it can be checked all the same."""
    lock = Lock(home / "state" / "lock")
    lock.take()

    rebuilt, checked = index("rebuild"), index("check")
    lock.free()

    assert (rebuilt.code, checked.code) == (75, 0)
    assert "works on this instance" in rebuilt.err


@pytest.mark.parametrize(("writes", "code"), [(True, 0), (False, 1)])
def test_a_page_that_a_service_is_writing_has_not_drifted(
    index: Callable[..., Ran], home: Path, monkeypatch: pytest.MonkeyPatch, *, writes: bool, code: int
) -> None:
    """Under load a page is always a little behind: only one that lies untouched from look to look is wrong."""
    page = one(home, "seeds/index/2*/*.jsonl")
    changed(page, b'"title": "', b'"title": "No ')

    def meanwhile(_: float) -> None:
        if writes:
            page.write_bytes(page.read_bytes() + b"{}\n")

    monkeypatch.setattr(time, "sleep", meanwhile)
    lock = Lock(home / "state" / "lock")
    lock.take()

    ran = index("check")
    lock.free()

    assert ran.code == code


def test_without_a_ledger_there_is_nothing_to_compare_with(run: Callable[..., Ran]) -> None:
    """Exit 74, with what makes one."""
    run("init", "new")

    ran = run("--home", "new", "index", "check")

    assert ran.code == 74
    assert '"winnowd run" makes it' in ran.err
