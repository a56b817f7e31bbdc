"""Rows of arrivals: claimed, recorded, done."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final

from winnowd.model import Arrival

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

    from winnowd.model import Progress


_ARRIVAL: Final = "SELECT a.*, c.id AS continues_id FROM arrival a LEFT JOIN arrival c ON c.number = a.continues "


def _arrival(row: sqlite3.Row) -> Arrival:
    return Arrival(
        id=row["id"],
        number=row["number"],
        feed=row["feed"],
        path=row["path"],
        dev=int(row["dev"]),
        ino=int(row["ino"]),
        size=row["size"],
        mtime_ns=row["mtime_ns"],
        seen_at=dt.datetime.fromisoformat(row["seen_at"]),
        claimed_at=dt.datetime.fromisoformat(row["claimed_at"]),
        tries=row["tries"],
        records_done=row["records_done"],
        barren=row["barren"],
        continues=None if row["continues"] is None else (row["continues"], row["continues_id"]),
        changed=bool(row["changed"]),
    )


class Arrivals:
    """What became of each file taken; writes only inside a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def next_number(self) -> int:
        """The number that the next arrival gets."""
        row = self._connection.execute("SELECT max(number) AS last FROM arrival").fetchone()
        return int(row["last"] or 0) + 1

    def claim(self, arrivals: Iterable[Arrival]) -> None:
        """Note that these files are about to be taken; their first try begins.

        Where another file lies by now, the one that was put back to be judged again is gone, and waited for no more.
        """
        arrivals = list(arrivals)
        self._connection.executemany(
            "INSERT INTO arrival VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 'claimed', ?, 0, NULL, NULL, 0, 0, ?)",
            [
                (
                    one.number, one.id, one.feed, one.path, str(one.dev), str(one.ino), one.size, one.mtime_ns,
                    one.seen_at.isoformat(), one.claimed_at.isoformat(), one.tries,
                    None if one.continues is None else one.continues[0],
                )
                for one in arrivals
            ],
        )  # fmt: skip
        self._connection.executemany(
            "UPDATE arrival SET changed = 0 WHERE changed = 1 AND path = ? AND number IS NOT ?",
            [(one.path, None if one.continues is None else one.continues[0]) for one in arrivals],
        )

    def tried(self, numbers: Sequence[int]) -> None:
        """Another try of these begins."""
        self._connection.executemany(
            "UPDATE arrival SET tries = tries + 1 WHERE number = ?", [(number,) for number in numbers]
        )

    def untried(self, numbers: Sequence[int]) -> None:
        """The tries of these that were begun have ended in peace."""
        self._connection.executemany(
            "UPDATE arrival SET tries = max(0, tries - 1) WHERE number = ?", [(number,) for number in numbers]
        )

    def barren(self, number: int) -> int:
        """How many records in a row of an arrival, up to its last decided one, had nothing to judge."""
        row = self._connection.execute("SELECT barren FROM arrival WHERE number = ?", (number,)).fetchone()
        return 0 if row is None else int(row["barren"])

    def reopen(self, arrival: str) -> None:
        """What of this arrival was not judged is to be judged, every record of it; its file lies in ``state/work``."""
        self._connection.execute(
            "UPDATE arrival SET state = 'claimed', home = NULL, barren = -1, tries = 0 WHERE id = ?", (arrival,)
        )

    def drop(self, number: int, code: str) -> None:
        """Close an arrival that gave no decision: its sender took it back, or it went back to the inbox."""
        self._connection.execute("UPDATE arrival SET state = 'done', closed = ? WHERE number = ?", (code, number))

    def record(self, progress: Iterable[Progress]) -> None:
        """Note how far arrivals are decided, and where the originals of finished ones go; who gets on is not blamed."""
        self._connection.executemany(
            "UPDATE arrival SET records_done = ?, home = ?, state = ?, barren = ?, tries = 1 WHERE number = ?",
            [
                (
                    one.records_done, one.location, "claimed" if one.location is None else "recorded", one.barren,
                    one.arrival.number,
                )
                for one in progress
            ],
        )  # fmt: skip
        continued = [one.arrival.continues for one in progress if one.location is not None and one.arrival.continues]
        self._connection.executemany(
            "UPDATE arrival SET changed = 0 WHERE number = ?", [(number,) for number, _ in continued]
        )

    def changed(self, number: int) -> None:
        """The file of this arrival was changed after it was judged: what comes of it goes on with this one."""
        self._connection.execute("UPDATE arrival SET changed = 1 WHERE number = ?", (number,))

    def continued(self, path: bytes, dev: int, ino: int) -> tuple[int, str] | None:
        """The arrival (number, id) that a file of the inbox goes on with: its file, changed after it was judged."""
        row = self._connection.execute(
            "SELECT number, id FROM arrival WHERE changed = 1 AND path = ? AND dev = ? AND ino = ? "
            "ORDER BY number DESC LIMIT 1",
            (path, str(dev), str(ino)),
        ).fetchone()
        return None if row is None else (row["number"], row["id"])

    def to_come_again(self) -> list[Arrival]:
        """Those that are decided, whose file was changed after that, and is not judged again yet."""
        rows = self._connection.execute(f"{_ARRIVAL} WHERE a.changed = 1 AND a.state <> 'claimed' ORDER BY a.number")
        return [_arrival(row) for row in rows]

    def lies_as(self, number: int, dev: int, ino: int) -> None:
        """The file of this arrival is the one of this device and inode."""
        self._connection.execute("UPDATE arrival SET dev = ?, ino = ? WHERE number = ?", (str(dev), str(ino), number))

    def done(self, numbers: Iterable[int]) -> None:
        """All that follows from these is applied, and on disk."""
        self._connection.executemany(
            "UPDATE arrival SET state = 'done' WHERE number = ?", [(number,) for number in numbers]
        )

    def claimed(self) -> list[Arrival]:
        """Arrivals that are not yet wholly decided, in their order."""
        rows = self._connection.execute(f"{_ARRIVAL} WHERE a.state <> 'done' AND a.state = 'claimed' ORDER BY a.number")
        return [_arrival(row) for row in rows]

    def recorded(self) -> list[tuple[Arrival, str]]:
        """Arrivals that are decided, but not known to be applied, with where their originals go."""
        rows = self._connection.execute(
            f"{_ARRIVAL} WHERE a.state <> 'done' AND a.state = 'recorded' ORDER BY a.number"
        )
        return [(_arrival(row), row["home"]) for row in rows]

    def progress(self, number: int, arrival: str) -> int | None:
        """How many records of an arrival, by number and id, are decided while it is claimed; None if it is not."""
        row = self._connection.execute(
            "SELECT records_done FROM arrival WHERE number = ? AND id = ? AND state = 'claimed'", (number, arrival)
        ).fetchone()
        return None if row is None else int(row["records_done"])

    def is_known(self, number: int, arrival: str) -> bool:
        """Whether there is an arrival of this number and id, whatever became of it."""
        row = self._connection.execute(
            "SELECT 1 FROM arrival WHERE number = ? AND id = ?", (number, arrival)
        ).fetchone()
        return row is not None

    def is_open(self, arrival: str) -> bool:
        """Whether an arrival of this id is claimed or recorded, and not yet done."""
        row = self._connection.execute("SELECT 1 FROM arrival WHERE id = ? AND state <> 'done'", (arrival,)).fetchone()
        return row is not None
