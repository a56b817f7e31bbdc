"""A decided batch as rows, on its way from the process that has rendered it to the one that records it.

Whoever renders a block of records far from the ledger closes its lines with a chain of his own, which begins with the
right sequence and any hash, lays the files down where nobody reads (``laid_down``) and hands over the rest of it in
MessagePack. Who holds the ledger chains the lines (``Chain.append_all``), writes the rows, and moves the files.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

import msgspec

from winnowd.model import DecidedBatch, Effect, Line, Progress, StateChange, effects_of
from winnowd.storage.ledger.rows import Rows, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class DecidedRows(msgspec.Struct, frozen=True, array_like=True):
    """What one transaction makes true, and what follows from it, as ``DecidedBatch``, but for the records themselves.

    ``lines`` are those of the records and of the changes, in the order of their sequence.
    """

    rows: Rows
    lines: tuple[Line, ...]
    progress: tuple[Progress, ...]
    changes: tuple[StateChange, ...] = ()

    @classmethod
    def of(cls, batch: DecidedBatch, recipe: str, folder: str = "") -> DecidedRows:
        """The rows of a batch; ``recipe``: of fingerprints; ``folder``: where its files were ``laid_down``, if so."""
        effects, changes = effects_of(batch.entries), batch.changes
        if folder:
            effects, changes = _moved(effects, changes, folder)
        return cls(rows_of(batch.entries, recipe, effects), tuple(batch.lines), tuple(batch.progress), tuple(changes))

    @classmethod
    def unpack(cls, packed: bytes) -> DecidedRows:
        """What these bytes are.

        Raises:
            msgspec.MsgspecError: they are nothing that ``pack`` has given.
        """
        return _DECODER.decode(packed)

    def pack(self) -> bytes:
        """Its MessagePack."""
        return _ENCODER.encode(self)

    def with_lines(self, lines: Iterable[Line]) -> DecidedRows:
        """With these lines in the place of its own: the same, chained to the log."""
        return msgspec.structs.replace(self, lines=tuple(lines))

    @property
    def effects(self) -> list[Effect]:
        """All that becomes of files, in order."""
        own = [Effect(*row) for row in self.rows.effect]
        return own + [effect for change in self.changes for effect in change.effects]


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(DecidedRows)


def laid_down(effects: Iterable[Effect], folder: str) -> list[Effect]:
    """The files of a batch as they are written now, below a folder where nobody reads them, in place of their own."""
    return [Effect(f"{folder}/{one.path}", one.content) for one in effects if one.content is not None]


def _moved(
    effects: Sequence[Effect], changes: Sequence[StateChange], folder: str
) -> tuple[list[Effect], list[StateChange]]:
    """The same with every file of the batch brought from the folder, in one step.

    What gives way to another of its own batch never comes to its first place: of moves that hang on each other nobody
    could tell, after a kill, which were done.
    """
    written = {effect.path: f"{folder}/{effect.path}" for effect in effects if effect.content is not None}
    gone = {effect.source for change in changes for effect in change.effects}

    def moved(effect: Effect) -> Effect:
        if effect.content is not None:
            return Effect(effect.path, source=f"{folder}/{effect.path}")
        return dataclasses.replace(effect, source=written.get(effect.source or "", effect.source))

    moved_changes = [
        dataclasses.replace(change, effects=tuple(moved(effect) for effect in change.effects)) for change in changes
    ]
    return [moved(effect) for effect in effects if effect.path not in gone], moved_changes
