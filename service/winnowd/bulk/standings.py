"""How records stand, as the others of a run meet them: guessed, judged on a guess, or resolved. Files.

A standing hangs on all records before it; but it may be guessed, and a judgement made on a guess is as good as any
other where all that it has read turns out to be so (``resolving``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import msgspec

from winnowd.bulk.files import write_whole
from winnowd.bulk.record_file import RecordFile, write_records
from winnowd.decision import decide, profile_for
from winnowd.gates.originality import standing_after
from winnowd.model import Examination, Standing
from winnowd.pipeline.judge import SHORT_ID
from winnowd.pipeline.order_planner import SUPERSEDED

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from winnowd.bulk.blocks import Block, Blocks
    from winnowd.decision import Profile
    from winnowd.model import Judged, Prepared


class Row(msgspec.Struct, frozen=True, array_like=True):
    """What is decided of one record, as far as others meet it; ``supersedes``: whose place it takes, by which code.

    ``standing`` is None for a record without an article, as in ``Judged``.
    """

    name: str
    outcome: str
    standing: str | None
    root: int | None
    codes: tuple[str, ...]
    supersedes: int | None = None
    code: str = ""

    @property
    def is_seeded(self) -> bool:
        """Whether it enters the corpus, if it does not leave it again."""
        return self.standing == Standing.ADMITTED.value


class Superseded(NamedTuple):
    """From which record on an article is a copy of that one, and by which code."""

    by: int
    code: str


class Standings:
    """Rows of all records of a run, a file a block; ``superseded`` tells who gave way to whom, by number."""

    def __init__(self, folder: Path, blocks: Blocks, superseded: Mapping[int, Superseded]) -> None:
        self._folder = folder
        self._blocks = blocks
        self.superseded = superseded

    def row(self, number: int) -> Row:
        """What became of a record by itself, whoever takes its place later."""
        block, index = self._blocks.at(number)
        return unpacked(self._file(block)[index])

    def _file(self, block: Block) -> RecordFile:
        return self._blocks.files.open(standings_path(self._folder, block.number))


_ENCODER: Final = msgspec.msgpack.Encoder()
_DECODER: Final = msgspec.msgpack.Decoder(Row)
_SUPERSEDED: Final = msgspec.msgpack.Decoder(dict[int, Superseded])


def packed(row: Row) -> bytes:
    """A row as it is kept: equal rows are equal bytes."""
    return _ENCODER.encode(row)


def unpacked(data: bytes) -> Row:
    """The row that it is.

    Raises:
        msgspec.MsgspecError: it is none.
    """
    return _DECODER.decode(data)


def standings_path(folder: Path, block: int) -> Path:
    """Where the rows of a block are kept."""
    return folder / f"{block:06}.standings"


def read_superseded(folder: Path) -> dict[int, Superseded]:
    """Who gives way to whom in the rows of a folder; nobody, where that was never said."""
    try:
        return _SUPERSEDED.decode((folder / "superseded").read_bytes())
    except FileNotFoundError:
        return {}


def write_superseded(folder: Path, superseded: Mapping[int, Superseded]) -> None:
    """Keep who gives way to whom."""
    write_whole(folder / "superseded", [_ENCODER.encode(superseded)])


def write_rows(folder: Path, block: int, rows: Iterable[bytes]) -> None:
    """Keep the rows of a block."""
    write_records(standings_path(folder, block), rows)


def row_of(judged: Judged) -> Row:
    """The row of a judged record."""
    code = next((one.code for one in judged.decision.findings if one.code in SUPERSEDED), "")
    return Row(
        judged.name,
        judged.decision.outcome.value,
        None if judged.standing is None else judged.standing.value,
        judged.root,
        judged.decision.codes,
        judged.supersedes,
        code if judged.supersedes is not None else "",
    )


def guessed(prepared: Prepared, profile: Profile) -> Row:
    """What would become of a record that is a copy of nothing."""
    decision = decide(prepared.findings, profile_for(profile, has_article=prepared.article is not None))
    standing, root = (None, None) if prepared.fingerprint is None else standing_after(decision, Examination(()))
    name = prepared.text_sha256[:SHORT_ID]
    return Row(name, decision.outcome.value, None if standing is None else standing.value, root, decision.codes)


def write_seeded(folder: Path, block: int, rows: Sequence[Row]) -> None:
    """Keep which records of a block enter the corpus: a byte each."""
    write_whole(_seeded_path(folder, block), [bytes(row.is_seeded for row in rows)])


def read_seeded(folder: Path, block: int) -> bytes:
    """Which records of a block enter the corpus."""
    return _seeded_path(folder, block).read_bytes()


def _seeded_path(folder: Path, block: int) -> Path:
    return folder / f"{block:06}.seeded"
