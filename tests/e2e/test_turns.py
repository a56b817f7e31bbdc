"""The loop takes one step at a time: between two of them come other feeds, orders, a reload, the end, a full disk."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from tests.crash.check import faults, rows
from tests.daemon.stand import Stand, configured, standing
from tests.e2e.instance import TEXTS, Instance, silent_log
from tests.e2e.test_flood import articles

from winnowd.daemon.preparation import Preparation
from winnowd.daemon.serve import owned
from winnowd.daemon.work import Work
from winnowd.model import Slice, Stopped
from winnowd.pipeline.judge import Judge
from winnowd.storage.clock import SystemClock
from winnowd.storage.orderbook import OrderFile, give, results

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from winnowd.model import Arrival, Judged, Portion
    from winnowd.pipeline.ports import Preparation as Port

SLICE = 2
SLICES = f"[batch]\nrecords = {SLICE}\n"
COUNT = 9
SECOND = 1_000_000_000
ONES = list(articles(20, seed=5))
MANY = "".join(json.dumps({"text": text}) + "\n" for text in articles(COUNT, seed=6))


@pytest.fixture
def stand(tmp_path: Path) -> Iterator[Stand]:
    """A service that gives two records a slice."""
    with standing(tmp_path / "home", SLICES) as made:
        yield made


def decided(stand: Stand) -> list[str]:
    """The files of all decisions, in order; of a file of many records once each."""
    return [event["file"]["name"] for event in stand.folder.decisions()]


def records(stand: Stand, name: str = "many.jsonl") -> list[int]:
    """Which records of a file are decided, in order."""
    return [
        event["winnowd"]["arrival"]["record"] for event in stand.folder.decisions() if event["file"]["name"] == name
    ]


def turns_until(stand: Stand, is_so: Callable[[], bool], most: int = 40) -> int:
    """Take turns until it is so; gives how many those were. Each finds what was dropped meanwhile."""
    for count in range(most):
        if is_so():
            return count
        stand.now += 60
        stand.loop.turn()
    raise AssertionError(f"not so after {most} turns: {decided(stand)}")


def to_the_end(stand: Stand) -> None:
    """Take turns until nothing is left to do, and end."""
    stand.now += 60
    stand.loop.turn()
    turns_until(stand, lambda: not stand.work.busy and not stand.loop._pause.holds)
    stand.work.shut_down("the test ends")


def told(stand: Stand) -> list[str]:
    """The codes of all failures that the audit log tells, but that nobody listens to the inbox, or to the calendar."""
    codes = [str(one["event"].get("code")) for one in stand.folder.events() if one["event"]["action"] == "failure"]
    return [code for code in codes if not code.startswith("SYS92")]


def tries(stand: Stand) -> dict[str, int]:
    """How often each file was tried, as the ledger counts."""
    found = rows(stand.folder.instance_dir, "SELECT path, tries FROM arrival")
    return {row["path"].rpartition(b"/")[2].decode(): row["tries"] for row in found}


def test_a_file_of_many_records_gives_one_slice_and_lets_others_pass(stand: Stand) -> None:
    """What comes while it is decided is decided after one further slice at the latest, whatever feed it is of."""
    stand.folder.drop({"bulk/many.jsonl": MANY})
    stand.loop.turn()
    seen = [len(records(stand))]
    for name in ("other/one.txt", "bulk/two.txt"):
        stand.folder.drop({name: ONES.pop()})
        turns_until(stand, lambda name=name: name.rpartition("/")[2] in decided(stand))  # type: ignore[misc]
        seen.append(len(records(stand)))
    to_the_end(stand)

    assert seen[0] == SLICE
    assert max(later - earlier for earlier, later in itertools.pairwise(seen)) <= SLICE
    assert records(stand) == list(range(COUNT))
    assert faults(stand.folder.instance_dir, sent=3) == []


def test_two_files_of_many_records_give_slices_by_turns(stand: Stand) -> None:
    """None waits for the end of the other."""
    stand.folder.drop({"a/first.jsonl": MANY, "b/second.jsonl": MANY.replace("The", "Every")})
    to_the_end(stand)

    slices = decided(stand)[::SLICE]
    assert slices[:6] == ["first.jsonl", "second.jsonl"] * 3
    assert faults(stand.folder.instance_dir, sent=2) == []


def test_of_two_long_files_of_one_feed_the_first_is_brought_to_its_end_before_the_other_goes_on(stand: Stand) -> None:
    """A worker keeps the place of few files: a feed with hundreds of them must not have each read from its start."""
    stand.folder.drop({"a/first.jsonl": MANY, "a/second.jsonl": MANY.replace("The", "Every")})
    to_the_end(stand)

    after_a_slice_of_each = [name for name, _ in itertools.groupby(decided(stand)[2 * SLICE :])]
    assert after_a_slice_of_each == ["first.jsonl", "second.jsonl"]
    assert faults(stand.folder.instance_dir, sent=2) == []


def test_an_order_is_carried_out_between_two_slices(stand: Stand) -> None:
    """It takes back a record of the very file that is being decided, and the file goes on."""
    stand.folder.drop({"many.jsonl": MANY})
    stand.loop.turn()
    first = stand.folder.decisions()[0]["winnowd"]["article"]["id"]
    order = SystemClock().uuid7()
    give(stand.folder.instance_dir, order, OrderFile(
        at="2026-11-22T12:00:00Z", user="editor", via="cli", action="retract", targets=[first], reason="a test"
    ))  # fmt: skip
    stand.loop.turn()

    (result,) = results(stand.folder.instance_dir, order) or []
    assert (result["id"], result["state"], result["outcome"]) == (first, "done", "retracted")
    assert len(records(stand)) == 2 * SLICE
    to_the_end(stand)
    assert records(stand) == list(range(COUNT))
    assert faults(stand.folder.instance_dir, sent=1) == []


def test_a_reload_between_two_slices_goes_on_with_the_file(stand: Stand) -> None:
    """Under the new configuration, from the record on that it had come to."""
    stand.folder.drop({"many.jsonl": MANY})
    stand.loop.turn()
    stand.configure("[batch]\nrecords = 3\n[gates.length]\nwords.min.doubt = 5000\nwords.min.fail = 4000\n")
    stand.reload()
    seen = len(records(stand))
    to_the_end(stand)

    assert seen == SLICE + 3
    assert records(stand) == list(range(COUNT))
    outcomes = [event["winnowd"]["outcome"] for event in stand.folder.decisions()]
    assert outcomes == ["admitted"] * SLICE + ["rejected"] * (COUNT - SLICE)
    assert faults(stand.folder.instance_dir, sent=1) == []


def test_a_stop_between_two_slices_is_no_try_that_failed(tmp_path: Path) -> None:
    """However often the service is restarted in peace the file stays claimed, and is held for nothing."""
    seen = []
    for number in range(5):
        with standing(tmp_path / "home", SLICES) as stand:
            if not number:
                stand.folder.drop({"many.jsonl": MANY})
                stand.loop.turn()
            stand.work.shut_down("told to stop")
            seen.append((records(stand), tries(stand)))
    with standing(tmp_path / "home", SLICES) as stand:
        to_the_end(stand)

        assert seen == [([0, 1], {"many.jsonl": 0})] * 5
        assert records(stand) == list(range(COUNT))
        assert faults(stand.folder.instance_dir, sent=1) == []


class KilledError(Exception):
    """The service ends at once."""


class Prepared:
    """The preparation of an instance, but for what is to go wrong; keeps what it was asked for.

    ``together`` and ``alone`` say what comes of a file, by its name, in company and alone: a code, or the end of the
    service. ``each`` is called with the name of each file that is prepared.
    """

    def __init__(
        self, stand: Stand, together: dict[str, str], alone: dict[str, str] | None = None,
        each: Callable[[str], None] = lambda _: None,
    ) -> None:  # fmt: skip
        self._real: Port = stand.work.instance.route.preparation
        self._together, self._alone = together, alone or {}
        self._each = each
        self.asked: list[tuple[list[str], bool]] = []
        self.overran = 0
        stand.work.instance.route.preparation = self

    def keep_busy(self) -> None:
        """Nothing goes on beside."""

    def prepare(
        self, arrivals: Sequence[Arrival], portion: Portion, *, alone: bool = False
    ) -> Iterator[Slice | Stopped | None]:
        """Do it."""
        self.asked.append(([name(arrival) for arrival in arrivals], alone))
        for arrival in arrivals:
            self._each(name(arrival))
            code = (self._alone if alone else self._together).get(name(arrival))
            if code == "killed":
                raise KilledError
            if code is not None:
                self.overran += code == "SYS902"
                yield Stopped(code, "a test")
            else:
                yield from self._real.prepare([arrival], portion, alone=alone)


def name(arrival: Arrival) -> str:
    """The name of its file."""
    return arrival.path.rpartition(b"/")[2].decode()


FALLS = ("SYS901", "SYS902", "SYS904")


@pytest.mark.parametrize("code", FALLS)
def test_a_suspect_is_tried_alone_when_the_others_are_decided(stand: Stand, code: str) -> None:
    """That may have been chance: alone it is prepared, and admitted. What is ready, and other feeds, do not wait.

    After one that overran the rest of its own feed does: it may be as slow.
    """
    preparation = Prepared(stand, {"b.txt": code})
    stand.folder.drop(dict(zip(("x/a.txt", "x/b.txt", "x/c.txt", "y/d.txt"), ONES, strict=False)))
    to_the_end(stand)

    order = "adbc" if code == "SYS902" else "acdb"
    assert decided(stand) == [f"{one}.txt" for one in order]
    assert set(stand.folder.outcomes().values()) == {"admitted"}
    assert [names for names, alone in preparation.asked if alone] == [["b.txt"]]
    assert faults(stand.folder.instance_dir, sent=4) == []


@pytest.mark.parametrize("code", FALLS)
def test_a_suspect_that_falls_alone_is_held_for_it(stand: Stand, code: str) -> None:
    """Once in company, once alone: then it is proven, told, and none of its neighbours suffers."""
    preparation = Prepared(stand, {"b.txt": code}, {"b.txt": code})
    stand.folder.drop(dict(zip(("a.txt", "b.txt", "c.txt"), ONES, strict=False)))
    to_the_end(stand)

    assert stand.folder.outcomes() == {"a.txt": "admitted", "b.txt": "quarantined", "c.txt": "admitted"}
    assert [one["winnowd"]["codes"] for one in stand.folder.decisions() if one["winnowd"]["codes"]] == [[code]]
    assert [names for names, alone in preparation.asked if alone] == [["b.txt"]]
    assert faults(stand.folder.instance_dir, sent=3) == []


@pytest.mark.parametrize(("profile", "outcome"), [("lenient", "quarantined"), ("strict", "rejected")])
def test_what_gave_no_text_is_never_admitted(tmp_path: Path, profile: str, outcome: str) -> None:
    """Where doubts are let in there is nothing to let in of a file that could not be prepared."""
    with standing(tmp_path / "home", f'profile = "{profile}"\n') as stand:
        Prepared(stand, {"b.txt": "SYS901"}, {"b.txt": "SYS901"})
        stand.folder.drop({"a.txt": ONES[0], "b.txt": ONES[1]})
        to_the_end(stand)

        assert stand.folder.outcomes() == {"a.txt": "admitted", "b.txt": outcome}
        assert faults(stand.folder.instance_dir, sent=2) == []


def test_a_later_slice_that_falls_alone_ends_its_file(stand: Stand) -> None:
    """What was decided of it stands; one more decision tells why the rest is not; the file is kept whole."""
    preparation = Prepared(stand, {}, {"many.jsonl": "SYS904"})
    stand.folder.drop({"many.jsonl": MANY})
    stand.loop.turn()
    preparation._together["many.jsonl"] = "SYS904"
    to_the_end(stand)

    last = stand.folder.decisions()[-1]["winnowd"]
    assert records(stand) == list(range(SLICE + 1))
    assert (last["codes"], "records" in last["arrival"]) == (["SYS904"], False)
    assert faults(stand.folder.instance_dir, [MANY.encode()]) == []


def test_a_feed_whose_files_overrun_lets_all_others_pass(stand: Stand) -> None:
    """Eight of them take ten seconds each, twice: another feed's file waits for two of those at most."""
    slow = {f"slow{number}.txt": "SYS902" for number in range(8)}
    preparation = Prepared(stand, slow, slow)
    stand.folder.drop({f"a/{one}": "slow" for one in slow} | {"b/one.txt": ONES[0]})
    turns_until(stand, lambda: "one.txt" in decided(stand))
    waited = [preparation.overran]
    for at in range(1, 5):
        stand.folder.drop({f"b/late{at}.txt": ONES[at]})
        before = preparation.overran
        turns_until(stand, lambda at=at: f"late{at}.txt" in decided(stand))  # type: ignore[misc]
        waited.append(preparation.overran - before)
    to_the_end(stand)

    assert max(waited) <= 2
    assert preparation.overran == 16
    assert Counter(stand.folder.outcomes().values()) == {"quarantined": 8, "admitted": 5}
    assert faults(stand.folder.instance_dir, sent=13) == []


