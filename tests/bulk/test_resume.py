"""A backfill that was killed goes on: every record is decided once, as one pass would have decided it."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.bulk import inputs
from tests.bulk.compared import differences
from tests.bulk.dying import TASKS, DyingEngine
from tests.bulk.killed import effects, ending, killed
from tests.bulk.test_backfill import InThisProcess, fill, instance_of, once
from tests.crash.check import faults, files_below
from tests.crash.conftest import fast_path
from tests.e2e.instance import silent_log

from winnowd.bulk.claiming import OtherRunError
from winnowd.bulk.local import LocalEngine
from winnowd.cli import main
from winnowd.cli.backfill import Stages
from winnowd.daemon.serve import apply_orders_once
from winnowd.settings import load
from winnowd.storage.clock import SystemClock
from winnowd.storage.orderbook import OrderFile, give

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.instance import Instance

__all__ = ["fast_path"]
EVERY = bool(os.environ.get("WINNOWD_CRASH"))
"""Kill before every single change, which takes minutes."""
BLOCK = 25
STEPS = (137, 211)
PLACED = re.compile("rename [0-9a-f]{16}")
"""What brings a claimed file to where such files lie."""


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of four blocks; in each one better versions of records before it, in others, too."""
    return inputs.write(tmp_path_factory.mktemp("given") / "many.jsonl", 60, 7)


