"""A backfill decides what one pass in order decides: every event, evidence, file and row, record by record."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, Any

import pytest
from tests.bulk import inputs
from tests.bulk.compared import differences
from tests.e2e.instance import Instance

from winnowd.bulk.backfill import backfill
from winnowd.bulk.manifest import Order
from winnowd.cli import main
from winnowd.pipeline.rendering import RecordRenderer
from winnowd.settings import load

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Sequence
    from pathlib import Path

    from winnowd.bulk.backfill import Done
    from winnowd.pipeline.rendering import Rendered, Subject

RECORDS = int(os.environ.get("WINNOWD_RECORDS", "240"))
"""Of the largest input."""
MANY = 1_000
"""From so many on two ways are tried, not four: with blocks of 100 what may be superseded, and with large ones."""
WAYS = [("first", 1_000), ("best", 100)] + ([] if RECORDS > MANY else [("first", 100), ("best", 1_000)])


class InThisProcess:
    """Port ``Engine``: no other process; jobs are taken one by one, as their results are."""

    workers = 1

    def map(self, function: Callable[[Any], Any], jobs: Iterable[Any]) -> Generator[Any, None, None]:
        """Each when it is asked for."""
        yield from map(function, jobs)

    def close(self) -> None:
        """There is nothing to end."""


class Nobody:
    """Is told of stages, and counts."""

    def __init__(self) -> None:
        self.stages: list[str] = []
        self.steps = 0

    def stage(self, name: str, total: int | None) -> None:
        """A stage begins."""
        del total
        self.stages.append(name)

    def step(self, count: int, judged: int = 0) -> None:
        """So many more are done."""
        del judged
        self.steps += count


def instance_of(folder: Path, keep: str) -> Instance:
    """An instance that judges in its own process."""
    return Instance(folder, gates__originality__keep=keep, workers__count=0)


def fill(instance: Instance, given: Sequence[Path], block: int = 1_000, **more: Any) -> Done:
    """Backfill these files."""
    loaded = load(instance.instance_dir, environ={}, overrides=instance.overrides, system=None)
    order = Order(
        block=block, bits=more.pop("bits", 32), move=more.pop("move", False), packed=more.pop("packed", False)
    )
    engine, watcher = more.pop("engine", InThisProcess()), more.pop("watcher", Nobody())
    return backfill(instance.instance_dir, loaded, given, order, engine, watcher, **more)


def once(instance: Instance, given: Path) -> None:
    """Let one pass decide a file."""
    content = given.read_bytes()
    instance.drop({given.name: content})
    os.utime(instance.instance_dir / "inbox" / given.name, ns=(inputs.MTIME_NS, inputs.MTIME_NS))
    instance.pass_over()


def outcomes_of(instance: Instance) -> list[tuple[str | None, str]]:
    """What became of each record, by its article."""
    ours = [event["winnowd"] for event in instance.decisions()]
    return [(one.get("article", {}).get("id"), one["outcome"]) for one in ours]


def verified(instance: Instance, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """What ``winnowd verify`` finds wrong."""
    capsys.readouterr()
    exit_code = main(["--home", str(instance.instance_dir), "verify", "-q"])
    said = capsys.readouterr()
    return [] if exit_code == 0 else [said.out, said.err]


@pytest.fixture(scope="session")
def given(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two files: what is decided first, and what comes on top of it."""
    folder = tmp_path_factory.mktemp("given")
    return inputs.write(folder / "first.jsonl", RECORDS // 4 if RECORDS <= MANY else RECORDS // 10, 3), inputs.write(
        folder / "many.jsonl", RECORDS, 7
    )


@pytest.fixture(scope="session")
def passed(given: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Instance]:
    """What one pass has made of both, by what is kept."""

    @functools.cache
    def passed(keep: str) -> Instance:
        instance = instance_of(tmp_path_factory.mktemp(f"passed-{keep}"), keep)
        for path in given:
            once(instance, path)
        return instance

    return passed


