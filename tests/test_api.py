"""winnowd for Python: the same answers as the commands', typed, frozen, and nothing loaded until it is named."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.cli.conftest import run
from tests.e2e.instance import TEXTS, Instance
from tests.operations.corpora import corpus, rows
from tests.test_demo import NAMES, content_of

import winnowd
from winnowd.operations.corpus import NoInstanceError
from winnowd.operations.lay_out import lay_out

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

__all__ = ["run"]  # a fixture: the command line in an empty folder

HEAVY = ("numpy", "pydantic", "datasketch", "structlog", "rich", "click", "winnowd.model", "winnowd.api")
SAME = ("outcome", "codes", "measured", "findings", "notes", "nearest", "id", "record")


@pytest.fixture(scope="module")
def instance_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus of two articles, from which a third was retracted; a copy was turned away."""
    return corpus(tmp_path_factory.mktemp("corpus")).instance_dir


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """The packaged articles, and one without a word."""
    folder = tmp_path / "given"
    folder.mkdir()
    for name in NAMES:
        (folder / name).write_bytes(content_of(name))
    (folder / "6-empty.txt").write_bytes(b"\n")
    return sorted(folder.iterdir())


def test_importing_winnowd_imports_nothing_heavy() -> None:
    """It costs what Python costs; the rest is loaded when it is named."""
    code = "import sys, winnowd; print(*sys.modules); winnowd.Corpus; print(*sys.modules)"

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    before, after = (set(line.split()) for line in ended.stdout.splitlines())
    assert before.isdisjoint(HEAVY)
    assert "winnowd.api" in after
    assert "numpy" not in after


def test_all_that_is_promised_is_there_and_nothing_else_is_made_up() -> None:
    """Each name of ``__all__``; another is an AttributeError, as of any module."""
    assert [name for name in winnowd.__all__ if getattr(winnowd, name).__name__ != name] == []
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = winnowd.no_such_name


@pytest.mark.parametrize("against", [False, True], ids=["alone", "against-a-corpus"])
def test_a_report_says_what_the_command_says(
    run: Callable[..., Ran], files: list[Path], instance_dir: Path, *, against: bool
) -> None:
    """Outcome, codes, measures, findings, notes and nearest, of each file."""
    for path in files:
        where = ["--home", str(instance_dir)] if against else []
        (said,) = (row for row in run(*where, "check", str(path), "--json").rows if row["type"] == "decision")

        report = winnowd.check(path, against=instance_dir if against else None)

        made = json.loads(json.dumps({name: getattr(report, name) for name in SAME}))
        assert made == {name: said.get(name) for name in SAME}
        assert report.admitted == (said["outcome"] == "admitted")


def test_a_text_is_judged_as_what_is_piped_in(instance_dir: Path) -> None:
    """A copy of what is in the corpus is named with its twin; the corpus is as it was."""
    before = rows(instance_dir)

    alone, copy = winnowd.check(TEXTS["A"]), winnowd.check(TEXTS["A"], against=str(instance_dir))

    assert (alone.admitted, alone.file) == (True, "-")
    assert copy.outcome == "rejected"
    assert copy.nearest is not None
    assert copy.nearest["twin"] is True
    assert rows(instance_dir) == before


def test_a_file_of_many_records_has_a_report_of_each(tmp_path: Path) -> None:
    """One alone is no answer for it."""
    path = tmp_path / "two.jsonl"
    path.write_text("".join(json.dumps({"text": TEXTS[name]}) + "\n" for name in "AC"))

    assert [one.outcome for one in winnowd.check_records(path)] == ["admitted", "admitted"]
    with pytest.raises(winnowd.ManyRecordsError):
        winnowd.check(path)


def test_what_is_not_there_is_an_error_of_python(tmp_path: Path) -> None:
    """A file that is missing, and a folder that is no instance: it is not taken for an empty one."""
    with pytest.raises(FileNotFoundError):
        winnowd.check(tmp_path / "nothing.txt")
    with pytest.raises(NoInstanceError):
        winnowd.Corpus(tmp_path)
    with pytest.raises(NoInstanceError):
        winnowd.check("Words.", against=tmp_path)


def test_articles_are_those_of_the_export(instance_dir: Path) -> None:
    """Typed, and frozen."""
    found = list(winnowd.Corpus(instance_dir).articles())

    assert [one.fields() for one in found] == rows(instance_dir)
    assert found[0].published == dt.date(2024, 3, 26)
    with pytest.raises(dataclasses.FrozenInstanceError):
        found[0].text = ""  # type: ignore[misc] # that it is refused is the claim
    assert list(winnowd.Corpus(instance_dir).articles(since=found[0].sequence)) == found[1:]


def test_an_instance_that_never_ran_has_nothing(tmp_path: Path) -> None:
    """Its corpus is empty, and no ledger is made by asking."""
    lay_out(tmp_path)
    opened = winnowd.Corpus(tmp_path)

    assert (list(opened.articles()), list(opened.decisions()), list(opened.queue())) == ([], [], [])
    assert not list((tmp_path / "state").glob("winnowd.db*"))


def test_decisions_are_those_of_the_log(instance_dir: Path) -> None:
    """What was decided, in order, as it was then: a retracted article was admitted."""
    found = list(winnowd.Corpus(instance_dir).decisions())

    assert [(one.file, one.outcome) for one in found] == [
        ("inbox/a.json", "admitted"),
        ("inbox/b.txt", "admitted"),
        ("inbox/feed/gone.txt", "admitted"),
        ("inbox/d.txt", "rejected"),
    ]
    assert (found[2].feed, found[2].record) == ("feed", 0)
    assert "DUP603" in found[3].codes
    assert found[3].nearest is not None
    assert found[0].sequence < found[1].sequence
    assert [one.file for one in winnowd.Corpus(instance_dir).decisions(since=found[2].sequence)] == ["inbox/d.txt"]


def test_the_queue_is_that_of_the_command(run: Callable[..., Ran], tmp_path: Path) -> None:
    """The same records in the same order; of a feed alone if one is named."""
    made = Instance(tmp_path / "home")
    made.drop({"a.txt": content_of(NAMES[4]), "feed/b.txt": content_of(NAMES[0])[:1_700]})
    made.pass_over()
    said = [row for row in run("--home", str(made.instance_dir), "queue", "--json").rows if row["type"] == "waiting"]
    opened = winnowd.Corpus(made.instance_dir)

    found = list(opened.queue())

    assert [(one.id, one.file, list(one.codes)) for one in found] == [
        (one["id"], one["file"], one["codes"]) for one in said
    ]
    assert [one.feed for one in found] == ["", "feed"]
    assert [one.file for one in opened.queue(feed="feed")] == ["inbox/feed/b.txt"]


def test_the_index_of_signatures_is_datasketch_s_own(instance_dir: Path) -> None:
    """An edited copy finds its original, by a signature made as those of the corpus; another text finds nothing."""
    opened = winnowd.Corpus(instance_dir)
    original = next(opened.articles())

    lsh = opened.lsh(0.5)

    assert type(lsh).__module__.startswith("datasketch")
    assert lsh.query(opened.minhash(TEXTS["A"].replace("Wednesday", "Friday"))) == [original.id]
    assert lsh.query(opened.minhash(content_of("4-night-library.txt").decode())) == []
    with pytest.raises(ValueError, match="without words"):
        opened.minhash(" \n")
