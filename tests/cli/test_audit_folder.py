"""``--audit DIR``: who has a copy of the audit folder, and nothing else, can ask and check all that it holds."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any
from unicodedata import category

import pytest
from tests.bench.test_decisions import log_lines
from tests.cli.test_check import snapshot

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran


@pytest.fixture
def copy(decided: Path, tmp_path: Path) -> Path:
    """The folder under another name, on a machine without an instance."""
    shutil.copytree(decided / "audit", tmp_path / "press-1 papers")
    return tmp_path / "press-1 papers"


@pytest.fixture
def rewrite(decided: Path) -> dict[str, Any]:
    """An article that was rejected as a rewrite."""
    events = [json.loads(line) for line in log_lines(decided)]
    return next(one for one in events if one["event"].get("code") == "DUP606" and one["event"]["action"] == "reject")


def test_the_log_is_shown_from_either_end(run: Callable[..., Ran], decided: Path, copy: Path) -> None:
    """Byte for byte that of the instance."""
    lines = log_lines(decided)

    assert run("log", "--audit", str(copy), "--json").out.encode().splitlines() == lines
    assert run("log", "--audit", str(copy), "--json", "-n", "3").out.encode().splitlines() == lines[-3:]


def test_statistics_are_those_of_the_instance(run: Callable[..., Ran], decided: Path, copy: Path) -> None:
    """All of them, limits too."""
    asked = ("--by", "source", "--measure", "QUA401")

    assert run("stats", "--audit", str(copy), *asked).out == run("--home", str(decided), "stats", *asked).out


def test_a_record_is_explained_by_log_and_evidence(
    run: Callable[..., Ran], copy: Path, rewrite: dict[str, Any]
) -> None:
    """Its title and passages, and the limits of then; nothing is said of today's, nor of what could be done."""
    ran = run("explain", "--audit", str(copy), rewrite["winnowd"]["article"]["id"])

    assert ran.code == 0
    assert "words in a row" in ran.out
    assert "\n  title " in ran.out
    assert "limits      those of configuration " in ran.out
    assert "today" not in ran.out
    assert "winnowd release" not in ran.out
    assert "winnowd rule DUP606" in ran.out


def test_a_record_is_explained_to_programs(run: Callable[..., Ran], copy: Path, rewrite: dict[str, Any]) -> None:
    """The log's own event and its evidence; limits have no ``now``."""
    ran = run("explain", "--audit", str(copy), rewrite["file"]["name"], "--json")

    rows = {row["type"]: row for row in ran.rows}
    assert {name: value for name, value in rows["event"].items() if name != "type"} == rewrite
    assert rows["evidence"]["passages"]
    assert "then" in rows["limit"]
    assert "now" not in rows["limit"]
    assert rows["summary"]["exit"] == 0


def test_other_limits_are_tried(run: Callable[..., Ran], decided: Path, copy: Path) -> None:
    """By the log alone, and so as in the instance; titles come from the evidence."""
    tried = ("--set", "DUP606.fail=1.2", "--all")
    ran = run("replay", "--audit", str(copy), *tried)

    assert ran.code == 1
    assert ran.out == run("--home", str(decided), "replay", *tried).out


def test_two_points_are_compared(run: Callable[..., Ran], decided: Path, copy: Path) -> None:
    """As in the instance."""
    ran = run("diff", "#100", "HEAD", "--audit", str(copy))

    assert ran.code == 1
    assert ran.out == run("--home", str(decided), "diff", "#100", "HEAD").out


def test_evidence_that_was_not_copied_is_named(run: Callable[..., Ran], copy: Path, rewrite: dict[str, Any]) -> None:
    """What the event says is shown all the same."""
    shutil.rmtree(copy / "evidence")

    ran = run("explain", "--audit", str(copy), rewrite["winnowd"]["article"]["id"])

    assert ran.code == 0
    assert f"{rewrite['winnowd']['evidence']['path']} is gone" in ran.out


def test_the_chain_is_held_and_a_change_is_found(run: Callable[..., Ran], copy: Path) -> None:
    """HEAD.json and the digests that were copied are the anchors; with an older copy of one, that too."""
    shutil.copy(copy / "HEAD.json", copy.parent / "kept")
    well = run("verify", "--chain-only", "--audit", str(copy), "--anchor", "kept")
    path = copy / "2026/11/22.jsonl"
    path.write_bytes(path.read_bytes().replace(b'"outcome":"rejected"', b'"outcome":"admitted"', 1))

    bad = run("verify", "--chain-only", "--audit", str(copy))

    assert well.code == 0
    assert "2 events that others remember" in well.out
    assert bad.code == 1
    assert "audit/2026/11/22.jsonl:" in bad.out


def test_nothing_is_written_and_nothing_beside_is_read(
    run: Callable[..., Ran], copy: Path, rewrite: dict[str, Any]
) -> None:
    """Not even what stands where an instance would have it; nor a configuration, however broken."""
    (copy.parent / "config").mkdir()
    (copy.parent / "config" / "winnowd.toml").write_text("broken")
    (copy.parent / "seeds").mkdir()
    (copy.parent / "seeds" / "INDEX.md").write_text(f"---\n  audit_sequence: 1\n  audit_sha256: {'0' * 64}\n---\n")
    before = snapshot(copy.parent)

    asked = (
        ("log", "-n", "2"), ("stats",), ("verify", "--chain-only"), ("explain", rewrite["winnowd"]["arrival"]["id"]),
        ("replay", "--set", "DUP606.fail=1.55"), ("diff", "HEAD", "HEAD"),
    )  # fmt: skip
    for command, *arguments in asked:
        assert run(command, "--audit", str(copy), *arguments).code in {0, 1}, command  # 1: others would be decided

    assert snapshot(copy.parent) == before


def test_wrong_usage_is_told(run: Callable[..., Ran], copy: Path) -> None:
    """A folder without a log; what needs more than the log."""
    (copy.parent / "empty").mkdir()

    assert run("stats", "--audit", "empty").code == 10
    assert "empty holds no audit log; give the folder that holds 2026/11/22.jsonl" in run("log", "--audit", "empty").err
    assert run("log", "--audit", "nowhere").code == 2
    assert "add --chain-only" in run("verify", "--audit", str(copy)).err
    assert run("verify", "--audit", str(copy), "--chain-only", "--git").code == 2
    assert run("explain", "--audit", str(copy), "x", "--side-by-side").code == 2
    assert "give --set without --full" in run("replay", "--audit", str(copy)).err
    assert run("replay", "--audit", str(copy), "--set", "DUP606.fail=2", "--full").code == 2


def test_what_strangers_wrote_moves_no_cursor(run: Callable[..., Ran], copy: Path, decided: Path) -> None:
    """Names of files and titles with control and bidi signs are shown as text, whichever command shows them."""
    events = [json.loads(line) for line in log_lines(decided)]
    odd = next(one for one in events if "\x1b" in one.get("file", {}).get("name", ""))

    log, account = run("log", "--audit", str(copy)), run("explain", "--audit", str(copy), odd["trace"]["id"])

    assert "<U+001B>[31m" in log.out
    assert "<U+001B>[31m" in account.out
    shown = log.out + account.out + run("stats", "--audit", str(copy), "--by", "source").out
    assert not {sign for sign in shown if category(sign) in {"Cc", "Cf", "Co", "Zl", "Zp"}} - {"\n"}
