"""``winnowd export``: data to stdout or to a place, the number to go on from, and each way it ends."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest
from tests.operations.corpora import corpus, end

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran


@pytest.fixture
def instance_dir(tmp_path: Path) -> Path:
    """Two articles, and one that was retracted."""
    return corpus(tmp_path / "home").instance_dir


@pytest.fixture
def export(run: Callable[..., Ran], instance_dir: Path) -> Callable[..., Ran]:
    """Run ``winnowd export`` on it."""
    return lambda *arguments: run("--home", str(instance_dir), "export", *arguments)


def test_articles_go_to_stdout_and_words_to_stderr(export: Callable[..., Ran], instance_dir: Path) -> None:
    """A line an article in ASCII; the number to go on from is said, and goes on from there."""
    ran = export("jsonl")
    later = export("jsonl", "--since", str(end(instance_dir)))

    assert (ran.code, len(ran.rows), ran.out.isascii()) == (0, 2, True)
    assert ran.err == (
        f"2 articles, up to event {end(instance_dir)} of the log; what changes from here on: "
        f"--since {end(instance_dir)}\n"
    )
    assert (later.code, later.out, later.err.split(",")[:2]) == (0, "", ["0 articles", " 0 left"])


def test_programs_get_the_numbers(export: Callable[..., Ran], instance_dir: Path, tmp_path: Path) -> None:
    """With ``--json``, which needs a place for the articles."""
    out = tmp_path / "corpus.csv"
    ran = export("csv", "--json", "--since", "1", "--out", str(out))

    said = next(row for row in ran.rows if row["type"] == "export")
    assert (said["articles"], said["left"], said["since"], said["until"]) == (2, 1, 1, end(instance_dir))
    assert said["missing"] == []
    assert out.read_text(encoding="utf-8").startswith("id,text,title,")
    assert export("jsonl", "--json").code == 2


@pytest.mark.parametrize("name", ["sqlite", "hf", "minhash", "parquet"])
def test_what_is_no_text_needs_a_place(export: Callable[..., Ran], tmp_path: Path, name: str) -> None:
    """Exit 2 without one; with one it is made."""
    if name == "parquet":
        pytest.importorskip("pyarrow")
    assert export(name).code == 2
    assert export(name, "--out", str(tmp_path / "out")).code == 0
    assert (tmp_path / "out").exists()


def test_each_way_to_fail_has_its_words(
    export: Callable[..., Ran], run: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A number from elsewhere, an occupied folder, no such place, a package that is missing, nothing decided yet."""
    beyond = export("jsonl", "--since", "9999")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine").write_text("")
    occupied = export("hf", "--out", str(tmp_path / "full"))
    nowhere = export("jsonl", "--out", str(tmp_path / "no" / "such" / "place"))
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    missing = export("parquet", "--out", str(tmp_path / "out"))
    run("init", "new")
    empty = run("--home", "new", "export", "jsonl")

    assert (beyond.code, "event 9,999 is not there yet" in beyond.err) == (2, True)
    assert (occupied.code, "is there already" in occupied.err) == (2, True)
    assert (nowhere.code, "cannot be written" in nowhere.err) == (74, True)
    assert (missing.code, "pip install 'winnowd[parquet]'" in missing.err) == (2, True)
    assert (empty.code, "nothing was ever decided here" in empty.err) == (74, True)
    assert not (tmp_path / "out").exists()


def test_a_lost_text_is_named(export: Callable[..., Ran], instance_dir: Path) -> None:
    """Exit 1: an export that lacks an article does not pass for a whole one."""
    path = min((instance_dir / "seeds").glob("2*/**/*.txt"))
    path.unlink()

    ran = export("jsonl")

    assert (ran.code, len(ran.rows)) == (1, 1)
    assert f"the text of {path.stem} is not there as it was admitted" in ran.err


def test_stranger_s_text_goes_to_no_terminal_as_it_is(
    export: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    """CSV is refused there; JSON has its signs escaped."""
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)

    assert export("csv").code == 2
    shown = export("jsonl")

    assert shown.code == 0
    assert all(json.loads(line)["text"] for line in shown.out.splitlines())
