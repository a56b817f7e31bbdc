"""Whatever comes into a backfill, it is decided as one pass decides it: formats, hostile records, gates, people."""

from __future__ import annotations

import gzip
import json
import os
from typing import TYPE_CHECKING, Any, Literal

import pytest
from tests.bench.texts import made
from tests.bulk import inputs
from tests.bulk.compared import differences
from tests.bulk.test_backfill import fill, instance_of, once
from tests.bulk.test_preparing import FallibleConfig
from tests.crash.check import faults
from tests.e2e.instance import TEXTS, Instance, silent_log
from tests.reading.one_of_each import SAMPLES

from winnowd.bulk import preparing
from winnowd.daemon.preparer import PortionPreparer
from winnowd.daemon.serve import apply_orders_once
from winnowd.settings import load
from winnowd.storage.clock import SystemClock
from winnowd.storage.orderbook import OrderFile, give

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from winnowd.wiring.preparer import PreparerConfig

BOILERPLATE = (
    "This page is kept by the harbour board of the town, which answers for nothing that is said on it, and asks all "
    "who copy from it to name the board, the day, and the page on which they have found what they have copied here."
)

ENDING = (
    "In the end the board has thanked all who came there on that day, and has asked them to come again in the spring, "
    "when the new pier is to be opened by the mayor, with music by the pupils of both of the schools of the town."
)


ORDERS: tuple[tuple[Literal["retract", "confirm", "release"], int], ...] = (
    ("retract", 0), ("confirm", 1), ("release", 3)
)  # fmt: skip
"""What people have decided of the first file, by record."""


def lay_down(path: Path, content: bytes | Sequence[object]) -> Path:
    """A file of these bytes, or of a line of JSON for each of these."""
    path.write_bytes(
        content if isinstance(content, bytes) else b"".join(json.dumps(one).encode() + b"\n" for one in content)
    )
    os.utime(path, ns=(inputs.MTIME_NS, inputs.MTIME_NS))
    return path


def both(folder: Path, given: Sequence[Path], block: int = 1_000, keep: str = "first", **settings: Any) -> list[str]:
    """What differs between one pass over each of these files and a backfill of all; and what is wrong by itself."""
    one, other = (_instance(folder / name, keep, settings) for name in ("passed", "filled"))
    for path in given:
        once(one, path)
    fill(other, given, block)
    wrong = sorted(set(faults(other.instance_dir)) - set(faults(one.instance_dir)))
    return [*differences(one.instance_dir, other.instance_dir, begun_as_often=len(given) == 1), *wrong]


def _instance(folder: Path, keep: str, settings: dict[str, Any]) -> Instance:
    instance = instance_of(folder, keep)
    instance.overrides += tuple(f"{name.replace('__', '.')}={json.dumps(value)}" for name, value in settings.items())
    return instance


def article(number: int, *, more: str = "") -> str:
    """A text that is like no other of these."""
    words = [f"{word}{number}" if at % 3 == 0 else word for at, word in enumerate(TEXTS["A"].split(" "))]
    return " ".join(words) + more


def test_several_files_of_all_kinds(tmp_path: Path) -> None:
    """One of each format, most with a single record; an empty one; and packed lines."""
    files = [lay_down(tmp_path / name, content) for name, content in SAMPLES.values()]
    many = inputs.write(tmp_path / "many.jsonl", 20, 9)
    files += [
        lay_down(tmp_path / "empty.txt", b""),
        lay_down(tmp_path / "article.txt", TEXTS["A"].encode()),
        lay_down(tmp_path / "many.jsonl.gz", gzip.compress(many.read_bytes(), mtime=0)),
        many,
    ]

    assert both(tmp_path, files, block=7) == []


def test_equal_texts_in_one_block_and_in_two(tmp_path: Path) -> None:
    """The first stays, wherever the others come."""
    one, two = {"text": TEXTS["A"]}, {"text": TEXTS["B"], "title": "Of the ferry"}
    path = lay_down(tmp_path / "equal.jsonl", [one, one, two, two, one, {**two, "author": "A. Writer"}, one])

    assert both(tmp_path, [path], block=3) == []
    assert both(tmp_path / "best", [path], block=2, keep="best") == []


def test_with_the_gate_of_originality_off(tmp_path: Path) -> None:
    """Then nothing is compared with anything."""
    assert both(tmp_path, [inputs.write(tmp_path / "many.jsonl", 30, 9)], 11, gates__originality__enabled=False) == []


