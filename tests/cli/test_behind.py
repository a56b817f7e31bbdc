"""A ledger that is gone, or older than the log: nothing runs, nothing is changed, and a rebuild loses nothing."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.cli.test_check import FILES
from tests.cli.test_ledger import after, copy_of, without
from tests.cli.test_verify import plain
from tests.e2e.instance import TEXTS, Instance
from tests.e2e.test_orders import ordered

from winnowd.audit.behind import LedgerBehindError
from winnowd.daemon.serve import serve
from winnowd.daemon.servicelog import log_lines
from winnowd.layout import LEDGER
from winnowd.settings import load
from winnowd.storage.disk import Disk
from winnowd.storage.ledger import Ledger

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """An instance, and beside it its ledger as it was before the last files and an order."""
    made = Instance(tmp_path_factory.mktemp("kept") / "home")
    made.drop(FILES)
    made.pass_over()
    shutil.copy(made.home / LEDGER, made.home.parent / "older.db")
    made.drop({"i-other.txt": TEXTS["D"]})
    made.pass_over()
    ordered(made, "release", "d-list")
    return made


@pytest.fixture
def home(kept: Instance, tmp_path: Path) -> Path:
    """A copy of it, to be harmed."""
    shutil.copytree(kept.home, tmp_path / "home", symlinks=True)
    shutil.copy(kept.home.parent / "older.db", tmp_path / "older.db")
    return tmp_path / "home"


def older(home: Path) -> None:
    """An older copy is put back."""
    without(home)
    shutil.copy(home.parent / "older.db", home / LEDGER)


def older_without_head(home: Path) -> None:
    """The same, and HEAD.json is gone: the log's own lines tell."""
    older(home)
    (home / "audit" / "HEAD.json").unlink()


def emptied(home: Path) -> None:
    """A file that holds nothing lies there."""
    without(home)
    (home / LEDGER).touch()


HARMED = pytest.mark.parametrize("harm", [without, older, older_without_head, emptied])
COMMANDS = {
    "run": ["run", "--once"],
    "order": ["release", "b-rewrite", "--reason", "wanted", "--wait", "0"],
    "index rebuild": ["index", "rebuild"],
    "index check": ["index", "check"],
    "status": ["status"],
    "health": ["status", "--health"],
    "check": ["check", "good.txt"],
}


def contents(home: Path) -> dict[str, bytes]:
    """Every file; but the lock's, which names whoever took it last, and orders, which stand until somebody obeys."""
    return {
        path.relative_to(home).as_posix(): path.read_bytes()
        for path in home.rglob("*")
        if path.is_file() and path.name != "lock" and path.parent.name != "orders"
    }


@HARMED
@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_runs_and_nothing_is_changed(
    run: Callable[..., Ran], home: Path, harm: Callable[[Path], None], name: str
) -> None:
    """Exit 74; the words say what is wrong and what mends it; not even an empty ledger is made."""
    harm(home)
    (home.parent / "good.txt").write_text(TEXTS["A"])
    (home / "inbox" / "again.txt").write_text(TEXTS["A"])
    before = contents(home)

    ran = run("--home", str(home), "--json", *COMMANDS[name])

    assert ran.code == 74
    assert ran.err.startswith("winnowd: state: state/winnowd.db ")
    assert "winnowd ledger rebuild" in ran.err
    assert [row["code"] for row in ran.rows if row["type"] == "error"] == ["SYS946"]
    assert contents(home) == before


@HARMED
def test_what_looks_says_so(run: Callable[..., Ran], home: Path, harm: Callable[[Path], None]) -> None:
    """Doctor, the ledger's check and verify, each with what mends it."""
    harm(home)

    doctor = [row for row in run("--home", str(home), "doctor", "--json").rows if row.get("what") == "ledger"]
    assert [(row["ok"], row["do"]) for row in doctor] == [(False, "winnowd ledger rebuild")]
    for command in (["ledger", "check"], ["verify"]):
        ran = run("--home", str(home), *command)
        assert ran.code == 1
        assert LEDGER in ran.out


@HARMED
def test_a_service_ends_and_its_own_log_says_why(home: Path, tmp_path: Path, harm: Callable[[Path], None]) -> None:
    """Before it has watched, taken or told anything."""
    harm(home)
    before = contents(home)

    with pytest.raises(LedgerBehindError):
        serve(home, load(home, environ={}, system=None), lines=log_lines(tmp_path / "service.log"))

    assert contents(home) == before
    told = (tmp_path / "service.log").read_text()
    assert '"SYS946"' in told
    assert '"critical"' in told


