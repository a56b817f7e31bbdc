"""``winnowd check``: what the service would decide, told without touching anything."""

from __future__ import annotations

import io
import json
import os
import re
from collections import Counter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from tests.cli.test_context import Terminal, context_of
from tests.e2e.instance import TEXTS, Instance

from winnowd.cli import progress
from winnowd.cli.progress import Progress
from winnowd.storage.lock import Lock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from tests.cli.conftest import Ran

FILES: dict[str, str | bytes] = {
    "a-original.txt": TEXTS["A"],
    "b-rewrite.txt": TEXTS["B"],
    "d-list.txt": TEXTS["C"].replace("\n\n", "\n\n• ", 1) + "\n" + "\n".join(f"• item {at}" for at in range(60)),
    "e-short.txt": "Too short to be an article.",
    "f-empty.txt": b"",
    "g-many.jsonl": "\n".join(json.dumps({"text": text}) for text in (TEXTS["A"], "Short.", TEXTS["B"])) + "\n{",
    "h-again.txt": TEXTS["A"],
}


def written(folder: Path, files: Mapping[str, str | bytes]) -> list[str]:
    """Write files; gives their paths."""
    folder.mkdir(exist_ok=True)
    for name, content in files.items():
        (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)
    return [str(folder / name) for name in sorted(files)]


def judgement(ours: dict[str, Any]) -> dict[str, Any]:
    """What was decided of a record, whoever decided it: all but where the twin lies."""
    nearest = {name: value for name, value in ours.get("nearest", {}).items() if name != "path"}
    return {name: ours.get(name, []) for name in ("outcome", "codes", "measured", "findings")} | {"nearest": nearest}


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Instance:
    """An instance that has decided all the files."""
    made = Instance(tmp_path_factory.mktemp("instance"))
    made.drop(FILES)
    made.pass_over()
    return made


def snapshot(instance_dir: Path) -> dict[str, tuple[int, bytes]]:
    """Every file of an instance, its time of change and its bytes; SQLite's shared memory is no content."""
    return {
        path.relative_to(instance_dir).as_posix(): (path.stat().st_mtime_ns, path.read_bytes())
        for path in instance_dir.rglob("*")
        if path.is_file() and path.suffix not in {".db-shm", ".db-wal"}
    }


def test_it_decides_what_the_service_decides(run: Callable[..., Ran], instance: Instance, tmp_path: Path) -> None:
    """Outcome, codes, every measure, findings, twin: of each record of each file, in the same order."""
    paths = written(tmp_path / "files", FILES)

    ran = run("check", *paths, "--json", "--against", "files")

    dry = [row for row in ran.rows if row["type"] == "decision"]
    real = [event["winnowd"] for event in instance.decisions()]
    assert [row["record"] for row in dry] == [ours["arrival"]["record"] for ours in real]
    assert list(map(judgement, dry)) == list(map(judgement, real))
    assert {row["outcome"] for row in dry} == {"admitted", "quarantined", "rejected"}
    assert ran.code == 1


def test_it_compares_with_the_corpus_and_changes_nothing(
    run: Callable[..., Ran], instance: Instance, tmp_path: Path
) -> None:
    """Even while a service works there: no file of the instance is written, moved or touched, nor the one checked."""
    (copy,) = written(tmp_path / "files", {"copy.txt": TEXTS["A"] + "\nOne more line at its end."})
    before = snapshot(instance.instance_dir)
    lock = Lock(instance.instance_dir / "state" / "lock")
    lock.acquire()

    ran = run("--home", str(instance.instance_dir), "check", copy, "--json")
    lock.release()

    (decision, _) = ran.rows
    assert decision["nearest"]["path"].startswith("seeds/")
    assert decision["nearest"]["twin"]
    assert (decision["file"], decision["outcome"], ran.code) == (copy, "rejected", 1)
    assert snapshot(instance.instance_dir).keys() == before.keys()
    assert {name for name, value in snapshot(instance.instance_dir).items() if before[name] != value} <= {"state/lock"}


def test_twins_are_shown_with_their_passages(run: Callable[..., Ran], instance: Instance, tmp_path: Path) -> None:
    """As a linter does it: worst first, the twin, both limits, what to do; the table, the count, what changed."""
    written(tmp_path / "files", {"good.txt": TEXTS["C"], "rewrite.txt": TEXTS["B"]})

    ran = run("check", "files", "--against", "files", "--all")
    against_corpus = run("--home", str(instance.instance_dir), "check", "files/rewrite.txt")

    assert ran.out.index("every measure") < ran.out.index("2 records: 2 would be admitted")
    assert "nothing was changed" in ran.out
    assert (ran.code, ran.err) == (0, "")
    assert "DUP606 rewrite fail  files/rewrite.txt" in against_corpus.out
    assert "--> copies seeds/" in against_corpus.out
    assert max(map(len, against_corpus.out.splitlines())) <= 100


