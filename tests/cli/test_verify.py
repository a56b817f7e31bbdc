"""``winnowd verify``: a tamper table. Whatever is changed is found, and named where it is; nothing else is."""

from __future__ import annotations

import dataclasses
import datetime as dt
import gzip
import json
import shutil
import sqlite3
import subprocess
import time
from typing import TYPE_CHECKING
from unittest.mock import Mock

import pytest
from tests.cli.test_check import FILES, snapshot
from tests.e2e.instance import ROOT, TEXTS, Instance, silent_log
from tests.e2e.test_orders import ordered

from winnowd import event
from winnowd.audit.reader import Log
from winnowd.audit.rollup import read
from winnowd.daemon.maintenance import do_maintenance
from winnowd.daemon.schedule import SEAL
from winnowd.daemon.serve import owned
from winnowd.settings import load
from winnowd.storage.clock import SystemClock
from winnowd.storage.lock import Lock
from winnowd.storage.verified import last_verification

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

SEALED = dt.datetime(2026, 3, 10, 9, 30, tzinfo=dt.UTC)
OPEN = SEALED + dt.timedelta(days=1)
"""The two days, both of one month: an index begins a page with each."""
GIT = shutil.which("git")
GONE = ROOT / "tests" / "cases" / "letter-words-pass.txt"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """Two days, the first sealed, with every outcome; then orders: one erased, one retracted and restored, one gone."""
    made = Instance(tmp_path_factory.mktemp("kept"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SystemClock, "now", lambda _: SEALED)
        made.drop(FILES)
        made.pass_over()
        patch.setattr(SystemClock, "now", lambda _: OPEN)
        seal_and_order(made)
    return made


def seal_and_order(made: Instance) -> None:
    """The second day."""
    loaded = load(made.instance_dir, environ={}, overrides=made.overrides, system=None)
    with owned(made.instance_dir, loaded, processes=0) as instance:
        do_maintenance(instance, silent_log(), [SEAL])
    ordered(made, "release", "d-list")
    ordered(made, "erase", "e-short", yes=True)
    made.drop({"i-other.txt": TEXTS["D"][: len(TEXTS["D"]) // 2] + " It ends in another way, and sooner."})
    made.pass_over()
    ordered(made, "retract", "a-original")
    ordered(made, "restore", "a-original")
    made.drop({"j-gone.txt": GONE.read_bytes()})
    made.pass_over()
    ordered(made, "retract", "j-gone")


@pytest.fixture
def instance_dir(kept: Instance, tmp_path: Path) -> Path:
    """A copy of it, to be tampered with."""
    shutil.copytree(kept.instance_dir, tmp_path / "home", symlinks=True)
    return tmp_path / "home"


@pytest.fixture
def verify(run: Callable[..., Ran], instance_dir: Path) -> Callable[..., Ran]:
    """Run ``winnowd verify`` on the copy."""
    return lambda *arguments: run("--home", str(instance_dir), "verify", *arguments)


def one(instance_dir: Path, pattern: str) -> Path:
    """The first file of a pattern."""
    return min(instance_dir.glob(pattern))


def packed(instance_dir: Path) -> Path:
    """The sealed day."""
    return one(instance_dir, "audit/*/*/*.jsonl.gz")


def plain(instance_dir: Path) -> Path:
    """The log of the second day."""
    return one(instance_dir, "audit/*/*/*.jsonl")


def lines(path: Path) -> list[bytes]:
    """The lines of a log."""
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).splitlines()


def write(path: Path, content: list[bytes]) -> None:
    """Write a log."""
    whole = b"".join(line + b"\n" for line in content)
    path.write_bytes(gzip.compress(whole, mtime=0) if path.suffix == ".gz" else whole)


def changed(path: Path, old: bytes, new: bytes) -> None:
    """Put bytes in the place of others that must be there."""
    content = path.read_bytes()
    assert old in content
    path.write_bytes(content.replace(old, new, 1))


def rechained(instance_dir: Path) -> None:
    """Forge the second day's first line and make the chain after it fit, with a HEAD.json that fits it too."""
    path = plain(instance_dir)
    forged: list[bytes] = []
    prev = json.loads(lines(path)[0])["winnowd"]["chain"]["prev"]
    for at, line in enumerate(lines(path)):
        forged.append(
            event.render(json.loads(line.replace(b'"level":"info"', b'"level":"warning"') if not at else line), prev)
        )
        prev = event.digest(forged[-1])
    write(path, forged)
    head = json.loads((instance_dir / "audit" / "HEAD.json").read_bytes())
    (instance_dir / "audit" / "HEAD.json").write_text(json.dumps(head | {"sha256": prev}))


def lost_day(instance_dir: Path) -> None:
    """The sealed day is gone, with its digest."""
    packed(instance_dir).unlink()
    one(instance_dir, "audit/*/*/*.digest.json").unlink()


def in_gz(instance_dir: Path, old: bytes, new: bytes) -> None:
    """Unpack the sealed day, change it, pack it."""
    path = packed(instance_dir)
    write(path, [line.replace(old, new) for line in lines(path)])


def in_ledger(instance_dir: Path, statement: str) -> None:
    """Change the ledger behind the service's back."""
    connection = sqlite3.connect(instance_dir / "state" / "winnowd.db")
    connection.execute(statement)
    connection.commit()
    connection.close()


def unblanked(instance_dir: Path) -> None:
    """The line of evidence that was erased says something again."""
    told = next(json.loads(line) for line in lines(plain(instance_dir)) if b'"action":"erase"' in line)
    (gone,) = (one for one in told["winnowd"]["erased"] if "offset" in one)
    with (instance_dir / gone["path"]).open("r+b") as file:
        file.seek(gone["offset"])
        assert file.read(gone["bytes"]) == b" " * gone["bytes"]
        file.seek(gone["offset"])
        file.write(b"{}")


def erased_again(instance_dir: Path) -> None:
    """What was erased is put back."""
    told = next(json.loads(line) for line in lines(plain(instance_dir)) if b'"action":"erase"' in line)
    path = instance_dir / next(
        gone["path"] for gone in told["winnowd"]["erased"] if gone["path"].startswith("rejected/")
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("Back again.")


def cut_with_head(instance_dir: Path) -> None:
    """All of the second day but its first line, and the anchor of it."""
    write(plain(instance_dir), lines(plain(instance_dir))[:1])
    (instance_dir / "audit" / "HEAD.json").unlink()


def set_aside(instance_dir: Path) -> None:
    """Bytes that were never the log's, as a start sets them aside."""
    (instance_dir / "audit" / "torn").mkdir()
    (instance_dir / "audit" / "torn" / "x").write_bytes(b"x")


def without_ledger(instance_dir: Path) -> None:
    """The ledger is deleted."""
    for path in instance_dir.glob("state/winnowd.db*"):
        path.unlink()


def foreign_link(instance_dir: Path) -> None:
    """A link in the corpus."""
    one(instance_dir, "seeds/2*/*/*.txt").parent.joinpath("link.txt").symlink_to("/etc/hostname")


def linked(instance_dir: Path) -> None:
    """A seed is replaced by a link to its own bytes."""
    path = one(instance_dir, "seeds/2*/*/*.txt")
    path.rename(instance_dir / "elsewhere")
    path.symlink_to(instance_dir / "elsewhere")


def forged_rollup(instance_dir: Path) -> None:
    """The sealed day is said to have one article less turned away; of the file that lies there, so it is believed."""
    log = Log(instance_dir)
    file = f"audit/{packed(instance_dir).relative_to(instance_dir / 'audit')}"
    true = read(log, file, None, copies=True)
    assert true is not None
    one(instance_dir, "audit/*/*/*.rollup").write_bytes(dataclasses.replace(true, refused={}).packed())


Tamper = tuple["Callable[[Path], object]", set[str], str]
TAMPERED: dict[str, Tamper] = {
    "a line edited": (
        lambda instance_dir: changed(plain(instance_dir), b'"release"', b'"relaese"'),
        {"log chain"},
        ".jsonl:",
    ),
    "a line deleted": (
        lambda instance_dir: write(plain(instance_dir), lines(plain(instance_dir))[1:]),
        {"log sequence"},
        ".jsonl:1",
    ),
    "two lines swapped": (
        lambda instance_dir: write(plain(instance_dir), [(all_ := lines(plain(instance_dir)))[1], all_[0], *all_[2:]]),
        {"log sequence"},
        ".jsonl:1",
    ),
    "the tail cut": (
        lambda instance_dir: write(plain(instance_dir), lines(plain(instance_dir))[:-1]),
        {"log anchor"},
        "audit/HEAD.json",
    ),
    "the tail cut, with HEAD.json": (cut_with_head, {"log anchor"}, ""),
    "rechained, with HEAD.json": (rechained, {"log anchor"}, ".jsonl:"),
    "a day lost": (lost_day, {"log sequence"}, ".jsonl:1"),
    "a packed day changed": (
        lambda instance_dir: in_gz(instance_dir, b'"admit"', b'"admix"'),
        {"log chain", "log digest"},
        ".gz:",
    ),
    "a packed day cut": (
        lambda instance_dir: packed(instance_dir).write_bytes(packed(instance_dir).read_bytes()[:-30]),
        {"log packed", "log digest"},
        ".gz",
    ),
    "a digest gone": (
        lambda instance_dir: one(instance_dir, "audit/*/*/*.digest.json").unlink(),
        {"log digest"},
        ".jsonl.gz",
    ),
    "a digest changed": (
        lambda instance_dir: changed(one(instance_dir, "audit/*/*/*.digest.json"), b'"events": ', b'"events": 1'),
        {"log digest"},
        ".digest.json",
    ),
    "bytes set aside": (set_aside, {"log foreign"}, "audit/torn/x"),
    "evidence changed": (
        lambda instance_dir: changed(one(instance_dir, "audit/evidence/*/*/*/*.jsonl"), b"schema", b"scheme"),
        {"evidence"},
        "audit/evidence/",
    ),
    "evidence deleted": (
        lambda instance_dir: one(instance_dir, "audit/evidence/*/*/*/*.jsonl").unlink(),
        {"evidence"},
        "audit/evidence/",
    ),
    "evidence longer than told": (
        lambda instance_dir: (path := one(instance_dir, "audit/evidence/*/*/*/*.jsonl")).write_bytes(
            path.read_bytes() + b"{}\n"
        ),
        {"evidence"},
        "audit/evidence/",
    ),
    "evidence blanked": (
        lambda instance_dir: (path := one(instance_dir, "audit/evidence/*/*/*/*.jsonl")).write_bytes(
            b" " * (path.stat().st_size - 1) + b"\n"
        ),
        {"evidence"},
        "audit/evidence/",
    ),
    "erased evidence is back": (unblanked, {"erased"}, "audit/evidence/"),
    "a seed changed": (
        lambda instance_dir: changed(one(instance_dir, "seeds/2*/*/*.txt"), b"a", b"b"),
        {"seed"},
        "seeds/",
    ),
    "a seed deleted": (lambda instance_dir: one(instance_dir, "seeds/2*/*/*.txt").unlink(), {"seed"}, "seeds/"),
    "a seed linked": (linked, {"seed"}, "seeds/"),
    "a foreign seed": (
        lambda instance_dir: (
            one(instance_dir, "seeds/2*/*/*.txt").with_name("0123456789abcdef.txt").write_text("Mine.")
        ),
        {"seed"},
        "0123456789abcdef.txt",
    ),
    "a foreign link": (foreign_link, {"seed"}, "link.txt"),
    "a row of the index changed": (
        lambda instance_dir: changed(one(instance_dir, "seeds/index/2*/*.jsonl"), b'"title": "', b'"title": "No '),
        {"index"},
        "seeds/index/",
    ),
    "a row of the index forged": (
        lambda instance_dir: changed(
            one(instance_dir, "seeds/index/2*/*.jsonl"), b'"text_sha256": "', b'"text_sha256": "00'
        ),
        {"index"},
        "seeds/",
    ),
    "a row of the index deleted": (
        lambda instance_dir: write(path := one(instance_dir, "seeds/index/2*/*.jsonl"), lines(path)[1:]),
        {"index"},
        "seeds/",
    ),
    "a page edited": (
        lambda instance_dir: changed(one(instance_dir, "seeds/index/2*/*.md"), b"|", b"||"),
        {"index"},
        "001.md",
    ),
    "INDEX.md edited": (
        lambda instance_dir: changed(instance_dir / "seeds" / "INDEX.md", b"# Seeds", b"# My seeds"),
        {"index"},
        "seeds/INDEX.md",
    ),
    "the anchor in INDEX.md edited": (
        lambda instance_dir: changed(instance_dir / "seeds" / "INDEX.md", b'audit_sha256: "', b'audit_sha256: "0'),
        {"log anchor"},
        "seeds/INDEX.md",
    ),
    "a tombstone deleted": (
        lambda instance_dir: (instance_dir / "seeds" / "index" / "tombstones.jsonl").unlink(),
        {"index"},
        "tombstones.jsonl",
    ),
    "a held original changed": (
        lambda instance_dir: changed(one(instance_dir, "rejected/2*/*/*/*~????????.txt"), b"e", b"E"),
        {"original"},
        "rejected/",
    ),
    "what was erased is back": (erased_again, {"erased"}, "rejected/"),
    "an article added to the ledger": (
        lambda instance_dir: in_ledger(
            instance_dir,
            "UPDATE decision SET outcome = 'admitted', standing = 'admitted', home = 'seeds/2026/11/x.txt' "
            "WHERE number = (SELECT min(number) FROM decision WHERE standing = 'copy')",
        ),
        {"ledger"},
        "seeds/2026/11/x.txt",
    ),
    "an article taken from the ledger": (
        lambda instance_dir: in_ledger(
            instance_dir, "UPDATE decision SET standing = 'retracted' WHERE standing = 'admitted'"
        ),
        {"ledger"},
        "seeds/",
    ),
    "a decision taken from the ledger": (
        lambda instance_dir: in_ledger(instance_dir, "DELETE FROM decision WHERE standing IS NULL"),
        {"ledger"},
        "state/winnowd.db",
    ),
    "the log's hash in the ledger": (
        lambda instance_dir: in_ledger(instance_dir, "UPDATE outbox SET sha256 = '0'"),
        {"log anchor"},
        ".jsonl:",
    ),
    "the ledger damaged": (
        lambda instance_dir: (instance_dir / "state" / "winnowd.db").write_bytes(b"no ledger" * 1_000),
        {"ledger"},
        "state/winnowd.db",
    ),
    "the sums of a sealed day forged": (forged_rollup, {"log rollup"}, ".rollup"),
    "the ledger deleted": (without_ledger, {"ledger"}, "state/winnowd.db"),
}


def test_an_untouched_instance_is_as_it_was_written(verify: Callable[..., Ran], instance_dir: Path) -> None:
    """Everything is looked at, nothing is wrong, nothing is changed."""
    before = snapshot(instance_dir)

    words, rows = verify(), verify("--json").rows[:-1]

    assert (words.code, words.err) == (0, "")
    assert words.out.endswith("\neverything is as it was written\n")
    assert {row["what"] for row in rows if row["total"]} == {
        "log", "digests", "rollups", "anchors", "evidence", "originals", "pages", "corpus", "archive", "folders",
        "index", "ledger",
    }  # fmt: skip
    assert all(row["valid"] == row["total"] for row in rows)
    assert snapshot(instance_dir) == before


@pytest.mark.parametrize("name", TAMPERED)
def test_tampering_is_found_and_named(verify: Callable[..., Ran], instance_dir: Path, name: str) -> None:
    """Of its kind, at its place; exit 1."""
    tamper, kinds, position = TAMPERED[name]
    tamper(instance_dir)

    ran = verify("--json")

    damage = [row for row in ran.rows if row["type"] == "damage"]
    assert kinds <= {row["what"] for row in damage}
    assert any(position in row["place"] for row in damage)
    assert ran.code == 1
    checks = {row["what"]: row for row in ran.rows if row["type"] == "check"}
    assert {kind.split()[0] for kind in kinds} <= {"log", *(name for name, row in checks.items())} | {
        "seed",
        "original",
        "erased",
    }


def test_the_log_s_own_chain_needs_its_files_only(verify: Callable[..., Ran], instance_dir: Path) -> None:
    """Nothing but audit/ and what INDEX.md remembers: what is wrong elsewhere is not looked at."""
    for name in ("state", "rejected", "quarantine", "archive"):
        shutil.rmtree(instance_dir / name)
    (instance_dir / "config").mkdir(exist_ok=True)
    (instance_dir / "config" / "winnowd.toml").touch()
    one(instance_dir, "seeds/2*/*/*.txt").unlink()

    assert verify("--chain-only").code == 0
    changed(plain(instance_dir), b'"release"', b'"relaese"')
    assert verify("--chain-only").code == 1


def test_what_an_operator_removed_is_gone_and_no_damage(verify: Callable[..., Ran], instance_dir: Path) -> None:
    """Held originals may be cleared away by hand; only erase takes text and evidence."""
    one(instance_dir, "rejected/2*/*/*/*~????????.txt").unlink()

    ran = verify()

    assert ran.code == 0
    assert "1 gone, which is no damage" in ran.out


def test_a_torn_line_is_noted(verify: Callable[..., Ran], instance_dir: Path) -> None:
    """A crash leaves one; the next start writes it whole."""
    path = plain(instance_dir)
    path.write_bytes(path.read_bytes() + b'{"@timestamp":"2')

    ran = verify()

    assert ran.code == 0
    assert "note " in ran.out
    assert "the next start writes that" in ran.out


def test_lines_that_only_the_ledger_has_are_noted(verify: Callable[..., Ran], instance_dir: Path) -> None:
    """A crash between commit and publication; what was known to be in the log and is not, is damage."""
    write(plain(instance_dir), left := lines(plain(instance_dir))[:-1])
    head = {"sequence": json.loads(left[-1])["event"]["sequence"], "sha256": event.digest(left[-1])}
    (instance_dir / "audit" / "HEAD.json").write_text(json.dumps(head))

    ran = verify()

    assert ran.code == 0
    assert "note 1 events of the ledger are not in the log yet" in ran.out


def test_from_an_event_on_only_what_was_told_since_is_looked_at(verify: Callable[..., Ran], instance_dir: Path) -> None:
    """By its number; one that the log does not have is a mistake of whoever asks."""
    told = json.loads(lines(plain(instance_dir))[0])["event"]["sequence"]
    in_ledger(instance_dir, "UPDATE decision SET codes = 'QUA401' WHERE number = 2")

    since, all_of_it, beyond = verify("--since", str(told)), verify("--since", "1"), verify("--since", "99999")

    assert since.code == 0
    assert f"note only what was decided or ordered since {told} was looked at" in since.out
    assert all_of_it.code == 1
    assert (beyond.code, "the log has no event 99,999" in beyond.err) == (2, True)


def test_from_a_day_on_only_that_much_is_read(verify: Callable[..., Ran], instance_dir: Path) -> None:
    """Damage of an older day is not met, that of a later is; older articles must be there, as the ledger tells."""
    in_gz(instance_dir, b'"admit"', b'"admix"')

    assert verify("--since", f"{OPEN:%Y-%m-%d}").code == 0
    assert verify("--since", f"{SEALED:%Y-%m-%d}").code == 1
    one(instance_dir, "seeds/2*/*/*.txt").unlink()
    assert verify("--since", f"{OPEN:%Y-%m-%d}").code == 1


def test_copies_kept_elsewhere_are_anchors(verify: Callable[..., Ran], instance_dir: Path, tmp_path: Path) -> None:
    """HEAD.json, a digest, INDEX.md: who rewrites all of the instance meets them. One that is none is wrong usage."""
    kept = [
        instance_dir / "audit" / "HEAD.json",
        one(instance_dir, "audit/*/*/*.digest.json"),
        instance_dir / "seeds" / "INDEX.md",
    ]
    copies = [shutil.copy(path, tmp_path / f"kept-{at}") for at, path in enumerate(kept)]
    anchors = [argument for path in copies for argument in ("--anchor", str(path))]

    assert verify(*anchors).code == 0
    rechained(instance_dir)
    found = verify("--chain-only", "--json", *anchors).rows
    assert {row["message"].partition("that ")[2] for row in found if row["type"] == "damage"} >= {
        f"{tmp_path}/kept-{at} remembers" for at in (0, 2)
    }
    (tmp_path / "none").write_text("{}")
    assert verify("--anchor", str(tmp_path / "none")).code == 2
    assert verify("--anchor", str(tmp_path / "missing")).code == 3


@pytest.mark.skipif(GIT is None, reason="git is not installed")
def test_every_commit_of_the_corpus_is_a_witness(verify: Callable[..., Ran], instance_dir: Path) -> None:
    """A log rewritten with all its own anchors is found by the first commit that remembers it."""

    def git(*arguments: str) -> None:
        who = ("-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
        subprocess.run([str(GIT), "-C", instance_dir / "seeds", *who, *arguments], check=True, capture_output=True)

    assert verify("--git").code == 3
    git("init", "-q")
    git("add", "INDEX.md")
    git("commit", "-q", "-m", "one")

    well = verify("--git", "--json")
    rechained(instance_dir)
    (instance_dir / "seeds" / "INDEX.md").write_text("---\n---\n")
    forged = verify("--git", "--chain-only")

    assert well.code == 0
    assert [row["total"] for row in well.rows if row.get("what") == "anchors"] == [4]
    assert forged.code == 1
    assert "that INDEX.md of commit " in forged.out


def test_what_is_wrong_is_told_line_by_line(verify: Callable[..., Ran], instance_dir: Path) -> None:
    """Place first, then what; the count last."""
    one(instance_dir, "seeds/2*/*/*.txt").unlink()
    one(instance_dir, "audit/evidence/*/*/*/*.jsonl").unlink()

    ran = verify("--no-color")

    *gone, last = ran.out.partition("\n\n")[0].splitlines()
    assert all(line.startswith("audit/evidence/") and " is gone; audit/" in line for line in gone)
    assert last.endswith(".txt is gone: an admitted article has no file")
    assert "BAD corpus" in ran.out
    assert ran.out.endswith(f"\n{len(gone) + 1} things are not as written\n")


def test_a_new_instance_has_nothing_wrong(run: Callable[..., Ran]) -> None:
    """Before its first run there is no ledger that could be missing."""
    run("init", "new")

    assert run("--home", "new", "verify").code == 0


def test_damage_that_a_second_look_does_not_find_is_none(
    run: Callable[..., Ran], instance_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a service works here a file may be in its place a moment before its line is in the log."""
    path = one(instance_dir, "seeds/2*/*/*.txt")
    aside = path.rename(instance_dir / "aside")
    monkeypatch.setattr(time, "sleep", lambda _: aside.rename(path))
    lock = Lock(instance_dir / "state" / "lock")
    lock.acquire()

    ran = run("--home", str(instance_dir), "verify")
    lock.release()

    assert ran.code == 0


def test_the_log_alone_is_held_without_a_configuration(verify: Callable[..., Ran], instance_dir: Path) -> None:
    """Whoever has its files can hold it, whatever stands in the settings."""
    (instance_dir / "config").mkdir(exist_ok=True)
    (instance_dir / "config" / "winnowd.toml").write_text("nonsense")

    assert verify("--chain-only").code == 0
    assert verify().code == 78


def test_a_whole_verification_leaves_its_result_for_the_service_if_it_is_to(
    verify: Callable[..., Ran], instance_dir: Path
) -> None:
    """Sound or not; of some days it says nothing of the whole."""
    assert verify("--tell", "--since", "2026-01-01").code == 2
    assert verify().code == 0
    assert last_verification(instance_dir) is None
    assert verify("--chain-only", "--tell").code == 0
    sound = last_verification(instance_dir)
    changed(plain(instance_dir), b'"action":"release"', b'"action":"RELEASE"')

    assert verify("--tell").code == 1
    found = last_verification(instance_dir)

    assert sound is not None
    assert found is not None
    assert (sound.damage, sound.whole_at) == (0, sound.at)
    assert sound.events > 0
    assert (found.damage > 0, found.whole_at) == (True, sound.at)


def test_who_may_not_leave_a_result_is_told_so(verify: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 74, like any file that cannot be written."""
    fault = PermissionError(13, "Permission denied", "state")
    monkeypatch.setattr("winnowd.operations.verify.leave", Mock(side_effect=fault))

    assert verify("--tell").code == 74
