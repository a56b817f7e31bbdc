"""What people decided about a text: it binds later deliveries of the same text, until a person lifts it."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from winnowd.model import Binding

if TYPE_CHECKING:
    import sqlite3

    from winnowd.model import StateChange

_BINDING: Final = frozenset({"confirm", "retract", "erase"})
_NO_WORDS: Final = hashlib.sha256(b"").digest()
_BIND: Final = """
    INSERT INTO binding
    SELECT :sequence, d.number, :action, :person, :text_sha256,
           CASE :action WHEN 'erase' THEN s.raw_digest END,
           CASE :action WHEN 'erase' THEN nullif(s.word_digest, :no_words) END, NULL, NULL
    FROM decision d LEFT JOIN signature s ON s.number = d.number WHERE d.number = :number
"""
_LIFT: Final = """
    UPDATE binding SET lifted = :sequence WHERE lifted IS NULL AND (
        text_sha256 = :text_sha256
        OR raw_digest = (SELECT raw_digest FROM signature WHERE number = :number)
        OR word_digest = (SELECT word_digest FROM signature WHERE number = :number)
    )
"""
_OF: Final = """
    SELECT action, person, sequence FROM binding
    WHERE lifted IS NULL AND (text_sha256 = ? OR raw_digest = ? OR word_digest = ?) ORDER BY sequence DESC LIMIT 1
"""


class Bindings:
    """Confirmed, retracted and erased texts; writes only inside a transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def exist(self) -> bool:
        """Whether there is any, lifted or not."""
        return self._connection.execute("SELECT 1 FROM binding LIMIT 1").fetchone() is not None

    def of(self, text_sha256: str, raw_digest: bytes, word_digest: bytes) -> Binding | None:
        """The last decision of a person that binds a text: this very one, or by its digests one that was erased."""
        row = self._connection.execute(_OF, (text_sha256, raw_digest, word_digest)).fetchone()
        return None if row is None else Binding(row["action"], row["person"], row["sequence"])

    def apply(self, change: StateChange) -> None:
        """What an order binds or lifts; undoing an order undoes that as well."""
        given = {
            "sequence": change.line.sequence,
            "number": change.stored.number,
            "action": change.action,
            "person": change.person,
            "text_sha256": change.stored.text_sha256,
            "no_words": _NO_WORDS,
        }
        if change.restores is not None:
            self._undo(change.restores, change.line.sequence)
        if change.listed is not None:
            self._connection.execute(_LIFT, given)
        elif change.erased == "all":
            self._connection.execute("DELETE FROM binding WHERE text_sha256 = :text_sha256", given)
        elif change.action in _BINDING and change.stored.text_sha256 is not None:
            self._connection.execute(_BIND, given)

    def _undo(self, undone: int, sequence: int) -> None:
        """What that event has bound, or bound again, is lifted; and what it has lifted binds again."""
        self._connection.execute(
            "UPDATE binding SET lifted = :by WHERE (sequence = :undone OR rebound = :undone) AND lifted IS NULL",
            {"by": sequence, "undone": undone},
        )
        self._connection.execute("UPDATE binding SET lifted = NULL, rebound = ? WHERE lifted = ?", (sequence, undone))
