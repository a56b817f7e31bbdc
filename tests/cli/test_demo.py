"""``winnowd demo``: what a newcomer sees first; the articles themselves are held to their story elsewhere."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from tests.crash.check import faults

from winnowd.operations.demo import articles

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest
    from tests.cli.conftest import Ran


def test_the_demo_shows_every_outcome_and_leaves_nothing(
    run: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What happened in a sentence each, the findings with twin and passages, the table, what to try next."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    ran = run("demo")

    assert (ran.code, ran.err) == (0, "")
    parts = [
        "5 articles, made up for this, were dropped into an inbox:\n  2 admitted ",
        "DUP606 rewrite fail  2-tide-mill-reworded.txt",
        "--> copies seeds/",
        "two sentences, ",
        "QUA456 cut-off doubt  5-harbour-lamp.txt",
        "   1-tide-mill.txt            admitted",
        "5 records: 2 admitted, 2 rejected, 1 quarantined",
        "winnowd demo --keep DIR",
    ]
    assert sorted(parts, key=ran.out.index) == parts
    assert "winnowd explain" not in ran.out
    assert list(tmp_path.glob("winnowd-*")) == []


def test_a_kept_demo_is_a_whole_instance(
    run: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sound to the last file; everything it says to try there can be tried."""
    ran = run("demo", "--keep", "kept")

    assert ran.code == 0
    assert faults(tmp_path / "kept", sent=5) == []
    assert (tmp_path / "kept" / "config" / "winnowd.toml").is_file()
    monkeypatch.chdir(tmp_path / "kept")
    tried = [line.strip() for line in ran.out.partition("try there")[2].splitlines()[1:]]
    assert len(tried) >= 4
    for line in tried:
        assert run(*shlex.split(line)[1:]).code == 0, line


def test_the_demo_overwrites_nothing(run: Callable[..., Ran], tmp_path: Path) -> None:
    """A folder with anything in it is refused."""
    (tmp_path / "there").mkdir()
    (tmp_path / "there" / "mine.txt").write_text("Mine.")

    ran = run("demo", "--keep", "there")

    assert (ran.code, ran.out) == (2, "")
    assert "there is there already; give a name that is free" in ran.err


def test_as_json_it_gives_a_decision_for_each(run: Callable[..., Ran]) -> None:
    """By the files' names, in their order."""
    rows = run("demo", "--json").rows

    assert [row["file"] for row in rows[:-1]] == [f"inbox/{name}" for name, _ in articles()]
    assert rows[-1]["counts"] == {"decision": 5}
