"""A file that was taken and cannot be opened: tried three times, then held for what it is (docs/design/storage.md)."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from tests.daemon.stand import standing

from winnowd.daemon.preparation import InLoop, Preparation
from winnowd.daemon.preparer import FilePreparer
from winnowd.model import Prepared, Provenance, Stopped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from winnowd.model import Arrival, Portion, Source


class Unreadable:
    """A preparation to which every file is closed; counts what it was asked for."""

    def __init__(self) -> None:
        self.tries = 0

    def keep_busy(self) -> None:
        """Nothing goes on beside."""

    def prepare(self, arrivals: Sequence[Arrival], portion: Portion, *, alone: bool = False) -> Iterator[Stopped]:
        """Refuse each."""
        del portion, alone
        for _ in arrivals:
            self.tries += 1
            yield Stopped("INP123", "reading it failed with EACCES")


def test_a_file_that_cannot_be_opened_is_held_for_that_after_three_tries(tmp_path: Path) -> None:
    """Two seconds between the tries; it is not blamed for deaths of the service, of which there was none."""
    with standing(tmp_path / "home") as stand:
        closed = stand.work.instance.route.preparation = Unreadable()
        seen = [stand.decided({"mine.txt": "secret"})]
        for _ in range(5):
            stand.now += 2.5
            stand.loop.turn()
            seen.append(stand.folder.outcomes())

        (event,) = stand.folder.decisions()
        assert (event["winnowd"]["codes"], closed.tries) == (["INP123"], 3)
        assert seen[0] == {}
        assert seen[-1] == {"mine.txt": "quarantined"}


class Busy:
    """A desk where no descriptor is free as long as ``tries`` are left."""

    def __init__(self) -> None:
        self.tries = 4

    def prepare(self, source: Source, first: int) -> Iterator[Prepared]:
        """Fail as opening or reading does."""
        if self.tries:
            self.tries -= 1
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        yield Prepared(Provenance(first, source.name, 0, "text/plain"), None, (), ())


def test_a_file_for_which_no_descriptor_was_free_is_not_blamed(tmp_path: Path) -> None:
    """The service pauses (SYS914), and the file is decided when it is over; after three tries it was held."""
    with standing(tmp_path / "home") as stand:
        prepares = FilePreparer(Busy())  # type: ignore[arg-type] # it has what a preparer asks of a desk
        work = tmp_path / "home" / "state" / "work"
        stand.work.instance.route.preparation = Preparation(InLoop(lambda: prepares), work)
        seen = [stand.decided({"mine.txt": "text"})]
        for _ in range(6):
            stand.now += 40
            stand.loop.turn()
            seen.append(stand.folder.outcomes())

        told = [event["event"].get("code") for event in stand.folder.events() if event["event"]["action"] == "failure"]
        assert (seen[3], told.count("SYS914")) == ({}, 1)
        assert [event["winnowd"].get("codes") for event in stand.folder.decisions()] != [["INP123"]]
        assert set(seen[-1]) == {"mine.txt"}
