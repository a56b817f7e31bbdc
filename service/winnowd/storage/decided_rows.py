"""A decided batch as rows, on its way from the process that has rendered it to the one that records it.

Whoever renders a block of records far from the ledger closes its lines with a chain of his own, which begins with the
right sequence and any hash, lays the files down where nobody reads (``laid_down``) and hands over the rest of it in
MessagePack. Who holds the ledger chains the lines (``Chain.append_all``), writes the rows, and moves the files.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Final

import msgspec

from winnowd.layout import split_block
from winnowd.model import DecidedBatch, Effect, Line, Progress, StateChange, effects_of
from winnowd.storage.ledger.rows import Rows, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


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
            effects, changes = _moves(effects, folder, _goals(batch)), _moving(changes, folder, _goals(batch))
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


def laid_down(batch: DecidedBatch, folder: str) -> list[Effect]:
    """The files of a batch as they are written now, below a folder where nobody reads them, in place of their own."""
    goals = _goals(batch)
    return [
        Effect(f"{folder}/{goals.get(one.path, one.path)}", one.content)
        for one in batch.effects
        if one.content is not None
    ]


def _goals(batch: DecidedBatch) -> dict[str, str]:
    """Where files of the batch go on to by a change of the same batch: what gave way to another that came later.

    They never come to their first place: of moves that hang on each other nobody could tell, after a kill, which were
    done.
    """
    written = {effect.path for effect in effects_of(batch.entries) if effect.content is not None}
    moves = ((effect.source, effect.path) for change in batch.changes for effect in change.effects)
    return {source: path for source, path in moves if source is not None and source in written}


def _moves(effects: Sequence[Effect], folder: str, goals: Mapping[str, str]) -> list[Effect]:
    """The files of the records brought from the folder: each in one step, those of a packed block with that."""
    written = [effect.path for effect in effects if effect.content is not None and effect.path not in goals]
    whole = dict.fromkeys(split_block(path)[0] or path for path in written)
    return [Effect(path, source=f"{folder}/{path}") for path in whole]


def _moving(changes: Sequence[StateChange], folder: str, goals: Mapping[str, str]) -> list[StateChange]:
    """The same of what changes write, and of what they take on."""

    def moved(effect: Effect) -> Effect:
        is_laid_down = effect.content is not None or effect.source in goals
        return Effect(effect.path, source=f"{folder}/{effect.path}") if is_laid_down else effect

    return [
        dataclasses.replace(change, effects=tuple(moved(effect) for effect in change.effects)) for change in changes
    ]
