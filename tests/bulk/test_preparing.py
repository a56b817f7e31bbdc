"""A range is prepared as the daemon prepares its file, block by block; what fells a worker is found to the record."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.gates.stand import article_of
from tests.originality.stand import recipe

from winnowd.bulk import preparing
from winnowd.bulk.preparing import BLOCKS_A_RANGE, InputError, PreparedRange, RangeJob, config_of, prepare_range
from winnowd.bulk.record_file import RecordFile, write_records
from winnowd.bulk.splitting import Input, Range, ranges
from winnowd.daemon import answers
from winnowd.model import Prepared, Slice
from winnowd.pipeline.barren import is_barren
from winnowd.settings import load
from winnowd.wiring.preparer import PreparerConfig

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from winnowd.model import Source
    from winnowd.prepare import Preparer

NOW = dt.datetime(2026, 11, 22, 8, 0, tzinfo=dt.UTC)
IN_LOOP = config_of(load(None, environ={}, overrides=["workers.count=0"], system=None).settings, recipe())
LINES = [
    *(json.dumps({"text": f"Day {number}. {article_of()}", "title": f"Ferry {number}"}) for number in range(6)),
    "",
    '{"text": "cut',
    json.dumps({"articles": [{"text": "Short."}, {"text": article_of()}]}),
    *(json.dumps({"text": f"Night {number}. {article_of()}"}) for number in range(3)),
]
COUNT = 12


class Fallible:
    """A preparer whose worker is felled by a record that says so."""

    def __init__(self, made: Preparer) -> None:
        self._made = made

    def prepare(self, source: Source, first: int = 0) -> Iterator[Prepared]:
        """As it is prepared, unless it says that it fells."""
        for one in self._made.prepare(source, first):
            if one.raw is not None and b"OVERFILL" in one.raw:
                raise MemoryError
            if one.raw is not None and b"KILL" in one.raw:
                os.kill(os.getpid(), signal.SIGKILL)
            if one.raw is not None and b"HANG" in one.raw:
                signal.pause()
            yield one

    def read_over(self, source: Source, first: int = 0) -> Iterator[Prepared]:
        """As it is."""
        return self._made.read_over(source, first)


class FallibleConfig(PreparerConfig):
    """Makes such a preparer, in whatever process."""

    def __call__(self) -> Preparer:
        """Make it."""
        made: Preparer = Fallible(super().__call__())  # type: ignore[assignment]
        return made


def write(folder: Path, block: int, prepared: Sequence[Prepared]) -> None:
    """Put a block down, a frame for each of its records."""
    write_records(folder / f"{block}.records", (answers.encoded(Slice((one,), last=False))[4:] for one in prepared))


def read(folder: Path, made: PreparedRange) -> list[Prepared]:
    """The records of all blocks of a range."""
    found: list[Prepared] = []
    for block in made.blocks:
        with RecordFile(folder / f"{block.number}.records") as file:
            assert len(file) == block.count
            for frame in file:
                answer = answers.decoded(frame)
                assert isinstance(answer, Slice)
                found += answer.prepared
    return found


def lay_down(path: Path, lines: Sequence[str]) -> Input:
    """A file of these lines, as it is listed."""
    path.write_text("\n".join(lines), encoding="utf-8")
    found = path.stat()
    return Input(path, (found.st_ino, found.st_size, found.st_mtime_ns), path.name)


def jobs_of(of: Input, folder: Path, *, records: int, config: PreparerConfig = IN_LOOP) -> list[RangeJob]:
    """A job for each range of a file; its blocks have three records."""
    cut = ranges(of, config.settings, records)
    return [RangeJob(number, of, one, NOW, config, folder, 3, write) for number, one in enumerate(cut)]


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """Where blocks are put down; the worker of this process ends with the test."""
    made = tmp_path / "run"
    made.mkdir()
    yield made
    while preparing._kept:
        preparing._kept.pop().workers.close()


def test_ranges_give_what_the_whole_file_gives(folder: Path, tmp_path: Path) -> None:
    """All that is prepared of each record but how long it took, in blocks that tell what the route asks of them."""
    of = lay_down(tmp_path / "day.jsonl", LINES)
    (whole,) = [RangeJob(9, of, Range(), NOW, IN_LOOP, folder, 5, write)]

    by_ranges = [prepare_range(job) for job in jobs_of(of, folder, records=4)]
    expected = prepare_range(whole)

    assert [[block.count for block in one.blocks] for one in by_ranges] == [[3, 1], [3, 2], [3]]
    assert [block.count for block in expected.blocks] == [5, 5, 2]
    assert [block.number - BLOCKS_A_RANGE for block in by_ranges[1].blocks] == [0, 1]
    found = [one for made in by_ranges for one in read(folder, made)]
    assert len(found) == COUNT
    assert [_lasting(one) for one in found] == [_lasting(one) for one in read(folder, expected)]
    assert [one.provenance.record for one in found] == list(range(COUNT))
    assert [finding.because for finding in found[6].findings] == ["Unterminated string: line 8, column 10"]
    flags = [
        (weight, one) for made in by_ranges for block in made.blocks for weight, one in zip(*block.flags(), strict=True)
    ]
    assert flags == [(one.weight, is_barren(one)) for one in found]
    assert sum(barren for _, barren in flags) == 2


def _lasting(one: Prepared) -> bytes:
    return answers.encoded(Slice((dataclasses.replace(one, timings={}),), last=False))


@pytest.mark.parametrize("cut", [Range(), None], ids=["as a whole", "by parts"])
@pytest.mark.parametrize("guilty", [0, 1, 4, 11])
def test_what_fells_the_worker_is_found_to_the_record(
    folder: Path, tmp_path: Path, guilty: int, cut: Range | None
) -> None:
    """All before it is prepared, all behind it is not; of a whole file it is known how much that is."""
    config = FallibleConfig(IN_LOOP.settings, IN_LOOP.recipe)
    lines = [json.dumps({"text": f"{number} {article_of()}"}) for number in range(12)]
    lines[guilty] = json.dumps({"text": f"OVERFILL {article_of()}"})
    of = lay_down(tmp_path / "day.jsonl", lines)
    jobs = jobs_of(of, folder, records=4, config=config)
    if cut is not None:
        jobs = [dataclasses.replace(jobs[0], range=cut)]

    made = [prepare_range(job) for job in jobs]

    felled = made[guilty // 4 if cut is None else 0]
    assert felled.fault is not None
    assert felled.fault.code == "SYS904"
    assert felled.behind == (None if cut is None else 12 - guilty)
    done = made[: made.index(felled) + 1]
    assert [one.provenance.record for each in done for one in read(folder, each)] == list(range(guilty))
    assert all(one.fault is None for one in made if one is not felled)


def test_a_worker_that_is_killed_costs_the_range_its_rest_and_the_next_one_nothing(
    folder: Path, tmp_path: Path
) -> None:
    """In a process of its own, confined: SYS901, alone in a fresh one, as the route says it."""
    settings = load(None, environ={}, overrides=["workers.count=1", "workers.seconds=60"], system=None).settings
    config = FallibleConfig(settings, recipe())
    of = lay_down(tmp_path / "day.jsonl", [*LINES[:2], json.dumps({"text": "KILL"}), *LINES[:4]])

    first, second = [prepare_range(job) for job in jobs_of(of, folder, records=4, config=config)]

    assert [one.provenance.record for one in read(folder, first)] == [0, 1]
    assert first.fault is not None
    assert first.fault.code == "SYS901"
    assert first.fault.because == "preparing it ended the worker (exit -9), alone in a fresh worker"
    assert second.fault is None
    assert [one.provenance.record for one in read(folder, second)] == [4, 5, 6]


def test_a_range_that_was_prepared_is_not_prepared_again(folder: Path, tmp_path: Path) -> None:
    """Its result is there; one that is damaged is named."""
    (job,) = jobs_of(lay_down(tmp_path / "day.jsonl", LINES[:2]), folder, records=9)
    made = prepare_range(job)

    Path(job.input.path).unlink()

    assert prepare_range(job) == made
    (folder / "000000.prepared").write_bytes(b"\x92")
    with pytest.raises(ValueError, match=r"000000\.prepared is damaged"):
        prepare_range(job)


def test_a_file_that_is_not_what_was_listed_is_not_prepared(folder: Path, tmp_path: Path) -> None:
    """Changed, replaced by another, or gone: nothing of it is taken for what it was."""
    of = lay_down(tmp_path / "day.jsonl", LINES[:2])
    (job,) = jobs_of(of, folder, records=9)

    for change in (
        lambda: lay_down(of.path, LINES[:3]),
        lambda: lay_down(tmp_path / "b", LINES[:2]).path.rename(of.path),
        of.path.unlink,
    ):
        change()
        with pytest.raises(InputError, match=r"day\.jsonl"):
            prepare_range(job)
    assert list(folder.iterdir()) == []


def test_a_range_takes_no_numbers_of_the_next_one(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole file gives as many blocks as it has records for; too many would lie where those of the next one do."""
    monkeypatch.setattr(preparing, "BLOCKS_A_RANGE", 2)
    (job,) = jobs_of(lay_down(tmp_path / "day.jsonl", [LINES[0]] * 7), folder, records=9)

    with pytest.raises(InputError, match="blocks"):
        prepare_range(job)