def test_records_in_a_row_with_nothing_to_judge(tmp_path: Path) -> None:
    """After so many the rest is counted, and held as one (SYS949), in whatever block that is."""
    lines = [*({"text": article(number)} for number in range(3)), *({"text": f"a{number}"} for number in range(600))]
    path = lay_down(tmp_path / "barren.jsonl", lines)

    assert both(tmp_path, [path], block=70) == []


def test_where_people_have_decided(tmp_path: Path) -> None:
    """Texts that were retracted, released or confirmed below stay so when they come again."""
    held = TEXTS["C"].replace("\n\n", "\n\n• ", 1) + "\n" + "\n".join(f"• item {number}" for number in range(60))
    first = lay_down(
        tmp_path / "first.jsonl", [{"text": one} for one in (TEXTS["A"], held, TEXTS["D"], held + " Two.")]
    )
    again = lay_down(
        tmp_path / "again.jsonl",
        [{"text": one} for one in (held, TEXTS["D"], TEXTS["A"], TEXTS["B"], held + " Two.", held, TEXTS["D"])],
    )
    one, other = (instance_of(tmp_path / name, "first") for name in ("passed", "filled"))
    for instance in (one, other):
        once(instance, first)
        for action, record in ORDERS:
            ordered(instance, action, record)

    once(one, again)
    fill(other, [again], 3)

    assert differences(one.instance_dir, other.instance_dir) == []
    assert faults(other.instance_dir) == []


def ordered(instance: Instance, action: Literal["retract", "confirm", "release"], record: int) -> None:
    """A person's order on a record of the first file."""
    found = next(one for one in instance.decisions() if one["winnowd"]["arrival"]["record"] == record)
    target = found["winnowd"]["destination"]["path"]
    order = OrderFile(action=action, targets=[target], at="", user="", via="cli", reason="a test")
    give(instance.instance_dir, SystemClock().uuid7(), order)
    loaded = load(instance.instance_dir, environ={}, overrides=instance.overrides, system=None)
    apply_orders_once(instance.instance_dir, loaded, log=silent_log())


@pytest.mark.parametrize("keep", ["first", "best"])
def test_a_paragraph_whose_first_holders_all_gave_way(tmp_path: Path, keep: str) -> None:
    """More originals than are kept under a code, each with it; then a better version of each, with it as well."""
    first = [f"{made(number, 2)}\n\n{BOILERPLATE}" for number in range(24)]
    better = [
        {"text": f"{text}\n\n{ENDING}", "title": f"T {at}", "author": "A. Writer"} for at, text in enumerate(first)
    ]
    last = [f"{made(24, 2)}\n\n{BOILERPLATE}", f"{made(24, 2)[:-200]}\n\n{BOILERPLATE}"]
    path = lay_down(
        tmp_path / "many.jsonl", [*({"text": text} for text in first), *better, *({"text": text} for text in last)]
    )

    assert both(tmp_path, [path], block=12, keep=keep) == []


@pytest.fixture
def own_workers() -> Iterator[None]:
    """None is kept for another test: one may fork, and cannot end its parent's."""
    yield
    while preparing._kept:
        preparing._kept.pop().workers.close()


def fallible(plan: PreparerConfig) -> PortionPreparer:
    """What prepares, felled by records that say so."""
    return PortionPreparer(FallibleConfig(plan.settings, plan.recipe))


@pytest.mark.parametrize(("deed", "code"), [("KILL", "SYS901"), ("OVERFILL", "SYS904"), ("HANG", "SYS902")])
@pytest.mark.usefixtures("own_workers")
def test_a_record_that_fells_its_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deed: str, code: str) -> None:
    """The route holds it, with all of its file behind it; so does a run."""
    for module in ("daemon.supervisor", "bulk.preparing"):
        monkeypatch.setattr(f"winnowd.{module}.PortionPreparer", fallible)
    lines = [{"text": article(number)} for number in range(9)]
    path = lay_down(tmp_path / "felling.jsonl", [*lines[:5], {"text": f"{deed} {TEXTS['B']}"}, *lines[5:]])
    one, other = (instance_of(tmp_path / name, "first") for name in ("passed", "filled"))
    for instance in (one, other):
        seconds = 2 if deed == "HANG" else 60
        instance.overrides = (*instance.overrides[:-1], "workers.count=1", f"workers.seconds={seconds}")

    content = path.read_bytes()
    one.drop({path.name: content})
    os.utime(one.instance_dir / "inbox" / path.name, ns=(inputs.MTIME_NS, inputs.MTIME_NS))
    one.pass_over(processes=1)
    fill(other, [path], 4)

    assert [event["winnowd"]["codes"] for event in other.decisions()][-1] == [code]
    assert differences(one.instance_dir, other.instance_dir) == []
    assert faults(other.instance_dir) == []