@HARMED
def test_a_rebuild_brings_back_all_that_the_log_tells(
    run: Callable[..., Ran], home: Path, harm: Callable[[Path], None]
) -> None:
    """Run at once, before any start: no line is cut, the next arrivals get the same decisions, all is sound."""
    old = copy_of(home, "old")
    before = plain(home).read_bytes()
    harm(home)

    assert run("--home", str(home), "ledger", "rebuild").code == 0

    assert plain(home).read_bytes().startswith(before)
    assert not (home / "audit" / "torn").exists()
    assert after(home) == after(old)
    assert run("--home", str(home), "verify").code == 0


def test_the_older_ledger_is_set_aside_whole_and_stays(run: Callable[..., Ran], home: Path) -> None:
    """As it was, under a name with the time, with its write-ahead log; the next rebuild does not take it away."""
    older(home)
    ledger = Ledger.open(home / LEDGER)
    with ledger.transaction():
        ledger.set("of", "the older one")
    sides = {side: (home / f"{LEDGER}{side}").read_bytes() for side in ("", "-wal")}
    ledger.close()
    for side, content in sides.items():
        (home / f"{LEDGER}{side}").write_bytes(content)

    ran = run("--home", str(home), "ledger", "rebuild")
    run("--home", str(home), "ledger", "rebuild")

    name = ran.err.removeprefix("the old ledger lies in ").strip()
    assert {side: (home / f"{name}{side}").read_bytes() for side in sides} == sides
    assert name.startswith(f"{LEDGER}.2")
    with Ledger.glance(home / LEDGER) as found:
        assert found is not None
        assert found.get("of") is None


def claimed(home: Path, arrival: str, source: Path) -> None:
    """What a claim leaves: a row in the ledger, and the file in state/work."""
    ledger = Ledger.open(home / LEDGER)
    ledger._connection.execute(
        "INSERT INTO arrival VALUES (900, ?, 'feed', ?, '0', '0', 1, 1, '2026-11-22T00:00:00+00:00', "
        "'2026-11-22T00:00:00+00:00', 'claimed', 1, 0, NULL, NULL, 0, 0, NULL)",
        (arrival, f"feed/{source.name}".encode()),
    )
    ledger.close()
    source.rename(home / "state" / "work" / arrival)


def test_what_the_older_ledger_had_only_claimed_comes_back_to_the_inbox(run: Callable[..., Ran], home: Path) -> None:
    """It still lies in state/work, and the log tells of no decision: under its own name it is decided."""
    older(home)
    instance = Instance(home)
    instance.drop({"feed/later.txt": "Taken, and not decided: too short as well."})
    claimed(home, "0123456789abcdef", home / "inbox" / "feed" / "later.txt")

    assert run("--home", str(home), "ledger", "rebuild").code == 0

    assert (home / "inbox" / "feed" / "later.txt").exists()
    instance.pass_over()
    assert instance.outcomes()["later.txt"] == "rejected"


def test_what_was_decided_since_does_not_come_back(run: Callable[..., Ran], home: Path) -> None:
    """The older ledger has it claimed, the log decided; killed before its original was moved, it is moved now."""
    older(home)
    instance = Instance(home)
    (decision,) = [event for event in instance.decisions() if event["file"]["name"] == "i-other.txt"]
    (original,) = home.glob("*/*/*/*/i-other~*.txt")
    claimed(home, decision["winnowd"]["arrival"]["id"], original)

    assert run("--home", str(home), "ledger", "rebuild").code == 0

    assert original.exists()
    assert instance.pass_over() == 0
    assert run("--home", str(home), "verify").code == 0


@HARMED
def test_what_nobody_knows_any_more_is_adopted(
    run: Callable[..., Ran], home: Path, harm: Callable[[Path], None]
) -> None:
    """Claimed under a ledger that is gone: held for a person, not lost."""
    harm(home)
    instance = Instance(home)
    (home / "state" / "work" / "0123456789abcdef").write_text("Claimed by nobody knows whom.")

    assert run("--home", str(home), "ledger", "rebuild").code == 0
    instance.pass_over()

    assert instance.decisions()[-1]["winnowd"]["codes"] == ["SYS907"]
    assert any(path.read_text() == "Claimed by nobody knows whom." for path in home.glob("quarantine/*/*/*/*~*"))
    assert run("--home", str(home), "verify").code == 0


def test_of_a_log_that_lost_its_end_as_well_no_ledger_is_made(run: Callable[..., Ran], home: Path) -> None:
    """Ledger and log are last night's, HEAD.json is not: the old ledger stays where it was, and is not finished."""
    older(home)
    with Ledger.glance(home / LEDGER) as ledger:
        assert ledger is not None
        end = ledger.outbox.end()
    Disk(home).cut(plain(home), end.size)
    before = contents(home)

    ran = run("--home", str(home), "ledger", "rebuild")

    assert ran.code == 1
    assert "audit/HEAD.json" in ran.err
    assert contents(home) == before