class Clock(SystemClock):
    """A count of nanoseconds that goes on by ``step`` each time it is asked, or when told."""

    def __init__(self, step: int = 0) -> None:
        self.at = 0
        self.step = step

    def nanoseconds(self) -> int:
        """Go on."""
        self.at += self.step
        return self.at


def test_a_feed_of_slow_files_lets_the_others_pass(stand: Stand) -> None:
    """Each takes longer than a turn may, and no file too long: after the first it is the other feed's turn."""
    route = stand.work.instance.route
    clock = route.clock = route.decider.clock = Clock()

    def slow(file: str) -> None:
        clock.at += 6 * SECOND * file.startswith("slow")

    Prepared(stand, {}, each=slow)
    stand.folder.drop({f"a/slow{at}.txt": ONES[at] for at in range(5)} | {"b/one.txt": ONES[5]})
    to_the_end(stand)

    assert decided(stand).index("one.txt") <= 1
    assert sorted(decided(stand)) == sorted([*(f"slow{at}.txt" for at in range(5)), "one.txt"])
    assert faults(stand.folder.instance_dir, sent=6) == []


def commits(stand: Stand) -> list[int]:
    """How many decisions there are after each turn, until all is decided."""
    counts = []
    stand.loop.turn()
    while stand.work.busy:
        counts.append(stand.work.decided_count)
        stand.loop.turn()
    return [*counts, stand.work.decided_count]


