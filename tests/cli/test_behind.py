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
    shutil.copy(made.instance_dir / LEDGER, made.instance_dir.parent / "older.db")
    made.drop({"i-other.txt": TEXTS["D"]})
    made.pass_over()
    ordered(made, "release", "d-list")
    return made


@pytest.fixture
def instance_dir(kept: Instance, tmp_path: Path) -> Path:
    """A copy of it, to be harmed."""
    shutil.copytree(kept.instance_dir, tmp_path / "home", symlinks=True)
    shutil.copy(kept.instance_dir.parent / "older.db", tmp_path / "older.db")
    return tmp_path / "home"


def older(instance_dir: Path) -> None:
    """An older copy is put back."""
    without(instance_dir)
    shutil.copy(instance_dir.parent / "older.db", instance_dir / LEDGER)


def older_without_head(instance_dir: Path) -> None:
    """The same, and HEAD.json is gone: the log's own lines tell."""
    older(instance_dir)
    (instance_dir / "audit" / "HEAD.json").unlink()


def emptied(instance_dir: Path) -> None:
    """A file that holds nothing lies there."""
    without(instance_dir)
    (instance_dir / LEDGER).touch()


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


def contents(instance_dir: Path) -> dict[str, bytes]:
    """Every file; but the lock's, which names whoever took it last, and orders, which stand until somebody obeys."""
    return {
        path.relative_to(instance_dir).as_posix(): path.read_bytes()
        for path in instance_dir.rglob("*")
        if path.is_file() and path.name != "lock" and path.parent.name != "orders"
    }


@HARMED
@pytest.mark.parametrize("name", COMMANDS)
def test_nothing_runs_and_nothing_is_changed(
    run: Callable[..., Ran], instance_dir: Path, harm: Callable[[Path], None], name: str
) -> None:
    """Exit 74; the words say what is wrong and what mends it; not even an empty ledger is made."""
    harm(instance_dir)
    (instance_dir.parent / "good.txt").write_text(TEXTS["A"])
    (instance_dir / "inbox" / "again.txt").write_text(TEXTS["A"])
    before = contents(instance_dir)

    ran = run("--home", str(instance_dir), "--json", *COMMANDS[name])

    assert ran.code == 74
    assert ran.err.startswith("winnowd: state: state/winnowd.db ")
    assert "winnowd ledger rebuild" in ran.err
    assert [row["code"] for row in ran.rows if row["type"] == "error"] == ["SYS946"]
    assert contents(instance_dir) == before


@HARMED
def test_what_looks_says_so(run: Callable[..., Ran], instance_dir: Path, harm: Callable[[Path], None]) -> None:
    """Doctor, the ledger's check and verify, each with what mends it."""
    harm(instance_dir)

    doctor = [row for row in run("--home", str(instance_dir), "doctor", "--json").rows if row.get("what") == "ledger"]
    assert [(row["ok"], row["do"]) for row in doctor] == [(False, "winnowd ledger rebuild")]
    for command in (["ledger", "check"], ["verify"]):
        ran = run("--home", str(instance_dir), *command)
        assert ran.code == 1
        assert LEDGER in ran.out


@HARMED
def test_a_service_ends_and_its_own_log_says_why(
    instance_dir: Path, tmp_path: Path, harm: Callable[[Path], None]
) -> None:
    """Before it has watched, taken or told anything."""
    harm(instance_dir)
    before = contents(instance_dir)

    with pytest.raises(LedgerBehindError):
        serve(instance_dir, load(instance_dir, environ={}, system=None), lines=log_lines(tmp_path / "service.log"))

    assert contents(instance_dir) == before
    told = (tmp_path / "service.log").read_text()
    assert '"SYS946"' in told
    assert '"critical"' in told


@HARMED
def test_a_rebuild_brings_back_all_that_the_log_tells(
    run: Callable[..., Ran], instance_dir: Path, harm: Callable[[Path], None]
) -> None:
    """Run at once, before any start: no line is cut, the next arrivals get the same decisions, all is sound."""
    old = copy_of(instance_dir, "old")
    before = plain(instance_dir).read_bytes()
    harm(instance_dir)

    assert run("--home", str(instance_dir), "ledger", "rebuild").code == 0

    assert plain(instance_dir).read_bytes().startswith(before)
    assert not (instance_dir / "audit" / "torn").exists()
    assert after(instance_dir) == after(old)
    assert run("--home", str(instance_dir), "verify").code == 0


