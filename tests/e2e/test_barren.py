"""A file with hundreds of records in a row in which there is nothing to judge: its rest is counted, and held as one."""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from tests.cli.conftest import run
from tests.cli.test_ledger import rebuilt_alike, rows, without
from tests.crash.check import faults
from tests.daemon.stand import Stand, standing
from tests.e2e.instance import TEXTS, Instance
from tests.e2e.test_flood import articles
from tests.e2e.test_orders import ordered
from tests.e2e.test_turns import Prepared, records, to_the_end

from winnowd.model import REST, Portion
from winnowd.pipeline.barren import MOST_BARREN
from winnowd.storage.clock import SystemClock
from winnowd.storage.orderbook import OrderFile, give

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from tests.cli.conftest import Ran

__all__ = ["run"]
FEW = 5
"""Barren records in a row in the quick tests, instead of five hundred."""
GOOD = list(articles(12, seed=8))


def lines(texts: Iterable[str | None]) -> str:
    """A file of JSON Lines; None is a record that is no article."""
    return "".join((json.dumps({"text": text}) if text is not None else '{"no": 1}') + "\n" for text in texts)


def junk(count: int, start: int = 0) -> list[str | None]:
    """Records in which there is nothing to judge, no two alike: too short, or no article at all."""
    return [None if number % 3 == 2 else f"a{number}" for number in range(start, start + count)]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """Let a few be many."""
    for module in ("pipeline.barren", "daemon.preparation"):
        monkeypatch.setattr(f"winnowd.{module}.MOST_BARREN", FEW)
    return FEW


def decided(instance: Instance, texts: Iterable[str | None], name: str = "many.jsonl") -> Counter[str]:
    """What becomes of a file of these records: how many decisions of each first code, "" for those admitted."""
    instance.drop({name: lines(texts)})
    instance.pass_over()
    return codes(instance)


def codes(instance: Instance) -> Counter[str]:
    """How many decisions have each first code."""
    return Counter(next(iter(one["winnowd"]["codes"]), "") for one in instance.decisions())


def rest_of(instance: Instance) -> dict[str, Any]:
    """The event of the one decision on the rest of a file."""
    (event,) = (one for one in instance.decisions() if REST in one["winnowd"]["codes"])
    ours: dict[str, Any] = event["winnowd"]
    return ours


def numbers(instance: Instance) -> list[int]:
    """The numbers of all records that were judged, in order."""
    return [one["winnowd"]["arrival"]["record"] for one in instance.decisions() if REST not in one["winnowd"]["codes"]]


def test_after_five_hundred_the_rest_is_one_decision_with_its_count(tmp_path: Path) -> None:
    """All before it are decided; the original lies in quarantine, whole; sums, log and folders agree."""
    texts = [GOOD[0], *junk(MOST_BARREN + 300), GOOD[1]]
    instance = Instance(tmp_path)

    found = decided(instance, texts)

    rest = rest_of(instance)
    assert found[REST] == 1
    assert numbers(instance) == list(range(1 + MOST_BARREN))
    assert (rest["measured"][REST], rest["outcome"]) == (301, "quarantined")
    assert rest["arrival"]["record"] == len(texts)
    assert "301 after record 500" in next(one["because"] for one in rest["findings"])
    assert faults(tmp_path, [lines(texts).encode()]) == []


def test_a_good_article_breaks_the_row(few: int, tmp_path: Path) -> None:
    """One less than so many, an article, one less again: each is decided."""
    texts = [*junk(few - 1), GOOD[0], *junk(few - 1, start=few)]
    instance = Instance(tmp_path)

    found = decided(instance, texts)

    assert REST not in found
    assert numbers(instance) == list(range(len(texts)))
    assert faults(tmp_path, [lines(texts).encode()]) == []


def test_five_hundred_at_the_end_leave_no_rest(few: int, tmp_path: Path) -> None:
    """There is nothing left to be counted."""
    instance = Instance(tmp_path)

    assert REST not in decided(instance, [GOOD[0], *junk(few)])
    assert decided(instance, [*junk(few + 1, start=100)], "more.jsonl")[REST] == 1
    assert rest_of(instance)["measured"][REST] == 1
    assert faults(tmp_path, sent=2) == []