def test_a_file_given_beside_is_named_as_it_was_given(run: Callable[..., Ran], tmp_path: Path) -> None:
    """No path of a corpus in which it does not lie: neither for people nor for programs."""
    written(tmp_path / "files", {"a.txt": TEXTS["A"], "b.txt": TEXTS["B"]})

    for_people = run("check", "files", "--against", "files")
    for_programs = run("--json", "check", "files", "--against", "files")

    assert "--> copies files/a.txt (given beside)" in for_people.out
    assert "seeds/" not in for_people.out
    first, second, *_ = for_programs.rows
    assert "nearest" not in first
    assert second["nearest"]["path"] == "files/a.txt"


def test_the_exit_code_tells_how_it_went(run: Callable[..., Ran], tmp_path: Path) -> None:
    """0 all would be admitted, 1 not all, 3 one could not be opened (named, and the others judged); 0 if so wished."""
    good, short = written(tmp_path / "files", {"good.txt": TEXTS["A"], "short.txt": "Too short."})

    assert run("check", good).code == 0
    assert run("check", good, short).code == 1
    assert run("check", good, short, "--exit-zero").code == 0
    missing = run("check", "missing.txt", short, "--exit-zero", "--json")
    assert missing.code == 3
    assert [row["type"] for row in missing.rows] == ["decision", "error", "summary"]
    assert "winnowd: check: missing.txt: no such file" in missing.err
    assert run("check").code == 2


