"""``winnowd ledger``: a ledger made anew from log, originals and seeds is the old one, and decides as the old one."""

from __future__ import annotations

import json
import shutil
import sqlite3
from typing import TYPE_CHECKING, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.cli.test_verify import GONE, changed, instance_dir, kept, lines, one, plain, write
from tests.crash.check import faults
from tests.crash.conftest import fast_path
from tests.e2e.hostile import deposit_all
from tests.e2e.instance import TEXTS, Instance
from tests.e2e.test_changing import HALF, REST, grown, judged_again, superseded
from tests.e2e.test_orders import DOUBTED, ordered

from winnowd.storage.lock import Lock
from winnowd.storage.paths import arrival_id, arrival_number

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

Action = Literal["release", "confirm", "retract", "restore", "erase"]
__all__ = [
    "fast_path",
    "instance_dir",
    "kept",
]  # fixtures: two days, every outcome, many records in a file, orders, an erased article
TABLES = (
    "arrival",
    "decision",
    "signature",
    "body",
    "paragraph",
    "held_text",
    "held_reason",
    "page_row",
    "page",
    "tombstone",
    "refused",
    "total",
    "binding",
)
LATER: dict[str, str | bytes] = {
    "k-copy.txt": TEXTS["A"],
    "l-edited.txt": TEXTS["A"].replace("the", "a", 3) + " And so it ended.",
    "m-rewrite.txt": TEXTS["B"] + " It was a long day.",
    "n-erased.txt": "Too short to be an article.",
    "o-new.txt": TEXTS["D"][len(TEXTS["D"]) // 2 :] * 2,
    "p-many.jsonl": "\n".join(json.dumps({"text": text}) for text in (TEXTS["C"], TEXTS["A"])),
}


@pytest.fixture
def ledger(run: Callable[..., Ran], instance_dir: Path) -> Callable[..., Ran]:
    """Run ``winnowd ledger`` on the copy."""
    return lambda *arguments: run("--home", str(instance_dir), "ledger", *arguments)


def without(instance_dir: Path) -> None:
    """Delete the ledger."""
    for path in instance_dir.glob("state/winnowd.db*"):
        path.unlink()


def rows(instance_dir: Path, table: str) -> list[dict[str, Any]]:
    """The rows of a table, without what nobody can know any more.

    That is where a file lay on disk, how often it was tried, its nanoseconds, and when a row was written.
    """
    connection = sqlite3.connect(f"{(instance_dir / 'state' / 'winnowd.db').as_uri()}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    found = [dict(row) for row in connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2")]  # noqa: S608 - our own names
    connection.close()
    for row in found:
        row["mtime_ns"] = row.get("mtime_ns", 0) // 1_000
        for name in ("dev", "ino", "tries", "at") if table != "refused" else ():
            row.pop(name, None)
    return found


def after(instance_dir: Path) -> list[tuple[Any, ...]]:
    """What is decided of further files: outcome, codes, measures, twin, place in the corpus."""
    instance = Instance(instance_dir)
    before = len(instance.events())
    instance.drop(LATER)
    instance.pass_over()
    decided = [event for event in instance.events()[before:] if "file" in event]
    return [
        (
            event["file"]["name"],
            event["winnowd"]["outcome"],
            event["winnowd"]["codes"],
            event["winnowd"]["measured"],
            event["winnowd"].get("nearest"),
            event["winnowd"]["corpus"]["articles"],
        )
        for event in decided
    ]


def copy_of(instance_dir: Path, name: str) -> Path:
    """Another copy of an instance."""
    shutil.copytree(instance_dir, instance_dir.parent / name, symlinks=True)
    return instance_dir.parent / name


def rebuilt_alike(run: Callable[..., Ran], instance_dir: Path) -> Path:
    """Make the ledger anew, and hold it to the old one, row by row; gives the instance as it was."""
    old = copy_of(instance_dir, "old")
    without(instance_dir)

    ran = run("--home", str(instance_dir), "ledger", "rebuild")

    assert ran.code == 0
    for table in TABLES:
        assert rows(instance_dir, table) == rows(old, table), table
    return old