def test_copies_break_the_row(few: int, tmp_path: Path) -> None:
    """What is refused for another reason than its emptiness was judged, and says that judging is worth it."""
    instance = Instance(tmp_path)
    texts = [GOOD[0], *junk(few - 1), GOOD[0], *junk(few - 1, start=50), TEXTS["A"], *junk(few - 1, start=90)]

    found = decided(instance, texts)

    assert (REST in found, found["DUP601"] + found["DUP602"]) == (False, 1)
    assert numbers(instance) == list(range(len(texts)))


def test_short_texts_that_are_admitted_are_no_barren_ones(few: int, tmp_path: Path) -> None:
    """Whoever wants headlines gets them: what fails nothing is not in a row of nothing."""
    short = [" ".join(text.split()[:15]) + "." for text in articles(4 * few, seed=9)]
    instance = Instance(
        tmp_path, profile="lenient", gates__prose__enabled=False,
        gates__length__words__min__doubt=4, gates__length__words__min__fail=2,
    )  # fmt: skip

    found = decided(instance, short)

    assert REST not in found
    assert set(instance.outcomes().values()) == {"admitted"}
    assert numbers(instance) == list(range(len(short)))


@pytest.mark.parametrize("records", [1, 3, FEW, 4 * FEW])
def test_slices_of_any_size_count_the_same(few: int, tmp_path: Path, records: int) -> None:
    """The row goes over their borders; so does the count."""
    texts = [*junk(few - 1), GOOD[0], *junk(few + 7, start=30), GOOD[1]]
    instance = Instance(tmp_path, batch__records=records)

    decided(instance, texts)

    assert numbers(instance) == list(range(2 * few))
    assert rest_of(instance)["measured"][REST] == 8
    assert faults(tmp_path, [lines(texts).encode()]) == []


def test_the_page_of_a_file_counts_its_records(tmp_path: Path) -> None:
    """By outcome and code, most first; barren ones have their bytes, and no why-files of their own."""
    instance = Instance(tmp_path)
    decided(instance, [GOOD[0], "a", "b", None, GOOD[0], TEXTS["A"] + " "])
    (page,) = [path for path in instance.files("rejected") if path.endswith(".jsonl.why.md")]
    table = (tmp_path / "rejected" / page).read_text(encoding="utf-8")

    assert ": 6 records" in table
    assert "| 2 | admitted |  |" in table
    assert "| 2 | rejected | QUA401 |" in table
    assert "| 1 | rejected | DUP601 |" in table or "| 1 | rejected | DUP602 |" in table
    raws = [path for path in instance.files("rejected") if not path.endswith(".why.md")]
    assert sorted((tmp_path / "rejected" / path).read_text("utf-8").strip() for path in raws) == sorted(
        ['{"text": "a"}', '{"text": "b"}', '{"no": 1}', json.dumps({"text": GOOD[0]})]
    )
    pages = [path for path in instance.files("rejected") if path.endswith(".why.md") and ".jsonl" not in path]
    assert len(pages) == 1


def test_the_rest_says_what_became_of_the_others(few: int, tmp_path: Path) -> None:
    """Its page tells why it is held, and counts the records before it."""
    instance = Instance(tmp_path)
    decided(instance, [GOOD[0], *junk(few + 3)])
    (page,) = [path for path in instance.files("quarantine") if path.endswith(".why.md")]
    told = (tmp_path / "quarantine" / page).read_text(encoding="utf-8")

    assert REST in told
    assert "| 1 | admitted |  |" in told
    assert "| 3 were counted" not in told


RELEASED = [GOOD[0], *junk(FEW), GOOD[1], *junk(3 * FEW, start=40), GOOD[0], GOOD[2]]


@pytest.fixture
def held(few: int, tmp_path: Path) -> Instance:
    """An instance that holds the rest of a file: an article, barren ones, a copy, an article."""
    assert few == FEW
    instance = Instance(tmp_path / "home", batch__records=3)
    assert decided(instance, RELEASED)[REST] == 1
    return instance


