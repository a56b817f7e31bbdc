"""Events are found by any filter, from either end of the log, and as they come."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.cli.test_verify import instance_dir, kept, plain, write

from winnowd.audit import search
from winnowd.audit.reader import Log, Logged
from winnowd.audit.search import Follower, Wanted, backwards, newest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

__all__ = ["instance_dir", "kept"]  # fixtures: two days, orders, a sealed day


def test_a_feed_has_the_feeds_below_it() -> None:
    """``feed-a`` takes ``feed-a/b`` and not ``feed-ab``."""
    wanted = Wanted(feed="feed-a")

    def line(feed: str) -> bytes:
        event = {"@timestamp": "2026-11-22T03:47:12.000000Z", "event": {"action": "admit"}}
        return json.dumps({**event, "winnowd": {"arrival": {"feed": feed}}}, separators=(",", ":")).encode()

    found = [feed for feed in ("feed-a", "feed-a/b", "feed-ab", "") if wanted.event(line(feed))]

    assert found == ["feed-a", "feed-a/b"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    content=st.lists(st.binary(max_size=40).map(lambda line: line.replace(b"\n", b""))),
    tail=st.sampled_from([b"", b"x"]),
)
def test_from_the_end_stand_the_same_lines(tmp_path: Path, content: list[bytes], tail: bytes) -> None:
    """However they fall into blocks; an unfinished last line is none."""
    path = tmp_path / "audit" / "2026" / "11" / "22.jsonl"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(line + b"\n" for line in content) + tail)
    log = Log(tmp_path)

    with pytest.MonkeyPatch.context() as small:
        small.setattr(search, "_BLOCK", 7)
        found = list(backwards(log, Wanted()))

    whole = list(log.lines("audit/2026/11/22.jsonl"))[: len(content)]
    assert [(one.offset, one.line) for one in reversed(found)] == [(one.offset, one.line) for one in whole]


class StopWaitingError(Exception):
    """Ends a wait that would last for ever."""


def test_what_comes_is_told_as_it_comes(instance_dir: Path) -> None:
    """Whole lines only, of this day and the next, none twice, though a day be sealed in between."""
    today, tomorrow = plain(instance_dir), instance_dir / "audit" / "2999" / "01" / "01.jsonl"
    old = today.read_bytes()

    def seal() -> None:
        tomorrow.parent.mkdir(parents=True)
        tomorrow.write_bytes(b"four\n")
        write(today.with_suffix(".jsonl.gz"), [*old.splitlines(), b"one", b"two", b"three"])
        today.unlink()

    def stop() -> None:
        raise StopWaitingError

    steps: Iterator[Callable[[], object]] = iter(
        (
            lambda: today.write_bytes(old + b"one\ntw"),
            lambda: today.write_bytes(old + b"one\ntwo\n"),
            seal,
            lambda: tomorrow.write_bytes(b"four\nfive\n"),
            stop,
        )
    )

    def wait() -> None:
        next(steps)()

    follower = Follower(Log(instance_dir), wait)
    found: list[Logged] = []

    with pytest.raises(StopWaitingError):
        found.extend(follower)

    assert [one.line for one in found] == [b"one", b"two", b"three", b"four", b"five"]


def test_the_newest_are_the_last_that_are_wanted(instance_dir: Path) -> None:
    """In their order; a line that is no event takes the place of none."""
    path = plain(instance_dir)
    wanted = Wanted(actions=("retract", "restore"))
    fitting = [line for line in path.read_bytes().splitlines() if wanted.event(line)]
    write(path, [*path.read_bytes().splitlines(), b'{"action":"retract"}'])

    found = [one.line for one in newest(Log(instance_dir), wanted, 2)]

    assert found == fitting[-2:]
    assert len(found) == 2