def test_a_ledger_made_anew_is_the_old_one(ledger: Callable[..., Ran], instance_dir: Path) -> None:
    """Row by row: arrivals, decisions as they stand, fingerprints, held texts, pages, sums; nothing is lost on disk."""
    old = copy_of(instance_dir, "old")
    without(instance_dir)

    ran = ledger("rebuild")

    assert (ran.code, ran.err) == (0, "")
    for table in TABLES:
        assert rows(instance_dir, table) == rows(old, table), table
    assert rows(instance_dir, "outbox")[: len(rows(old, "outbox"))] == rows(old, "outbox")
    assert [row["key"] for row in rows(instance_dir, "meta")] == [row["key"] for row in rows(old, "meta")]
    assert {row["sha256"] for row in rows(instance_dir, "config")} == {row["sha256"] for row in rows(old, "config")}


def test_the_next_arrivals_get_the_same_decisions(
    ledger: Callable[..., Ran], run: Callable[..., Ran], instance_dir: Path
) -> None:
    """Copies, edits, rewrites of what is in the corpus, was released, restored, erased: all as before; all is sound."""
    old = copy_of(instance_dir, "old")
    without(instance_dir)

    ledger("rebuild")

    assert after(instance_dir) == after(old)
    assert run("--home", str(instance_dir), "verify").code == 0


def test_orders_can_be_undone_after_it(ledger: Callable[..., Ran], instance_dir: Path) -> None:
    """How each record stood before the last order on it is known as before."""
    old = copy_of(instance_dir, "old")
    without(instance_dir)

    ledger("rebuild")

    def done(where: Path, action: Action, target: str, **flags: bool) -> list[tuple[Any, ...]]:
        results = ordered(Instance(where), action, target, **flags)
        return [(one["state"], one.get("id"), one.get("outcome")) for one in results]

    orders: list[tuple[Action, str]] = [
        ("restore", "d-list"),
        ("retract", "a-original"),
        ("restore", "a-original"),
        ("release", "b-rewrite"),
    ]
    for action, target in orders:
        assert done(instance_dir, action, target) == done(old, action, target), (action, target)
    assert done(instance_dir, "release", "b-rewrite", replace=True) == done(old, "release", "b-rewrite", replace=True)
    assert [row["home"] for row in rows(instance_dir, "decision")] == [row["home"] for row in rows(old, "decision")]