def test_a_release_has_every_record_of_the_rest_judged_once(held: Instance) -> None:
    """Numbered as they lie in the file, however many barren ones are in a row; the original ends in the archive."""
    (done,) = ordered(held, "release", rest_of(held)["arrival"]["id"] + f"-{len(RELEASED)}")
    held.pass_over()

    assert (done["state"], done["outcome"]) == ("done", "reopened")
    assert numbers(held) == list(range(len(RELEASED)))
    assert codes(held)[""] == 3
    assert len(held.files("archive")) == 1
    assert held.files("quarantine") == []
    assert faults(held.instance_dir, [lines(RELEASED).encode()]) == []


def test_a_released_rest_that_changes_while_it_is_judged_keeps_what_was_decided(held: Instance) -> None:
    """That it changed is told by a decision with a number of its own: the one after the last is that of the rest."""
    count = len(RELEASED)
    ordered(held, "release", "many.jsonl")

    def touch(effect: str) -> None:
        if effect == "committed" and 9 <= len(numbers(held)) < count:
            for path in (held.instance_dir / "state" / "work").iterdir():
                os.utime(path, (1, 1))

    held.pass_over(touch)

    told = [one["winnowd"]["arrival"]["record"] for one in held.decisions() if "SYS905" in one["winnowd"]["codes"]]
    assert told == [count + 1]
    assert numbers(held)[:count] == list(range(count))


def test_while_it_is_served_a_release_goes_on_at_once(few: int, tmp_path: Path) -> None:
    """The loop carries the order out, and the file waits for its turn again; after a restart, too."""
    assert few == FEW
    with standing(tmp_path / "home", "[batch]\nrecords = 3\n") as stand:
        stand.folder.drop({"many.jsonl": lines(RELEASED)})
        turns_to_rest(stand)
        target = rest_of(stand.folder)["arrival"]["id"]
        give(stand.folder.instance_dir, SystemClock().uuid7(), OrderFile(
            at="2026-11-22T12:00:00Z", user="editor", via="cli", action="release", reason="a test",
            targets=[f"{target}-{len(RELEASED)}"],
        ))  # fmt: skip
        stand.loop.turn()
        stand.loop.turn()
        stand.work.shut_down("told to stop")
    with standing(tmp_path / "home", "[batch]\nrecords = 3\n") as stand:
        to_the_end(stand)

        assert numbers(stand.folder) == list(range(len(RELEASED)))
        assert faults(stand.folder.instance_dir, [lines(RELEASED).encode()]) == []


def turns_to_rest(stand: Stand) -> None:
    """Take turns until nothing waits."""
    stand.loop.turn()
    while stand.work.busy:
        stand.loop.turn()


def test_a_confirmed_rest_is_rejected_and_can_be_released_all_the_same(held: Instance) -> None:
    """With its original; then it is judged from there."""
    target = f"{rest_of(held)['arrival']['id']}-{len(RELEASED)}"
    ordered(held, "confirm", target)
    assert faults(held.instance_dir, [lines(RELEASED).encode()]) == []
    ordered(held, "release", target)
    held.pass_over()

    assert numbers(held) == list(range(len(RELEASED)))
    assert faults(held.instance_dir, [lines(RELEASED).encode()]) == []


def test_an_erased_rest_is_gone_with_the_file_that_held_it(held: Instance, run: Callable[..., Ran]) -> None:
    """It lies nowhere else; what was decided of the records before it stands, and nothing is amiss."""
    target = f"{rest_of(held)['arrival']['id']}-{len(RELEASED)}"
    (done,) = ordered(held, "erase", target, yes=True)

    assert (done["state"], done["outcome"], done.get("left")) == ("done", "erased", None)
    assert held.files("quarantine") == []
    assert codes(held)[""] == 1
    assert len(held.articles()) == 1
    assert GOOD[2].strip() not in "".join(
        path.read_text("utf-8", "replace") for path in held.instance_dir.rglob("*.json*") if path.is_file()
    )
    assert run("--home", str(held.instance_dir), "verify").code == 0
    assert faults(held.instance_dir) == []


