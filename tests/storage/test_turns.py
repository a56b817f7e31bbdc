"""Whose turn it is, as laws: nothing lost or doubled, order kept in a feed, no feed waits for more than one turn."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from winnowd.storage.disk import Disk
from winnowd.storage.inbox.inbox import Inbox
from winnowd.storage.inbox.turns import TURN, Turns, feed_of

if TYPE_CHECKING:
    from pathlib import Path

    from winnowd.storage.inbox.deposits import Deposit

FEEDS = [b"", b"a", b"b", b"c"]
One = tuple[bytes, int, int]
"""A feed, a number that only this one has, a size."""

feeds = st.sampled_from(FEEDS)
counts = st.integers(1, 2 * TURN)
sizes = st.integers(0, 9)


def size_of(one: One) -> int:
    """Its own."""
    return one[2]


class Line(RuleBasedStateMachine):
    """Whatever is done to a line, beside what must be in it: for each feed its own, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.late: set[bytes] = set()
        self.turns: Turns[One] = Turns(self.late)
        self.model: dict[bytes, list[One]] = {feed: [] for feed in FEEDS}
        self.passed: dict[bytes, Counter[bytes]] = {}
        self.made = 0

    def ones(self, feed: bytes, count: int, size: int) -> list[One]:
        """Make some."""
        self.made += count
        return [(feed, number, size) for number in range(self.made - count, self.made)]

    @rule(feed=feeds, count=counts, size=sizes)
    def add(self, feed: bytes, count: int, size: int) -> None:
        """They wait behind what waits in their feed."""
        for one in self.ones(feed, count, size):
            self.turns.add(feed, one)
            self.model[feed].append(one)

    @rule(feed=feeds, count=st.integers(1, 3), size=sizes)
    def add_first(self, feed: bytes, count: int, size: int) -> None:
        """They wait before what waits in their feed; their feed behind all others."""
        ones = self.ones(feed, count, size)
        self.turns.add_first(feed, ones)
        self.model[feed] = ones + self.model[feed]
        self.passed.pop(feed, None)

    @rule(new=st.dictionaries(feeds, counts), size=sizes, modulus=st.integers(1, 3))
    def refill(self, new: dict[bytes, int], size: int, modulus: int) -> None:
        """Some stay, all others go, the new ones come behind."""
        queues = {feed: self.ones(feed, count, size) for feed, count in new.items()}
        self.turns.refill(queues, keep=lambda one: one[1] % modulus == 0)
        for feed in FEEDS:
            kept = [one for one in self.model[feed] if one[1] % modulus == 0]
            self.model[feed] = kept + queues.get(feed, [])

    @rule(feed=feeds, is_late=st.booleans())
    def overrun(self, feed: bytes, *, is_late: bool) -> None:
        """Somebody finds out how long the files of a feed take."""
        (self.late.add if is_late else self.late.discard)(feed)

    @rule(most=st.integers(1, 3 * TURN), room=st.integers(1, 40))
    def next(self, most: int, room: int) -> None:
        """A batch: bounded, in order, each feed's in its order; late ones alone, when nobody else waits."""
        waiting = {feed for feed, queue in self.model.items() if queue}
        taken = self.turns.next(most, size_of, room)

        assert len(taken) <= most
        assert bool(taken) == bool(waiting)
        assert len(taken) <= 1 or sum(map(size_of, taken)) <= room
        for feed, queue in self.model.items():
            mine = [one for one in taken if one[0] == feed]
            assert mine == queue[: len(mine)]
            del queue[: len(mine)]
        if any(one[0] in self.late for one in taken):
            assert len(taken) == 1
            assert waiting <= self.late
        self.fair({one[0] for one in taken}, Counter(one[0] for one in taken), waiting)

    def fair(self, served: set[bytes], taken: Counter[bytes], waiting: set[bytes]) -> None:
        """Whoever waits lets at most one turn of each other feed pass."""
        for feed in FEEDS:
            if feed in served or feed not in waiting or feed in self.late:
                self.passed.pop(feed, None)
                continue
            passed = self.passed.setdefault(feed, Counter())
            passed.update(taken)
            assert all(count <= TURN for count in passed.values()), (feed, passed)

    @invariant()
    def nothing_is_lost_or_doubled(self) -> None:
        """All that waits is what must."""
        assert sorted(self.turns) == sorted(one for queue in self.model.values() for one in queue)
        assert len(self.turns) == sum(map(len, self.model.values()))


TestLine = Line.TestCase
TestLine.settings = settings(max_examples=60, stateful_step_count=25)


@given(first=st.lists(sizes, min_size=1, max_size=3 * TURN), room=st.integers(1, 20))
def test_a_feed_of_large_files_lets_the_others_pass(first: list[int], room: int) -> None:
    """A batch that is full by its bytes ends the turn of the feed that has filled it, whatever else that has."""
    turns: Turns[One] = Turns()
    for number, size in enumerate(first):
        turns.add(b"a", (b"a", number, size))
    turns.add(b"b", (b"b", 0, 0))

    given = [*turns.next(3 * TURN, size_of, room), *turns.next(3 * TURN, size_of, room)]

    assert (b"b", 0, 0) in given


@given(st.binary(), st.lists(st.binary().filter(lambda step: b"/" not in step), min_size=1, max_size=3))
def test_folders_below_make_no_feed_of_their_own(top: bytes, steps: list[bytes]) -> None:
    """However many a sender makes, all that lies below one top folder is one feed."""
    top = top.replace(b"/", b"")

    assert feed_of(b"/".join([top, *steps])) == top
    assert feed_of(steps[0]) == b""


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    """Six feeds of many files each, of which a sweep gives those of two."""
    for folder in ("inbox", "work"):
        (tmp_path / folder).mkdir()
    made = Inbox(Disk(tmp_path), tmp_path / "inbox", tmp_path / "work", settle=0.0, max_per_sweep=2 * TURN)
    for feed in "abcdef":
        for number in range(2 * TURN):
            path = made.root / feed / f"deep-{number}" / "one.txt"
            path.parent.mkdir(parents=True)
            path.touch()
    return made


def taken(inbox: Inbox, deposits: list[Deposit]) -> str:
    """Take these; gives their feeds, each once, in order."""
    for number, deposit in enumerate(deposits):
        inbox.claim(deposit.path, f"{deposit.feed[0]}{number}{len(list(inbox.work.iterdir()))}", (0, 0))
    return "".join(dict.fromkeys(deposit.feed[0] for deposit in deposits))


def test_a_sweep_that_cannot_give_all_goes_on_after_the_feed_served_last(inbox: Inbox) -> None:
    """So each feed is served in a rotation, though no sweep gives more than two of the six."""
    served = [taken(inbox, inbox.sweep(float(now))) for now in range(4)]

    assert served == ["ab", "cd", "ef", "ab"]


def test_what_was_given_and_not_taken_is_given_again(inbox: Inbox) -> None:
    """Only the first feed of each sweep has its turn before the next one comes: none is passed over for good."""
    served = [taken(inbox, inbox.sweep(float(now))[:TURN]) for now in range(6)]

    assert served == ["a", "b", "c", "d", "e", "f"]