def test_what_people_decided_binds_after_it(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Confirmed, retracted, erased, lifted and bound again: each later delivery meets the same answer."""
    made = Instance(tmp_path / "home")
    texts = {"a.txt": TEXTS["A"], "c.txt": DOUBTED, "d.txt": TEXTS["D"], "e.txt": GONE.read_text(encoding="utf-8")}
    made.drop(texts)
    made.pass_over()
    orders: list[tuple[Action, str]] = [
        ("retract", "a.txt"), ("confirm", "c.txt"), ("erase", "d.txt"), ("retract", "e.txt"), ("restore", "e.txt"),
        ("restore", "a.txt"), ("restore", "a.txt"),
    ]  # fmt: skip
    for action, target in orders:
        ordered(made, action, target, yes=True)

    old = rebuilt_alike(run, made.instance_dir)

    decided = []
    for where in (made.instance_dir, old):
        again = Instance(where)
        before = len(again.decisions())
        again.drop({f"again-{name}": text for name, text in texts.items()})
        again.pass_over()
        decided.append([(one["file"]["name"], one["event"]["code"]) for one in again.decisions()[before:]])
    assert decided[0] == decided[1]
    assert [code for _, code in decided[0]] == ["ORD701", "ORD701", "ORD701", "DUP601"]


def test_what_was_forgotten_stays_forgotten(ledger: Callable[..., Ran], instance_dir: Path) -> None:
    """An article erased with --forget is not known by its digests, one erased without is."""
    ordered(Instance(instance_dir), "erase", "d-list", yes=True, forget=True)
    old = copy_of(instance_dir, "old")
    without(instance_dir)

    ledger("rebuild")

    assert rows(instance_dir, "signature") == rows(old, "signature")
    assert rows(instance_dir, "decision") == rows(old, "decision")


def test_a_superseded_article_is_told_again(run: Callable[..., Ran], tmp_path: Path) -> None:
    """With keep = best a better version takes the place of one: who is whose copy, and what left the corpus."""
    (tmp_path / "home" / "config").mkdir(parents=True)
    (tmp_path / "home" / "config" / "winnowd.toml").write_text('gates.originality.keep = "best"\n')
    made = Instance(tmp_path / "home")
    made.drop({"a.txt": TEXTS["A"], "c.txt": TEXTS["C"]})
    made.pass_over()
    made.drop({"b.json": json.dumps({"text": TEXTS["A"], "title": "Fire on the survey boat", "authors": ["A. Smith"]})})
    made.pass_over()
    assert "supersede" in {event["event"]["action"] for event in made.events()}

    old = rebuilt_alike(run, made.instance_dir)

    assert after(made.instance_dir) == after(old)


def test_a_file_that_was_judged_again_is_told_again(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Which arrival goes on with which, and what left the corpus for it."""
    made, _ = judged_again(tmp_path / "home", HALF, REST)

    old = rebuilt_alike(run, made.instance_dir)

    assert after(made.instance_dir) == after(old)
    assert run("--home", str(made.instance_dir), "verify").code == 0


@pytest.mark.parametrize("where", ["inbox/a.txt", "state/work"])
def test_a_file_that_is_to_be_judged_again_still_is_after_a_rebuild(
    run: Callable[..., Ran], tmp_path: Path, where: str
) -> None:
    """Its whole takes the place of its half: whether it lies in the inbox again, or was about to be put there."""
    made, aside = grown(tmp_path / "home", HALF, REST)
    (half,) = made.decisions()
    aside.rename(made.instance_dir / (f"state/work/{half['trace']['id']}" if where == "state/work" else where))
    without(made.instance_dir)

    assert run("--home", str(made.instance_dir), "ledger", "rebuild").code == 0
    made.pass_over()

    half, whole = made.decisions()
    assert whole["winnowd"]["outcome"] == "admitted"
    assert whole["winnowd"]["arrival"]["continues"] == half["trace"]["id"]
    assert len(superseded(made)) == 1
    assert faults(made.instance_dir) == []


def test_a_file_that_another_has_replaced_is_not_judged_again_after_a_rebuild(
    run: Callable[..., Ran], tmp_path: Path
) -> None:
    """What lies at its path by then goes on with nothing."""
    made, _ = grown(tmp_path / "home", HALF, REST, instead=TEXTS["C"])
    made.drop({"a.txt": TEXTS["D"]})

    without(made.instance_dir)

    assert run("--home", str(made.instance_dir), "ledger", "rebuild").code == 0
    made.pass_over()

    assert "continues" not in made.decisions()[-1]["winnowd"]["arrival"]


def test_without_originals_the_corpus_is_known_by_its_texts(ledger: Callable[..., Ran], instance_dir: Path) -> None:
    """Same decisions on copies of what is in the corpus; what was held and is gone is known by its bytes alone."""
    old = copy_of(instance_dir, "old")
    shutil.rmtree(instance_dir / "archive")
    shutil.rmtree(instance_dir / "rejected")
    without(instance_dir)

    ran = ledger("rebuild", "--json")

    counts = {row["what"]: row["total"] for row in ran.rows if row["type"] == "check"}
    assert counts["texts-from-seeds"] >= 2
    assert counts["texts-gone"] >= 1
    here, there = after(instance_dir), after(old)
    assert [one[:2] for one in here] == [one[:2] for one in there]
    assert rows(instance_dir, "page_row") == rows(old, "page_row")


def test_without_originals_a_noted_field_is_still_flagged(run: Callable[..., Ran], tmp_path: Path) -> None:
    """The log tells of it: of optional fields that were left out."""
    made = Instance(tmp_path / "home")
    dates = {"published": "2024-03-02", "modified": "2024-03-01"}
    made.drop({"a.json": json.dumps({"text": TEXTS["A"], "url": "nowhere", **dates})})
    made.pass_over()
    before = rows(made.instance_dir, "page_row")
    shutil.rmtree(made.instance_dir / "archive")
    without(made.instance_dir)

    assert run("--home", str(made.instance_dir), "ledger", "rebuild").code == 0

    assert [json.loads(row["line"])["flags"] for row in before] == [["SCH206", "SCH208"]]
    assert rows(made.instance_dir, "page_row") == before


def test_a_ledger_of_hostile_files_is_made_anew(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Odd names, links, devices, broken packing, many records: the same rows again, by processes of its own."""
    made = Instance(tmp_path / "home")
    deposit_all(made.instance_dir / "inbox", tmp_path / "outside", count=110)
    made.drop({f"feed/deep/{at}.txt": f"Too short, number {at}." for at in range(20)})
    made.pass_over(processes=1)
    before = {table: rows(made.instance_dir, table) for table in TABLES}
    without(made.instance_dir)

    ran = run("--home", str(made.instance_dir), "ledger", "rebuild")

    assert ran.code == 0
    assert {table: rows(made.instance_dir, table) for table in TABLES} == before


def test_fingerprints_of_another_winnowd_are_made_anew(run: Callable[..., Ran], instance_dir: Path) -> None:
    """Nothing runs with them, 78; the words say what to do, and that does it."""
    in_ledger(instance_dir, "UPDATE recipe SET \"table\" = 'of another'")
    (good := instance_dir.parent / "good.txt").write_text(TEXTS["A"])

    release = ["release", "b-rewrite", "--reason", "wanted", "--wait", "0"]
    for arguments in (["run", "--once"], ["check", str(good)], ["index", "rebuild"], release):
        refused = run("--home", str(instance_dir), *arguments)
        assert refused.code == 78, arguments
        assert "winnowd ledger rebuild" in refused.err

    assert run("--home", str(instance_dir), "ledger", "rebuild").code == 0
    assert run("--home", str(instance_dir), "run", "--once").code == 0


def test_a_killed_rebuild_leaves_the_old_ledger(
    ledger: Callable[..., Ran], instance_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The new one lies beside it until it is whole; a second try begins anew."""
    before = rows(instance_dir, "decision")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("winnowd.operations.rebuild.put_in_place", killed)
        assert ledger("rebuild").code == 130
    assert rows(instance_dir, "decision") == before
    assert (instance_dir / "state" / "winnowd.db.new").exists()

    assert ledger("rebuild").code == 0
    assert not (instance_dir / "state" / "winnowd.db.new").exists()
    assert rows(instance_dir, "decision") == before
    assert faults_of_corpus(instance_dir) == []


def faults_of_corpus(instance_dir: Path) -> list[str]:
    """What the check of the crash tests finds, but for the log's packed days, which it does not read."""
    return [fault for fault in faults(instance_dir) if "log" not in fault and "line" not in fault]


def test_a_damaged_ledger_is_made_anew(ledger: Callable[..., Ran], run: Callable[..., Ran], instance_dir: Path) -> None:
    """The old bytes stay beside it; a write-ahead log of the old one is not played back into the new."""
    (instance_dir / "state" / "winnowd.db").write_bytes(b"no ledger" * 1_000)
    (instance_dir / "state" / "winnowd.db-wal").write_bytes(b"no log either")

    assert run("--home", str(instance_dir), "ledger", "check").code == 1
    assert ledger("rebuild").code == 0
    assert run("--home", str(instance_dir), "verify").code == 0
    assert (instance_dir / "state" / "winnowd.db.before-rebuild").read_bytes().startswith(b"no ledger")


def test_the_old_ledger_is_kept(ledger: Callable[..., Ran], instance_dir: Path) -> None:
    """As it was, under another name, until the next rebuild."""
    before = rows(instance_dir, "decision")

    ran = ledger("rebuild")

    assert ran.err == "the old ledger lies in state/winnowd.db.before-rebuild\n"
    (instance_dir / "state" / "winnowd.db.before-rebuild").rename(instance_dir / "state" / "winnowd.db")
    assert rows(instance_dir, "decision") == before


def test_of_a_damaged_log_no_ledger_is_made(ledger: Callable[..., Ran], instance_dir: Path) -> None:
    """Exit 1, the place named; the old ledger stays."""
    changed(plain(instance_dir), b'"release"', b'"relaese"')
    without(instance_dir)

    ran = ledger("rebuild")

    assert ran.code == 1
    assert "does not follow from" in ran.err
    assert not (instance_dir / "state" / "winnowd.db").exists()


def test_while_a_service_works_it_is_not_made_anew(ledger: Callable[..., Ran], instance_dir: Path) -> None:
    """Exit 75."""
    lock = Lock(instance_dir / "state" / "lock")
    lock.acquire()

    ran = ledger("rebuild")
    lock.release()

    assert ran.code == 75


def test_what_was_claimed_comes_back_to_the_inbox(ledger: Callable[..., Ran], instance_dir: Path) -> None:
    """A file that a killed service had only taken is decided after the rebuild, under its own name."""
    Instance(instance_dir).drop({"later.txt": "Taken, and not decided: too short as well."})
    with pytest.raises(KeyboardInterrupt):
        Instance(instance_dir).pass_over(on_effect=interrupt_at_second_commit())

    assert ledger("rebuild").code == 0
    assert (instance_dir / "inbox" / "later.txt").exists()
    Instance(instance_dir).pass_over()
    assert Instance(instance_dir).outcomes()["later.txt"] == "rejected"


def test_to_an_inbox_on_another_file_system_it_comes_back_as_well(
    ledger: Callable[..., Ran], instance_dir: Path, fast_path: Path
) -> None:
    """It was copied when it was taken, and is copied back; nothing of it stays in state/work, nothing is doubled."""
    if fast_path.stat().st_dev == instance_dir.stat().st_dev:
        pytest.skip("needs a second file system")
    shutil.rmtree(instance_dir / "inbox")
    (fast_path / "inbox").mkdir()
    (instance_dir / "inbox").symlink_to(fast_path / "inbox")
    Instance(instance_dir).drop({"later.txt": "Taken, and not decided: too short as well."})
    with pytest.raises(KeyboardInterrupt):
        Instance(instance_dir).pass_over(on_effect=interrupt_at_second_commit())
    assert not (instance_dir / "inbox" / "later.txt").exists()

    assert ledger("rebuild").code == 0
    assert [path.name for path in (instance_dir / "inbox").iterdir()] == ["later.txt"]
    assert Instance(instance_dir).files("state/work") == []
    Instance(instance_dir).pass_over()
    assert Instance(instance_dir).outcomes()["later.txt"] == "rejected"


def interrupt_at_second_commit() -> Callable[[str], None]:
    """Ends a pass after the file was renamed out of the inbox."""
    seen: list[str] = []

    def on_effect(effect: str) -> None:
        seen.append(effect)
        if effect == "commit" and "rename" in seen[seen.index("commit") :] and len(list_of(seen)) > 3:
            raise KeyboardInterrupt

    return on_effect


def list_of(seen: list[str]) -> list[str]:
    """The commits so far."""
    return [effect for effect in seen if effect == "commit"]


def test_an_unfinished_last_line_is_left_out(
    ledger: Callable[..., Ran], run: Callable[..., Ran], instance_dir: Path
) -> None:
    """Without the old ledger nobody knows how it went on: that is told, it is kept, and the log goes on.

    Whoever has looked at it takes it away; until then it is damage.
    """
    without(instance_dir)
    path = plain(instance_dir)
    path.write_bytes(path.read_bytes() + b'{"@timestamp":"2')

    assert ledger("rebuild").code == 0
    told = [event for event in Instance(instance_dir).events() if event["event"]["action"] == "recovered"]
    assert (told[0]["event"]["code"], told[0]["winnowd"]["recovered"]["foreign_bytes"]) == ("SYS942", 16)
    kept = one(instance_dir, "audit/torn/*")
    assert kept.read_bytes() == b'{"@timestamp":"2'
    ran = run("--home", str(instance_dir), "verify", "--chain-only")
    assert (ran.code, f"audit/torn/{kept.name} holds bytes" in ran.out) == (1, True)
    kept.unlink()
    assert run("--home", str(instance_dir), "verify", "--chain-only").code == 0


CHECKED: dict[str, Callable[[Path], object]] = {
    "a line edited": lambda instance_dir: changed(plain(instance_dir), b'"release"', b'"relaese"'),
    "the tail cut": lambda instance_dir: write(plain(instance_dir), lines(plain(instance_dir))[:1]),
    "deleted": without,
    "another standing": lambda instance_dir: in_ledger(
        instance_dir, "UPDATE decision SET standing = 'erased' WHERE standing = 'admitted'"
    ),
}


def in_ledger(instance_dir: Path, statement: str) -> None:
    """Change the ledger behind the service's back."""
    connection = sqlite3.connect(instance_dir / "state" / "winnowd.db")
    connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize("name", CHECKED)
def test_a_ledger_that_disagrees_with_the_log_is_found(
    ledger: Callable[..., Ran], instance_dir: Path, name: str
) -> None:
    """Whichever of the two was changed."""
    assert ledger("check").code == 0

    CHECKED[name](instance_dir)

    assert ledger("check").code == 1


def test_check_reads_log_and_ledger_only(ledger: Callable[..., Ran], instance_dir: Path) -> None:
    """What is wrong with texts, evidence or pages is for verify."""
    one(instance_dir, "seeds/2*/*/*.txt").unlink()
    one(instance_dir, "audit/evidence/*/*/*/*.jsonl").unlink()

    ran = ledger("check", "--json")

    assert ran.code == 0
    assert [row["what"] for row in ran.rows if row["type"] == "check"] == [
        "log", "digests", "anchors", "ledger",
    ]  # fmt: skip


@given(number=st.integers(0, 0xFFFFFFFF), salt=st.integers(0, 0xFFFFFFFF))
def test_an_arrival_s_number_is_read_from_its_id(number: int, salt: int) -> None:
    """So that numbers go on where they were, and no name of a kept original comes twice."""
    assert arrival_number(arrival_id(number, salt)) == number


def test_a_file_of_which_all_records_were_erased_is_told_again(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Its original went with the last of them; log, ledger and files agree on it."""
    made = Instance(tmp_path / "home")
    made.drop({"two.jsonl": "".join(json.dumps({"text": TEXTS[one]}) + "\n" for one in "AC")})
    made.pass_over()
    for event in made.decisions():
        ordered(made, "erase", event["winnowd"]["article"]["id"], yes=True)

    rebuilt_alike(run, made.instance_dir)
    assert run("--home", str(made.instance_dir), "verify").code == 0


def newer(instance_dir: Path, needs: str) -> None:
    """Let a version to come have opened the instance last."""
    with sqlite3.connect(instance_dir / "state" / "winnowd.db") as connection:
        connection.execute("UPDATE meta SET value = ? WHERE key = 'needs_winnowd'", (needs,))
        connection.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize("words", [("run",), ("run", "--once"), ("status",), ("queue",), ("ledger", "check")])
def test_after_a_downgrade_it_says_which_version_the_ledger_needs(
    run: Callable[..., Ran], instance_dir: Path, words: tuple[str, ...]
) -> None:
    """The one that changed its schema, by name; nothing is changed."""
    newer(instance_dir, "9.1.0")
    before = (instance_dir / "audit" / "HEAD.json").read_bytes()

    ran = run("--home", str(instance_dir), *words)

    assert "its schema 99 needs winnowd 9.1.0 or newer; this is winnowd 0." in ran.out + ran.err
    assert ran.code == (1 if words[0] == "ledger" else 74)
    assert (instance_dir / "audit" / "HEAD.json").read_bytes() == before


def test_after_a_downgrade_a_rebuild_makes_a_ledger_that_it_knows(run: Callable[..., Ran], instance_dir: Path) -> None:
    """As the other sentence of that says: from the log; the newer one is kept."""
    old = copy_of(instance_dir, "old")
    newer(instance_dir, "9.1.0")

    refused = run("--home", str(instance_dir), "run", "--once")
    ran = run("--home", str(instance_dir), "ledger", "rebuild")

    assert '"winnowd ledger rebuild" makes a ledger that it knows' in refused.err
    assert ran.code == 0
    assert "the old ledger lies in state/winnowd.db.before-rebuild" in ran.out + ran.err
    assert rows(instance_dir, "decision") == rows(old, "decision")
    assert faults(instance_dir) == []