@pytest.mark.parametrize("orders", [[], ["confirm"], ["release"], ["confirm", "release"]], ids=str)
def test_a_ledger_made_anew_is_the_old_one(held: Instance, run: Callable[..., Ran], orders: list[Any]) -> None:
    """Held, confirmed, released and judged: the log tells all of it, row by row."""
    target = f"{rest_of(held)['arrival']['id']}-{len(RELEASED)}"
    for order in orders:
        ordered(held, order, target)
    if "release" in orders:
        held.pass_over()
    assert run("--home", str(held.instance_dir), "verify").code == 0

    rebuilt_alike(run, held.instance_dir)

    assert run("--home", str(held.instance_dir), "verify").code == 0


def test_a_ledger_made_anew_knows_what_was_erased(held: Instance, run: Callable[..., Ran]) -> None:
    """Without the original: how all decisions stand, what the corpus has, all sums."""
    ordered(held, "erase", f"{rest_of(held)['arrival']['id']}-{len(RELEASED)}", yes=True)
    tables = ("arrival", "decision", "page_row", "page", "tombstone", "refused", "total")
    before = {table: rows(held.instance_dir, table) for table in tables}
    without(held.instance_dir)

    assert run("--home", str(held.instance_dir), "ledger", "rebuild").code == 0
    assert {table: rows(held.instance_dir, table) for table in tables} == before
    assert run("--home", str(held.instance_dir), "verify").code == 0


def test_what_falls_while_it_is_counted_is_held_at_the_record_it_had_come_to(few: int, tmp_path: Path) -> None:
    """What was counted by then is none that was decided; the file is kept whole."""
    text = lines([*junk(few), *junk(4 * few, start=50)])
    with standing(tmp_path / "home", "[batch]\nrecords = 5\n") as stand:
        stand.work.instance.route.portion = Portion(records=few, seconds=0.0)  # one record in each slice
        preparation = Prepared(stand, {}, {"many.jsonl": "SYS904"})
        stand.folder.drop({"many.jsonl": text})
        for _ in range(few + 4):
            stand.loop.turn()
        preparation._together["many.jsonl"] = "SYS904"
        to_the_end(stand)

        last = stand.folder.decisions()[-1]["winnowd"]
        assert (last["codes"], last["arrival"]["record"]) == (["SYS904"], few)
        assert records(stand) == list(range(few + 1))
        assert faults(stand.folder.instance_dir, [text.encode()]) == []


def test_what_is_read_again_while_it_is_counted_is_counted_whole(few: int, tmp_path: Path) -> None:
    """It could not be read for a while, and the machine failed meanwhile: no record is left out of the count."""
    text = lines([*junk(few), *junk(20, start=50)])
    with standing(tmp_path / "home") as stand:
        stand.work.instance.route.portion = Portion(records=few, seconds=0.0)
        preparation = Prepared(stand, {})
        stand.folder.drop({"many.jsonl": text})
        for _ in range(few + 4):
            stand.loop.turn()
        preparation._together["many.jsonl"] = "INP123"
        stand.loop.turn()
        preparation._together.clear()
        stand.work.recover()
        stand.now += 10
        stand.loop.turn()
        stand.now += 10
        to_the_end(stand)

        assert rest_of(stand.folder)["measured"][REST] == 20
        assert rest_of(stand.folder)["arrival"]["record"] == few + 20
        assert faults(stand.folder.instance_dir, [text.encode()]) == []


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_ledger_made_anew_knows_how_many_are_in_a_row(
    few: int, tmp_path: Path, run: Callable[..., Ran], turns: int
) -> None:
    """In the middle of a file: what comes then is held as it would have been."""
    texts = [*junk(2), GOOD[0], *junk(few + 6, start=20)]
    with standing(tmp_path / "home", "[batch]\nrecords = 2\n") as stand:
        stand.folder.drop({"many.jsonl": lines(texts)})
        for _ in range(turns):
            stand.loop.turn()
        stand.work.shut_down("told to stop")
    rebuilt_alike(run, tmp_path / "home")
    with standing(tmp_path / "home", "[batch]\nrecords = 2\n") as stand:
        to_the_end(stand)

        assert numbers(stand.folder) == list(range(3 + few))
        assert rest_of(stand.folder)["measured"][REST] == 6
        assert faults(tmp_path / "home", [lines(texts).encode()]) == []