@pytest.mark.parametrize(("keep", "block"), WAYS)
def test_a_backfill_decides_what_one_pass_decides(
    given: tuple[Path, Path],
    passed: Callable[[str], Instance],
    tmp_path: Path,
    keep: str,
    block: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The second file on a corpus that is there; faulty and hostile records among others; blocks of any size."""
    instance = instance_of(tmp_path, keep)

    for path in given:
        fill(instance, [path], block)

    assert differences(passed(keep).instance_dir, instance.instance_dir) == []
    assert verified(instance, capsys) == []


@pytest.mark.skipif(RECORDS > MANY, reason="a few are enough: no keys of theirs collide")
def test_wide_keys_propose_the_same(
    given: tuple[Path, Path], passed: Callable[[str], Instance], tmp_path: Path
) -> None:
    """Where no two keys are equal by chance, they find the same with 32 bits and with 64."""
    instance = instance_of(tmp_path, "first")

    for path in given:
        fill(instance, [path], 100, bits=64)

    assert differences(passed("first").instance_dir, instance.instance_dir) == []


@pytest.mark.skipif(RECORDS > MANY, reason="it is the same for any number")
def test_packed_blocks_hold_what_plain_files_hold(
    given: tuple[Path, Path], passed: Callable[[str], Instance], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same decisions; a few files instead of hundreds; nothing for verify to find, before and after orders."""
    instance = instance_of(tmp_path, "first")

    for path in given:
        fill(instance, [path], 100, packed=True)

    assert outcomes_of(instance) == outcomes_of(passed("first"))
    assert len(instance.files("seeds")) + len(instance.files("audit")) < 60 < len(passed("first").files("seeds"))
    assert verified(instance, capsys) == []
    admitted = next(event for event in instance.decisions() if event["winnowd"]["outcome"] == "admitted")
    assert (
        main(["--home", str(instance.instance_dir), "retract", admitted["winnowd"]["article"]["id"], "--reason", "x"])
        == 0
    )
    assert verified(instance, capsys) == []


@pytest.mark.skipif(RECORDS > MANY, reason="it is the same for any number")
def test_a_record_that_cannot_be_rendered_is_held_as_the_route_holds_it(
    given: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That one alone, and those after it are judged against what it is then; so with a second one."""
    rendered = RecordRenderer.render

    def render(self: RecordRenderer, subject: Subject) -> Rendered:
        if subject.judged.prepared.provenance.record in {7, 20} and subject.judged.prepared.article is not None:
            raise ValueError("a fault of ours")
        return rendered(self, subject)

    monkeypatch.setattr(RecordRenderer, "render", render)
    expected, instance = instance_of(tmp_path / "once", "first"), instance_of(tmp_path / "backfill", "first")

    once(expected, given[0])
    fill(instance, [given[0]], 10)

    assert [event["winnowd"]["arrival"]["record"] for event in instance.decisions() if "SYS903" in codes(event)] == [
        7,
        20,
    ]
    assert differences(expected.instance_dir, instance.instance_dir) == []


def codes(event: dict[str, Any]) -> list[str]:
    """Why a record was turned away."""
    return [one["code"] for one in event["winnowd"].get("findings", ())]


@pytest.mark.skipif(RECORDS > MANY, reason="it is the same for any number")
def test_a_run_tells_how_far_it_is_and_leaves_nothing_behind(given: tuple[Path, Path], tmp_path: Path) -> None:
    """Each stage by name; every record is counted; a moved file is where the archive is."""
    instance, watcher = instance_of(tmp_path / "instance", "first"), Nobody()
    moved = inputs.write(tmp_path / "moved.jsonl", 30, 5)

    done = fill(instance, [given[0], moved], 40, watcher=watcher, move=True)

    assert watcher.stages == ["prepare", "propose", "compare 1", "compare 2", "resolve", "record"]
    assert done.records == sum(done.outcomes.values()) == len(instance.decisions())
    assert [
        path for folder in ("backfill", "work") for path in (instance.instance_dir / "state" / folder).iterdir()
    ] == []
    assert not moved.exists()
    assert len(instance.files("archive")) == 2
