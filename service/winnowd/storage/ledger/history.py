"""Where in the audit log the events of a record stand: what makes ``explain`` quick; nothing is written."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable

_LAST: Final = "\U0010ffff"
_FITTING: Final = """
    SELECT sequence FROM decision WHERE name >= :key AND name < :key_end
    UNION SELECT d.sequence FROM decision d JOIN arrival a ON a.number = d.arrival
          WHERE a.id >= :arrival AND a.id < :arrival_end
    UNION SELECT d.sequence FROM decision d JOIN arrival a ON a.number = d.arrival WHERE instr(a.path, :path)
    ORDER BY sequence LIMIT :most
"""
_OF: Final = """
    SELECT sequence FROM decision WHERE name = ?
    UNION SELECT o.sequence FROM done_order o JOIN decision d ON d.number = o.number WHERE d.name = ?
    ORDER BY sequence
"""


class History:
    """Asks by what a person knows of a record, and by its name."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def fitting(self, key: str, most: int) -> list[int]:
        """The sequences of decisions that a key may fit, at most so many; ``key`` as it stands in events."""
        arrival = key.partition("-")[0]
        wanted = {
            "key": key,
            "key_end": key + _LAST,
            "arrival": arrival,
            "arrival_end": arrival + _LAST,
            "path": key.encode(),
            "most": most,
        }
        return [row["sequence"] for row in self._connection.execute(_FITTING, wanted)]

    def of(self, names: Iterable[str]) -> list[int]:
        """The sequences of all decisions and orders on the records of these names."""
        return sorted({row["sequence"] for name in names for row in self._connection.execute(_OF, (name, name))})

    def text(self, text_sha256: str) -> str | None:
        """A text that is not in the corpus, as it is kept here."""
        row = self._connection.execute(
            "SELECT t.text FROM decision d JOIN held_text t ON t.number = d.number WHERE d.text_sha256 = ? LIMIT 1",
            (text_sha256,),
        ).fetchone()
        return None if row is None else zlib.decompress(row["text"]).decode()

    def used_since(self, config: str) -> str | None:
        """The day (``2026-11-22``) from which a configuration was in force."""
        row = self._connection.execute("SELECT used_at FROM config WHERE sha256 = ?", (config,)).fetchone()
        return None if row is None else str(row["used_at"])[:10]
