"""A file that was taken and cannot be opened: tried three times, then held for what it is (reliability.md 3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.daemon.stand import standing

from winnowd.pipeline.ports import Stopped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from winnowd.model import Arrival


class Unreadable:
    """A preparation to which every file is closed; counts what it was asked for."""

    def __init__(self) -> None:
        self.tries = 0

    def prepare(self, arrivals: Sequence[Arrival], limit: int) -> Iterator[Stopped]:
        """Refuse each."""
        for _ in arrivals[:limit]:
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