def judged(stand: Stand) -> list[Any]:
    """All that was decided."""
    return [
        (one["file"]["name"], ours["arrival"]["record"], ours["outcome"], ours["codes"], ours["measured"],
         ours.get("nearest"), ours["corpus"]["articles"], ours["destination"]["path"].partition("~")[0])
        for one in stand.folder.decisions()
        for ours in (one["winnowd"],)
    ]  # fmt: skip


def test_judging_that_takes_long_is_committed_on_the_way(tmp_path: Path) -> None:
    """After two seconds, in the middle of a file, too; what is decided is the same."""
    files = {"a.txt": TEXTS["A"], "b.txt": TEXTS["B"], "c.txt": TEXTS["C"], "d.jsonl": MANY + MANY}
    found = []
    for step in (0, SECOND // 4, SECOND):
        with standing(tmp_path / str(step)) as stand:
            clock = Clock(step)
            route = stand.work.instance.route
            route.clock = route.judge.clock = route.decider.clock = clock
            stand.folder.drop(files)
            counts = commits(stand)
            found.append(judged(stand))
            stand.work.shut_down("the test ends")
            assert faults(stand.folder.instance_dir, sent=4) == []
            assert (len(counts) == 1) == (step == 0), counts

    assert found[0] == found[1] == found[2]
    assert len(found[0]) == 3 + 2 * COUNT


def test_judging_that_takes_long_leaves_the_rest_of_its_batch_to_the_next_commit(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Other files of the batch, too: time passes with each record that is judged, and none is left out."""
    route = stand.work.instance.route
    clock = route.clock = route.decider.clock = Clock()
    judge = Judge.judge

    def slow(self: Judge, *what: Any, **state: Any) -> Judged:
        clock.at += SECOND
        return judge(self, *what, **state)

    monkeypatch.setattr(Judge, "judge", slow)
    stand.folder.drop({f"{at}.txt": text for at, text in enumerate(ONES[:5])})

    counts = commits(stand)

    assert counts == [2, 4, 5]
    assert sorted(decided(stand)) == [f"{at}.txt" for at in range(5)]


def test_a_batch_is_bounded_by_its_characters(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is unpacked may be far more than the bytes that came: no transaction holds more than 16 MB of it."""
    most = sum(map(len, ONES[:2]))
    monkeypatch.setattr("winnowd.pipeline.route.MOST_CHARACTERS", most)
    stand.folder.drop({f"{at}.txt": text for at, text in enumerate(ONES[:8])})

    counts = commits(stand)

    steps = [later - earlier for earlier, later in itertools.pairwise([0, *counts])]
    assert max(steps) <= 3
    assert counts[-1] == 8
    assert len(decided(stand)) == 8


def test_too_little_room_for_a_batch_pauses_and_loses_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The floor is not reached yet, and would be with what this batch writes: SYS917 before anything is written."""
    free_space = 1_000_000
    free = SimpleNamespace(f_bavail=free_space + 50, f_frsize=1, f_files=0, f_favail=0)
    with standing(tmp_path / "home", f"[disk]\nfloor_bytes = {free_space}\nfloor_inodes = 0\n") as stand:
        monkeypatch.setattr("winnowd.storage.free_space.os.statvfs", lambda _: free)
        stand.folder.drop({"a.txt": ONES[0], "many.jsonl": MANY})
        for _ in range(4):
            stand.loop.turn()
            stand.now += 40
        seen = (told(stand), stand.loop._pause.code, decided(stand), stand.folder.articles())
        free.f_bavail = 10**12
        to_the_end(stand)

        assert seen == (["SYS917"], "SYS917", [], [])
        assert set(stand.folder.outcomes().values()) == {"admitted"}
        assert len(decided(stand)) == 1 + COUNT
        assert faults(stand.folder.instance_dir, [ONES[0].encode(), MANY.encode()]) == []


def test_without_its_work_folder_the_service_pauses_and_blames_nobody(stand: Stand, tmp_path: Path) -> None:
    """Neither the sender of what lies in the inbox, nor that of a file in the middle of which it happened."""
    work = stand.folder.instance_dir / "state" / "work"
    stand.folder.drop({"many.jsonl": MANY})
    stand.loop.turn()
    work.rename(tmp_path / "aside")
    stand.folder.drop({"a.txt": ONES[0]})
    for _ in range(12):
        stand.now += 60
        stand.loop.turn()
    seen = stand.loop._pause.holds, "a.txt" in decided(stand), set(told(stand))
    (tmp_path / "aside").rename(work)
    to_the_end(stand)

    assert seen == (True, False, {"SYS912"})
    assert stand.folder.outcomes() == {"many.jsonl": "admitted", "a.txt": "admitted"}
    assert records(stand) == list(range(COUNT))
    assert faults(stand.folder.instance_dir, [ONES[0].encode(), MANY.encode()]) == []


def killed(instance_dir: Path) -> None:
    """Serve until one of the files ends the service."""
    with standing(instance_dir) as stand:
        Prepared(stand, {"deadly.txt": "killed"})
        with pytest.raises(KilledError):
            turns_until(stand, lambda: False)


def killed_at_the_start(instance_dir: Path) -> None:
    """Begin to serve, and end by the file that was in hand at two deaths: it is tried at once."""
    prepare = Preparation.prepare

    def deadly(self: Preparation, arrivals: Sequence[Arrival], portion: Portion, **how: bool) -> Iterator[Any]:
        if any(name(arrival) == "deadly.txt" for arrival in arrivals):
            raise KilledError
        yield from prepare(self, arrivals, portion, **how)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Preparation, "prepare", deadly)
        with pytest.raises(KilledError):
            standing(instance_dir).__enter__()


def test_a_try_that_has_not_begun_is_not_taken_back_by_a_stop(tmp_path: Path) -> None:
    """A file that has ended the service twice, and waits for its third try, has still had two after a stop in peace."""
    instance_dir = tmp_path / "home"
    Instance(instance_dir).drop({"deadly.txt": ONES[0], "a.txt": ONES[1]})
    killed(instance_dir)
    killed(instance_dir)
    with owned(instance_dir, configured(Instance(instance_dir)), processes=0) as opened:
        work = Work(opened, silent_log())
        work.stopping = True
        work.start()
        work.shut_down("told to stop")
    (seen,) = rows(instance_dir, "SELECT tries FROM arrival WHERE path = CAST('deadly.txt' AS BLOB)")
    killed_at_the_start(instance_dir)
    with standing(instance_dir) as stand:
        to_the_end(stand)

        assert seen["tries"] == 2
        assert stand.folder.outcomes() == {"a.txt": "admitted", "deadly.txt": "quarantined"}
        assert [one["winnowd"]["codes"] for one in stand.folder.decisions() if one["winnowd"]["codes"]] == [["SYS909"]]
        assert faults(instance_dir, sent=2) == []