@pytest.fixture(scope="module")
def below(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file that is decided before."""
    return inputs.write(tmp_path_factory.mktemp("below") / "first.jsonl", 20, 7)


@pytest.fixture(scope="module")
def expected(given: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What one pass makes of the file."""
    instance = instance_of(tmp_path_factory.mktemp("passed"), "best")
    once(instance, given)
    return instance.instance_dir


@pytest.fixture(scope="module")
def changes(given: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What a run of it changes on disk, in order."""
    folder = tmp_path_factory.mktemp("undisturbed")
    return effects(run(instance_of(folder, "best"), given), folder / "changes")


def run(instance: Instance, *given: Path, **more: Any) -> Callable[[Callable[[str], None]], object]:
    """A backfill that tells what it changes."""
    return lambda announce: fill(instance, given, BLOCK, on_effect=announce, **more)


def killed_at(instance: Instance, given: Path, number: int) -> bool:
    """Whether a run was killed before the change of this number."""
    return killed(run(instance, given), lambda count, _: count == number)


def wrong(instance: Instance) -> list[str]:
    """What is wrong with an instance at rest, by its ledger, log and files; and what a run has left behind."""
    left = [f"{path} is left over" for folder in ("backfill", "incoming") for path in _left(instance, folder)]
    return [*faults(instance.instance_dir), *left]


def _left(instance: Instance, folder: str) -> list[Path]:
    return list((instance.instance_dir / "state" / folder).rglob("*"))


def decided_records(instance: Instance) -> list[tuple[str, int]]:
    """Of each decision its file and record, in order."""
    return [(one["file"]["name"], one["winnowd"]["arrival"]["record"]) for one in instance.decisions()]


def borders(changes: list[str]) -> dict[str, int]:
    """The changes before which a kill leaves most half done, by what they are."""
    rows = [at for at, name in enumerate(changes) if name.endswith(".rows")]
    second = rows[1]
    files = changes.index("rename", second)
    log = changes.index("append", second)
    table = changes.index("rename blocks")
    head = changes.index("rename", changes.index("append", rows[-1]))
    return {
        "a run that is not known": changes.index("rename manifest.json"),
        "files not claimed": changes.index("commit", changes.index("rename manifest.json")),
        "files claimed and not there": changes.index("committed", changes.index("rename manifest.json")),
        "half prepared": changes.index("rename 1048576.texts"),
        "a table of blocks that nobody knows of": table + 1,
        "half merged": changes.index("rename 0003.run"),
        "half compared": changes.index("rename 1048576.seeded", table),
        "a round not gathered": changes.index("rename changed"),
        "half resolved": changes.index("rename 1048576.locations"),
        "half rendered": second - 3,
        "before a commit": changes.index("commit", second),
        "between commit and files": files,
        "amid files": files + 7,
        "between files and log": log,
        "between log and original": changes.index("rename", head + 1),
        "the end not told": len(changes) - 1 - changes[::-1].index("commit"),
        "half forgotten": changes.index("remove manifest.json"),
    }


BORDERS = (
    "a run that is not known", "files not claimed", "files claimed and not there", "half prepared",
    "a table of blocks that nobody knows of", "half merged", "half compared", "a round not gathered", "half resolved",
    "half rendered", "before a commit", "between commit and files", "amid files", "between files and log",
    "between log and original", "the end not told", "half forgotten",
)  # fmt: skip


@pytest.mark.parametrize("border", BORDERS)
def test_the_same_command_goes_on_where_a_kill_left_it(
    fast_path: Path, given: Path, expected: Path, changes: list[str], border: str
) -> None:
    """As if nothing had been; nothing is left behind."""
    instance = instance_of(fast_path, "best")

    assert killed_at(instance, given, borders(changes)[border])
    fill(instance, [given], BLOCK)

    assert wrong(instance) == []
    assert differences(expected, instance.instance_dir, begun_as_often=False) == []


@pytest.mark.parametrize("step", range(1, 400, 13) if EVERY else STEPS)
def test_kills_in_a_row_are_survived(fast_path: Path, given: Path, expected: Path, step: int) -> None:
    """Each time it comes a little further, in whatever stage."""
    instance = instance_of(fast_path, "best")
    times = 0

    while killed_at(instance, given, step + 20 * times):
        times += 1

    assert times > 1
    assert wrong(instance) == []
    assert differences(expected, instance.instance_dir, begun_as_often=False) == []


@pytest.mark.skipif(not EVERY, reason="for make test-crash")
def test_a_kill_before_any_change_is_survived(fast_path: Path, given: Path, expected: Path, changes: list[str]) -> None:
    """Every one, but for the last: a run that is forgotten is none."""
    found = {}
    for number in range(changes.index("remove manifest.json") + 1):
        instance = instance_of(fast_path / str(number), "best")
        assert killed_at(instance, given, number)
        fill(instance, [given], BLOCK)
        bad = [*wrong(instance), *differences(expected, instance.instance_dir, begun_as_often=False)]
        if bad:
            found[number, changes[number]] = bad
        shutil.rmtree(instance.instance_dir)

    assert found == {}


@pytest.mark.parametrize("border", ["half prepared", "half resolved", "before a commit", "amid files"])
def test_the_service_goes_on_with_what_a_killed_run_has_left(
    fast_path: Path, given: Path, expected: Path, changes: list[str], border: str
) -> None:
    """The file lies claimed; then there is nothing left for the command to do but to clear up."""
    instance = instance_of(fast_path, "best")

    assert killed_at(instance, given, borders(changes)[border])
    instance.pass_over()
    assert faults(instance.instance_dir) == []
    assert differences(expected, instance.instance_dir, begun_as_often=False) == []
    done = fill(instance, [given], BLOCK)

    assert done.records == 0
    assert wrong(instance) == []
    assert differences(expected, instance.instance_dir, begun_as_often=False) == []


@pytest.mark.parametrize("move", [False, True], ids=["copied", "moved"])
def test_a_file_that_the_service_took_for_withdrawn_is_decided_all_the_same(
    fast_path: Path, given: Path, expected: Path, *, move: bool
) -> None:
    """The run was killed between claiming it and putting it there; the service did not find it."""
    instance = instance_of(fast_path / "instance", "best")
    path = Path(shutil.copy2(given, fast_path))

    assert killed(run(instance, path, move=move), lambda _, effect: PLACED.fullmatch(effect) is not None)
    instance.pass_over()
    assert instance.decisions() == []
    fill(instance, [path], BLOCK, move=move)

    assert wrong(instance) == []
    assert len(decided_records(instance)) == len(rows_of(expected))
    assert path.exists() is not move


def rows_of(instance_dir: Path) -> list[str]:
    """The decisions of an instance, by its files of the log."""
    return [
        line
        for path in sorted((instance_dir / "audit").glob("20*/*/*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
        if '"action":"admit"' in line or '"action":"quarantine"' in line or '"action":"reject"' in line
    ]


@pytest.mark.parametrize("border", ["half resolved", "half rendered"])
def test_an_order_that_came_between_is_seen(
    fast_path: Path, given: Path, below: Path, changes: list[str], border: str
) -> None:
    """An article below is taken back after records were judged by it: all of them are judged again, without it."""
    one, other = (instance_of(fast_path / name, "best") for name in ("one", "other"))
    point = changes[borders(changes)[border]]
    for instance in (one, other):
        once(instance, below)
    gone = next(entry["winnowd"]["article"]["id"] for entry in one.decisions() if entry["event"]["action"] == "admit")

    retract(one, gone)
    once(one, given)
    assert killed(run(other, given), lambda _, effect: effect == point)
    retract(other, gone)
    fill(other, [given], BLOCK)

    assert wrong(other) == []
    assert differences(one.instance_dir, other.instance_dir, begun_as_often=False) == []


def retract(instance: Instance, *names: str) -> None:
    """Take articles back, as a person would."""
    order = OrderFile(action="retract", targets=list(names), at="", user="", via="cli", reason="a test")
    give(instance.instance_dir, SystemClock().uuid7(), order)
    loaded = load(instance.instance_dir, environ={}, overrides=instance.overrides, system=None)
    apply_orders_once(instance.instance_dir, loaded, log=silent_log())


def test_an_order_amid_what_is_recorded_begins_anew_behind_it(
    fast_path: Path, given: Path, expected: Path, changes: list[str]
) -> None:
    """What is recorded stands; the rest is judged on what is now; no record is decided twice."""
    instance = instance_of(fast_path, "best")

    assert killed_at(instance, given, borders(changes)["amid files"])
    gone = next(
        one["winnowd"]["article"]["id"] for one in instance.decisions() if one["winnowd"]["outcome"] == "admitted"
    )
    retract(instance, gone)
    fill(instance, [given], BLOCK)

    assert wrong(instance) == []
    assert decided_records(instance) == [("many.jsonl", number) for number in range(len(rows_of(expected)))]


def test_the_service_may_do_a_part_and_the_command_the_rest(
    fast_path: Path, given: Path, below: Path, expected: Path, changes: list[str]
) -> None:
    """Killed, too; and another file came between."""
    instance = instance_of(fast_path, "best")

    assert killed_at(instance, given, borders(changes)["amid files"])
    instance.overrides = (*instance.overrides, "batch.records=4")
    instance.drop({"first.jsonl": below.read_bytes()})
    commits = 0

    def few(_: int, effect: str) -> bool:
        nonlocal commits
        commits += effect == "commit"
        return commits == 12

    assert killed(instance.pass_over, few)
    before = decided_records(instance)
    instance.overrides = instance.overrides[:-1]
    fill(instance, [given], BLOCK)
    instance.pass_over()

    assert len(before) > 2 * BLOCK
    assert wrong(instance) == []
    found = decided_records(instance)
    assert found[: len(before)] == before
    assert len(set(found)) == len(found)
    assert sum(name == "many.jsonl" for name, _ in found) == len(rows_of(expected))


def test_a_run_that_is_resumed_on_another_day_keeps_its_log_in_order(
    fast_path: Path, given: Path, expected: Path, changes: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records that were resolved yesterday are published today, behind what today's start has told."""
    instance = instance_of(fast_path, "best")
    now = SystemClock.now
    with monkeypatch.context() as patch:
        patch.setattr(SystemClock, "now", lambda clock: now(clock).replace(year=2025))
        assert killed_at(instance, given, borders(changes)["between files and log"])
    fill(instance, [given], BLOCK)

    assert wrong(instance) == []
    assert decided_records(instance) == [("many.jsonl", number) for number in range(len(rows_of(expected)))]


def test_another_command_is_told_what_must_end_first(
    fast_path: Path, given: Path, below: Path, changes: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """Other files, settings or options, which it would pass over in silence; nothing is changed."""
    instance = instance_of(fast_path, "best")
    assert killed_at(instance, given, borders(changes)["half prepared"])
    before = files_below(instance.instance_dir, "state/backfill")

    for files, block, more in (([below], BLOCK, {}), ([given], BLOCK + 1, {}), ([given], BLOCK, {"packed": True})):
        with pytest.raises(OtherRunError):
            fill(instance, files, block, **more)
    plain = instance.overrides
    instance.overrides = (*plain, 'gates.originality.keep="first"')
    with pytest.raises(OtherRunError):
        fill(instance, [given], BLOCK)
    instance.overrides = plain
    capsys.readouterr()
    exit_code = main(["--home", str(instance.instance_dir), "backfill", str(below)])

    assert exit_code == 1
    assert f"its files: {given}" in capsys.readouterr().err
    assert files_below(instance.instance_dir, "state/backfill") == before


def test_a_run_whose_files_are_damaged_says_which_and_what_to_do(
    fast_path: Path, given: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In words: it is no bug, and given again it would end so again; the service can go on with it."""
    instance = instance_of(fast_path, "best")
    config = instance.instance_dir / "config/winnowd.toml"
    config.parent.mkdir()
    config.write_text("".join(f"{one}\n" for one in instance.overrides), encoding="utf-8")
    command = ["--home", str(instance.instance_dir), "backfill", str(given)]
    monkeypatch.setattr("winnowd.cli.backfill._made", lambda *_: contextlib.nullcontext(InThisProcess()))

    def stage(stages: Stages, name: str, total: int | None) -> None:
        del stages, total
        if name == "compare 1":
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Stages, "stage", stage)
        assert main(command) == 130
    damaged = next(instance.instance_dir.glob("state/backfill/*/prepared/*.records"))
    os.truncate(damaged, 100)

    capsys.readouterr()
    assert main(command) == 74
    said = capsys.readouterr().err
    assert str(damaged) in said
    assert "winnowd run --once" in said


def test_a_run_that_the_service_has_ended_is_over_under_any_settings(
    fast_path: Path, given: Path, below: Path, changes: list[str]
) -> None:
    """Neither its own command nor another one is kept waiting for it."""
    instance = instance_of(fast_path, "best")
    assert killed_at(instance, given, borders(changes)["half resolved"])
    instance.pass_over()
    decided = len(instance.decisions())

    instance.overrides = (*instance.overrides, 'gates.originality.keep="first"')
    assert fill(instance, [given]).records == 0
    assert fill(instance, [below]).records > 0

    assert wrong(instance) == []
    assert len(instance.decisions()) > decided


@pytest.mark.parametrize("border", ["half prepared", "half resolved", "before a commit", "amid files"])
def test_one_that_is_interrupted_ends_at_once_and_goes_on(
    fast_path: Path, given: Path, expected: Path, changes: list[str], border: str
) -> None:
    """Wherever the signal comes, though it ends in order, and not as a kill ends it."""
    instance = instance_of(fast_path, "best")
    point = changes[borders(changes)[border]]
    nth = changes[: borders(changes)[border]].count(point)

    assert interrupted(run(instance, given), point, nth)
    fill(instance, [given], BLOCK)

    assert wrong(instance) == []
    assert differences(expected, instance.instance_dir, begun_as_often=False) == []


def interrupted(deed: Callable[[Callable[[str], None]], object], point: str, nth: int) -> bool:
    """Whether a run ended by an interrupt that came before the ``nth`` of the changes of this name, in a child."""
    seen = 0

    def announce(effect: str) -> None:
        nonlocal seen
        if effect == point:
            seen += 1
            if seen == nth + 1:
                raise KeyboardInterrupt

    return ending(deed, announce) is KeyboardInterrupt


@pytest.mark.parametrize(("number", "originals"), [(signal.SIGTERM, "copy"), (signal.SIGINT, "move")])
def test_a_signal_ends_the_command_in_words(
    fast_path: Path, given: Path, number: signal.Signals, originals: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """With the exit code of what was interrupted, and how to go on; given again, it does, its files moved or not."""
    instance = instance_of(fast_path / "instance", "best")
    path = shutil.copy2(given, fast_path)
    (instance.instance_dir / "config").mkdir()
    (instance.instance_dir / "config/winnowd.toml").write_text(
        "".join(f"{one}\n" for one in instance.overrides), encoding="utf-8"
    )
    before = signal.signal(number, signal.SIG_IGN)
    command = ["--home", str(instance.instance_dir), "backfill", "--block", str(BLOCK)]
    command += ["--originals", originals, str(path)]

    def stage(stages: Stages, name: str, total: int | None) -> None:
        del stages, total
        if name == "compare 2":
            signal.raise_signal(number)

    try:
        with monkeypatch.context() as patch:
            patch.setattr(Stages, "stage", stage)
            patch.setattr("winnowd.cli.backfill._made", lambda *_: contextlib.nullcontext(InThisProcess()))
            assert main(command) == 130
            assert "give the same command again" in capsys.readouterr().err
            patch.setattr(Stages, "stage", lambda *_: None)
            assert main(command) == 0
    finally:
        signal.signal(number, before)

    assert wrong(instance) == []


def test_a_worker_that_is_killed_in_each_stage_costs_nothing(fast_path: Path, given: Path, expected: Path) -> None:
    """Its job is done again, by another: what it had half done has no name yet."""
    instance = instance_of(fast_path / "instance", "best")

    with LocalEngine(2) as engine:
        dying = DyingEngine(engine, fast_path / "notes")
        fill(instance, [given], BLOCK, engine=dying)

    assert dying.lost() == TASKS
    assert wrong(instance) == []
    assert differences(expected, instance.instance_dir) == []