def test_a_folder_stands_for_its_files(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Sub-folders too, by name; what the inbox ignores is left out; links in it are not followed, a named one is."""
    written(tmp_path / "texts", {"b.txt": TEXTS["A"], "a.txt": TEXTS["C"], ".hidden.txt": "x", "c.part": "x"})
    written(tmp_path / "texts" / "below", {"z.txt": "Too short."})
    (tmp_path / "texts" / "link.txt").symlink_to(tmp_path / "texts" / "b.txt")
    (tmp_path / "empty").mkdir()

    rows = run("check", "texts", "--json").rows[:-1]
    link = run("check", "texts/link.txt", "--json").rows[0]

    assert [row["file"] for row in rows] == ["texts/a.txt", "texts/b.txt", "texts/link.txt", "texts/below/z.txt"]
    assert rows[2]["codes"] == ["INP101"]
    assert (link["file"], link["outcome"]) == ("texts/link.txt", "admitted")
    assert (run("check", "empty").code, run("check", "empty").err) == (0, "no file to judge\n")


def test_what_is_no_file_is_not_opened(run: Callable[..., Ran], tmp_path: Path) -> None:
    """A FIFO that nobody writes to would hang whoever opens it."""
    os.mkfifo(tmp_path / "pipe")

    ran = run("check", "pipe", "--json")

    assert ran.rows[0]["codes"] == ["INP101"]


def test_what_is_piped_in_is_judged(run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """By the name of -, among other files, and leaves no file behind."""
    (good,) = written(tmp_path / "files", {"good.txt": TEXTS["A"]})
    monkeypatch.setenv("TMPDIR", str(tmp_path / "files"))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TEXTS["A"].encode())))

    ran = run("check", good, "-", "--json")

    assert [(row["file"], row["outcome"]) for row in ran.rows[:-1]] == [(good, "admitted"), ("-", "rejected")]
    assert [path.name for path in (tmp_path / "files").iterdir()] == ["good.txt"]


def test_what_is_piped_in_may_not_fill_the_disk(
    run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is copied to the temporary folder, and never into more than half of what is free there."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"word " * 1_000)))
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=9_000))

    ran = run("check", "-")

    said = f"winnowd: -: more than 4,500 bytes, which is half of what is free in {tmp_path}; name a file instead"
    assert ran.err.startswith(said)
    assert ran.code == 74
    assert list(tmp_path.iterdir()) == []


def test_findings_become_annotations_of_github(run: Callable[..., Ran], tmp_path: Path) -> None:
    """A fail is an error, a doubt a warning; no name breaks out of its command."""
    written(tmp_path / "texts", {"a,b:100%\n::error::x.txt": "Too short.", "list.txt": FILES["d-list.txt"]})

    ran = run("check", "texts", "--output-format", "github")

    first, *others = ran.out.splitlines()
    assert first.startswith(
        "::error file=texts/a%2Cb%3A100%25<U+000A>%3A%3Aerror%3A%3Ax.txt,title=QUA401 too-few-words::"
    )
    assert any(line.startswith("::warning file=texts/list.txt,title=") for line in others)
    assert all(line.startswith(("::error file=texts/", "::warning file=texts/")) for line in [first, *others])


def test_without_an_instance_the_defaults_judge_files_alone(run: Callable[..., Ran], tmp_path: Path) -> None:
    """But one that is asked for must be there; one that has decided nothing yet has an empty corpus."""
    (good,) = written(tmp_path / "files", {"good.txt": TEXTS["A"]})

    assert run("check", good).code == 0
    assert run("check", good, "--against", "corpus").code == 10
    run("init", "new")
    assert run("--home", "new", "check", good, "--against", "corpus").code == 0
    assert not (tmp_path / "new" / "state" / "winnowd.db").exists()


def test_the_settings_of_the_instance_judge(run: Callable[..., Ran], tmp_path: Path) -> None:
    """A limit of its configuration is a limit here."""
    run("init", "corpus")
    (tmp_path / "corpus" / "config" / "winnowd.toml").write_text(
        "[gates.length]\nwords.min.fail = 5000\nwords.min.doubt = 6000\n"
    )
    (good,) = written(tmp_path / "files", {"good.txt": TEXTS["A"]})

    assert run("--home", "corpus", "check", good, "--json").rows[0]["codes"][0] == "QUA401"


def test_many_files_are_judged_by_processes_to_the_same_end(run: Callable[..., Ran], tmp_path: Path) -> None:
    """In order; each counts for those after it."""
    texts = {f"{at:03d}.txt": TEXTS["A"] if at % 50 == 0 else f"Too short, number {at}." for at in range(120)}
    paths = written(tmp_path / "files", texts)

    rows = run("check", *paths, "--json").rows[:-1]

    assert [row["file"] for row in rows] == paths
    assert [row["outcome"] for row in rows if "QUA401" not in row["codes"]] == ["admitted", "rejected", "rejected"]


def test_progress_is_told_late_and_taken_back() -> None:
    """On a terminal, after half a second; not elsewhere, nor with -q or --json."""
    ticks = iter([0.0, 0.1, 0.6, 0.65, 0.9])

    def told(**options: Any) -> str:
        context = context_of(**options)
        with Progress(context, "files", 1_000, now=lambda: next(ticks)) as told:
            for _ in range(4):
                told.step()
        assert isinstance(context.stderr, io.StringIO)
        return context.stderr.getvalue()

    watched = told(stderr=Terminal())

    said = "2 of 1,000 files, 3 a second, 5 min left", "4 of 1,000 files, 4 a second, 4 min left", ""
    assert watched == "".join(f"{progress._CLEAR}{one}" for one in said)
    ticks = iter([0.0, 9.0, 9.0, 9.0, 9.0] * 3)
    assert [told(stderr=Terminal(), quiet=True), told(stderr=Terminal(), json=True), told()] == ["", "", ""]


def test_a_line_each_for_an_editor(run: Callable[..., Ran], tmp_path: Path) -> None:
    """``--output-format concise``: file, code, slug, grade, why; nothing for what is admitted, and the same exit."""
    written(tmp_path / "texts", FILES)

    ran = run("check", "texts", "--output-format", "concise")

    lines = ran.out.splitlines()
    assert ran.code == 1
    assert "texts/e-short.txt: QUA401 too-few-words fail: " in ran.out
    assert not [line for line in lines if line.startswith("texts/a-original.txt")]
    assert all(line.startswith("texts/") for line in lines)


def test_statistics_count_the_records_of_each_rule(run: Callable[..., Ran], tmp_path: Path) -> None:
    """For people a table, for programs counts; they agree with the decisions."""
    written(tmp_path / "texts", FILES)
    decisions = [row for row in run("check", "texts", "--json").rows if row["type"] == "decision"]
    expected = Counter(code for one in decisions for code in one["codes"])

    counts = {row["key"]: row for row in run("check", "texts", "--json", "--statistics").rows if row["type"] == "count"}
    table = run("check", "texts", "--statistics").out

    assert {code: row["n"] for code, row in counts.items()} == expected
    assert all(row["fail"] + row["doubt"] == row["n"] for row in counts.values())
    assert all(re.search(rf"^\s+{code} .* {n}$", table, re.MULTILINE) for code, n in expected.items())