def test_the_older_ledger_is_set_aside_whole_and_stays(run: Callable[..., Ran], instance_dir: Path) -> None:
    """As it was, under a name with the time, with its write-ahead log; the next rebuild does not take it away."""
    older(instance_dir)
    ledger = Ledger.open(instance_dir / LEDGER)
    with ledger.transaction():
        ledger.set("of", "the older one")
    sides = {side: (instance_dir / f"{LEDGER}{side}").read_bytes() for side in ("", "-wal")}
    ledger.close()
    for side, content in sides.items():
        (instance_dir / f"{LEDGER}{side}").write_bytes(content)

    ran = run("--home", str(instance_dir), "ledger", "rebuild")
    run("--home", str(instance_dir), "ledger", "rebuild")

    name = ran.err.removeprefix("the old ledger lies in ").strip()
    assert {side: (instance_dir / f"{name}{side}").read_bytes() for side in sides} == sides
    assert name.startswith(f"{LEDGER}.2")
    with Ledger.glance(instance_dir / LEDGER) as found:
        assert found is not None
        assert found.get("of") is None


def claimed(instance_dir: Path, arrival: str, source: Path) -> None:
    """What a claim leaves: a row in the ledger, and the file in state/work."""
    ledger = Ledger.open(instance_dir / LEDGER)
    ledger._connection.execute(
        "INSERT INTO arrival VALUES (900, ?, 'feed', ?, '0', '0', 1, 1, '2026-11-22T00:00:00+00:00', "
        "'2026-11-22T00:00:00+00:00', 'claimed', 1, 0, NULL, NULL, 0, 0, NULL)",
        (arrival, f"feed/{source.name}".encode()),
    )
    ledger.close()
    source.rename(instance_dir / "state" / "work" / arrival)


def test_what_the_older_ledger_had_only_claimed_comes_back_to_the_inbox(
    run: Callable[..., Ran], instance_dir: Path
) -> None:
    """It still lies in state/work, and the log tells of no decision: under its own name it is decided."""
    older(instance_dir)
    instance = Instance(instance_dir)
    instance.drop({"feed/later.txt": "Taken, and not decided: too short as well."})
    claimed(instance_dir, "0123456789abcdef", instance_dir / "inbox" / "feed" / "later.txt")

    assert run("--home", str(instance_dir), "ledger", "rebuild").code == 0

    assert (instance_dir / "inbox" / "feed" / "later.txt").exists()
    instance.pass_over()
    assert instance.outcomes()["later.txt"] == "rejected"


def test_what_was_decided_since_does_not_come_back(run: Callable[..., Ran], instance_dir: Path) -> None:
    """The older ledger has it claimed, the log decided; killed before its original was moved, it is moved now."""
    older(instance_dir)
    instance = Instance(instance_dir)
    (decision,) = [event for event in instance.decisions() if event["file"]["name"] == "i-other.txt"]
    (original,) = instance_dir.glob("*/*/*/*/i-other~*.txt")
    claimed(instance_dir, decision["winnowd"]["arrival"]["id"], original)

    assert run("--home", str(instance_dir), "ledger", "rebuild").code == 0

    assert original.exists()
    assert instance.pass_over() == 0
    assert run("--home", str(instance_dir), "verify").code == 0


@HARMED
def test_what_nobody_knows_any_more_is_adopted(
    run: Callable[..., Ran], instance_dir: Path, harm: Callable[[Path], None]
) -> None:
    """Claimed under a ledger that is gone: held for a person, not lost."""
    harm(instance_dir)
    instance = Instance(instance_dir)
    (instance_dir / "state" / "work" / "0123456789abcdef").write_text("Claimed by nobody knows whom.")

    assert run("--home", str(instance_dir), "ledger", "rebuild").code == 0
    instance.pass_over()

    assert instance.decisions()[-1]["winnowd"]["codes"] == ["SYS907"]
    assert any(
        path.read_text() == "Claimed by nobody knows whom." for path in instance_dir.glob("quarantine/*/*/*/*~*")
    )
    assert run("--home", str(instance_dir), "verify").code == 0


def test_of_a_log_that_lost_its_end_as_well_no_ledger_is_made(run: Callable[..., Ran], instance_dir: Path) -> None:
    """Ledger and log are last night's, HEAD.json is not: the old ledger stays where it was, and is not finished."""
    older(instance_dir)
    with Ledger.glance(instance_dir / LEDGER) as ledger:
        assert ledger is not None
        end = ledger.outbox.end()
    Disk(instance_dir).cut(plain(instance_dir), end.size)
    before = contents(instance_dir)

    ran = run("--home", str(instance_dir), "ledger", "rebuild")

    assert ran.code == 1
    assert "audit/HEAD.json" in ran.err
    assert contents(instance_dir) == before
