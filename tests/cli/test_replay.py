"""``winnowd replay``: what would be under other limits, and whether all is as it was."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from tests.cli.test_check import snapshot
from tests.e2e.instance import TEXTS, Instance
from tests.e2e.test_orders import ordered
from tests.gates.stand import PROSE

from winnowd.operations.trial import Trial
from winnowd.storage.ledger import LedgerFault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

HELD = " ".join(PROSE[:4])
OTHER = " ".join(PROSE[4:8])
TABLES = """\
   outcome       was   would be
  ─────────────────────────────
   admitted        1          3
   quarantined     2          0
   rejected        1          1

   code                   grade   was   would be
  ──────────────────────────────────────────────
   QUA401 too-few-words   doubt     2          0
   QUA401 too-few-words   fail      0          0

   id                 what         was           would be   by
  ─────────────────────────────────────────────────────────────────────────────
   {held}   a-held.txt   quarantined   admitted   QUA401 doubt > pass
   {other}   b-held.txt   quarantined   admitted   QUA401 doubt > pass

of 1 that people released 1 would be admitted
of 1 that they confirmed 1 would be let in
of 4 decisions 2 differ
"""


@pytest.fixture(scope="module")
def decided(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """Two articles held for their length, one let in by a person and one kept out; an original, its rewrite."""
    made = Instance(tmp_path_factory.mktemp("decided"), gates__length__words__min__fail=30)
    made.drop({"a-held.txt": HELD, "b-held.txt": OTHER, "c-original.txt": TEXTS["A"], "d-rewrite.txt": TEXTS["B"]})
    made.pass_over()
    ordered(made, "release", "a-held")
    ordered(made, "confirm", "b-held")
    return made


@pytest.fixture
def replay(decided: Instance, run: Callable[..., Ran]) -> Callable[..., Ran]:
    """Run the command on it."""
    return lambda *arguments: run("--home", str(decided.instance_dir), "replay", *arguments)


def test_other_limits_are_tried_by_the_log_alone(decided: Instance, replay: Callable[..., Ran]) -> None:
    """Counts then and now, what differs, people's outcomes beside; what the log cannot tell goes to stderr. Exit 1."""
    before = snapshot(decided.instance_dir)

    ran = replay("--set", "QUA401.doubt=40")

    ids = {event["file"]["name"]: event["winnowd"]["article"]["id"] for event in decided.decisions()}
    assert ran.out == TABLES.format(held=ids["a-held.txt"], other=ids["b-held.txt"])
    assert "a later one's twin is not in the log" in ran.err
    assert ran.code == 1
    assert snapshot(decided.instance_dir) == before


def test_alone_it_decides_the_originals_anew(replay: Callable[..., Ran]) -> None:
    """Each is what it was: exit 0."""
    ran = replay()

    assert ran.code == 0
    assert ran.out.splitlines()[-1] == "of 4 decisions none differs"
    assert ran.err == ""


def test_with_full_what_would_be_there_is_known(replay: Callable[..., Ran]) -> None:
    """As JSON: counts, then each difference with its grades; an order that has nothing to change is counted."""
    ran = replay("--set", "QUA401.doubt=40", "--full", "--json")

    differences = [row for row in ran.rows if row["type"] == "difference"]
    assert [(row["file"], row["was"], row["now"], row["codes"]) for row in differences] == [
        (name, "quarantined", "admitted", {"QUA401": {"was": "doubt", "now": ["pass"]}})
        for name in ("a-held.txt", "b-held.txt")
    ]
    assert {
        "type": "count",
        "by": "order",
        "key": "confirm",
        "was": "quarantined",
        "would_be": ["admitted"],
        "n": 1,
    } in ran.rows
    assert ran.rows[-1]["exit"] == ran.code == 1


def test_what_is_not_sure_is_told_so(replay: Callable[..., Ran]) -> None:
    """A copy's grade that hangs on what the log has not: as JSON all outcomes that there may be."""
    ran = replay("--set", "DUP606.doubt=0.1", "--set", "DUP606.fail=0.2", "--set", "profile=lenient", "--json")

    (row,) = [row for row in ran.rows if row["type"] == "difference" and row["file"] == "a-held.txt"]
    assert (row["now"], row["codes"]) == ("admitted", {})
    assert all("may_be" not in one or len(one["may_be"]) > 1 for one in ran.rows if one["type"] == "difference")


def test_a_period_is_decided_alone(replay: Callable[..., Ran]) -> None:
    """From and to, by the log and by the originals."""
    assert replay("--set", "QUA401.doubt=40", "--until", "2020-01-01").out.endswith("of 0 decisions none differs\n")
    assert replay("--since", "2099-01-01").out.endswith("of 0 decisions none differs\n")


def test_what_needs_the_originals_says_so(replay: Callable[..., Ran]) -> None:
    """And what is no setting names what is: exit 2."""
    kept = replay("--set", "gates.originality.keep=best")
    wrong = replay("--set", "DUP66.fail=2")
    crossed = replay("--set", "DUP606.fail=0.5")
    alone = replay("--full")

    assert [ran.code for ran in (kept, wrong, crossed, alone)] == [2, 2, 2, 2]
    assert "add --full" in kept.err
    assert "DUP66 is no rule; did you mean DUP606" in wrong.err
    assert "must lie beyond doubt (1) for DUP606" in crossed.err
    assert "goes with --set" in alone.err


def test_an_original_that_is_gone_is_named(decided: Instance, run: Callable[..., Ran], tmp_path: Path) -> None:
    """Its decision stands, the others are decided: exit 3. A log that was changed is not replayed."""
    copied = tmp_path / "copied"
    shutil.copytree(decided.instance_dir, copied)
    (original,) = copied.rglob("rejected/**/d-rewrite*.txt")
    original.unlink()

    gone = run("--home", str(copied), "replay")
    (day,) = (copied / "audit").glob("[0-9]*/*/*.jsonl")
    day.write_bytes(day.read_bytes().replace(b'"admitted"', b'"rejected"', 1))
    changed = run("--home", str(copied), "replay")

    assert gone.code == 3
    assert "d-rewrite.txt was not decided again: its original is gone" in gone.err
    assert changed.code == 1
    assert "the log is not as it was written" in changed.err


def test_a_name_from_outside_cannot_write_on_the_terminal(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Titles and names of files are made visible."""
    instance = Instance(tmp_path / "hostile")
    instance.drop({"a\x1b[2J\u202e.txt": HELD})
    instance.pass_over()

    ran = run("--home", str(instance.instance_dir), "replay", "--set", "QUA401.doubt=40", "--set", "QUA401.fail=30")

    assert "\x1b" not in ran.out
    assert "\u202e" not in ran.out
    assert "differs" in ran.out


def test_a_second_ledger_without_room_says_where_room_is_needed(
    replay: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is no fault of the instance's own ledger: exit 74."""

    def full(*_: object) -> None:
        raise LedgerFault("database or disk is full")

    monkeypatch.setattr(Trial, "tell_batch", full)

    ran = replay()

    assert ran.code == 74
    assert "(database or disk is full); name a folder with room by TMPDIR" in ran.err
