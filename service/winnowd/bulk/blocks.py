"""The prepared records of a run by their numbers: a few files a block, read by number. Files, and their reading."""

from __future__ import annotations

import bisect
import dataclasses
from collections import OrderedDict
from typing import TYPE_CHECKING, Final

import msgspec
import numpy as np

from winnowd.bulk.codes import Kind, Postings, codes_of, name_codes
from winnowd.bulk.files import write_whole
from winnowd.bulk.record_file import RecordFile, write_records
from winnowd.bulk.runs import write_keys
from winnowd.bulk.standings import guessed, packed, write_rows, write_seeded
from winnowd.daemon import answers, wire
from winnowd.gates.originality import quality_key
from winnowd.model import IndexedArticle, Prepared, Provenance, QualityKey, Slice, Standing
from winnowd.originality.paragraphs import paragraphs

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from winnowd.bulk.codes import Bits
    from winnowd.bulk.standings import Row
    from winnowd.decision import Profile
    from winnowd.model import Fingerprint

MOST_OPEN: Final = 256
"""Files that one process holds open."""
_RECORDS, _CANDIDATES, _TEXTS = "records", "candidates", "texts"


class Block(msgspec.Struct, frozen=True, array_like=True):
    """Some records of one input, in their order.

    ``number``: of the block; ``first``: the decision number of its first record; ``input``: the index of its file;
    ``is_last``: it ends its file.
    """

    number: int
    first: int
    count: int
    input: int
    is_last: bool


class _Candidate(msgspec.Struct, frozen=True, array_like=True):
    """What a record is to those that are compared with it, and by what it was named where it lies."""

    record: int
    media_type: str
    is_of_many: bool
    text_sha256: str
    integrity: float
    host: str
    metadata_count: int
    fingerprint: wire.Fingerprint


_TABLE: Final = msgspec.msgpack.Decoder(tuple[Block, ...])
_ENCODER: Final = msgspec.msgpack.Encoder(enc_hook=wire.plainer)
_CANDIDATE: Final = msgspec.msgpack.Decoder(_Candidate)


class OpenFiles:
    """Record files that were read lately, by path."""

    def __init__(self, most: int = MOST_OPEN) -> None:
        self._most = most
        self._held: OrderedDict[Path, RecordFile] = OrderedDict()

    def open(self, path: Path) -> RecordFile:
        """The file of this path."""
        found = self._held.get(path)
        if found is None:
            while len(self._held) >= self._most:
                self._held.popitem(last=False)[1].close()
            found = self._held[path] = RecordFile(path)
        else:
            self._held.move_to_end(path)
        return found

    def close(self) -> None:
        """Close all."""
        while self._held:
            self._held.popitem()[1].close()


@dataclasses.dataclass(frozen=True, slots=True)
class Blocks:
    """The blocks of a run, in the order of their numbers; ``folder`` holds what was prepared."""

    folder: Path
    table: Sequence[Block]
    files: OpenFiles = dataclasses.field(default_factory=OpenFiles)

    @property
    def first(self) -> int:
        """The number of the first record of all."""
        return self.table[0].first

    @property
    def end(self) -> int:
        """One more than the number of the last."""
        return self.table[-1].first + self.table[-1].count

    def at(self, number: int) -> tuple[Block, int]:
        """The block of a record, and its index there."""
        block = self.table[bisect.bisect_right(self.table, number, key=lambda one: one.first) - 1]
        return block, number - block.first

    def block(self, number: int) -> Block:
        """The block of this number."""
        return self.table[bisect.bisect_left(self.table, number, key=lambda one: one.number)]

    def records(self, block: Block) -> list[Prepared]:
        """All that was prepared of a block's records."""
        return self.prepared(block.number)[: block.count]

    def prepared(self, number: int) -> list[Prepared]:
        """The same of the block of this number, those that are not to be decided, too."""
        return [_decoded(frame) for frame in self.files.open(block_path(self.folder, number, _RECORDS))]

    def record(self, number: int) -> Prepared:
        """All that was prepared of one."""
        block, index = self.at(number)
        return _decoded(self.files.open(block_path(self.folder, block.number, _RECORDS))[index])

    def text(self, number: int) -> str:
        """The cleaned text of an article."""
        block, index = self.at(number)
        return self.files.open(block_path(self.folder, block.number, _TEXTS))[index].decode()

    def text_sha256(self, number: int) -> str:
        """The hash of that text."""
        return self._candidate(number).text_sha256

    def _candidate(self, number: int) -> _Candidate:
        block, index = self.at(number)
        return _CANDIDATE.decode(self.files.open(block_path(self.folder, block.number, _CANDIDATES))[index])

    def outline(self, number: int) -> Prepared:
        """So much of an article's record as its place among files hangs on."""
        one = self._candidate(number)
        provenance = Provenance(one.record, "", 0, one.media_type)
        return Prepared(provenance, None, (), (), text_sha256=one.text_sha256, raw=b"" if one.is_of_many else None)

    def indexed(self, number: int, row: Row, path: str) -> IndexedArticle:
        """A record with an article, as it is compared with others while it stands as ``row`` says."""
        one = self._candidate(number)
        if row.standing is None:
            raise ValueError(f"record {number} has no article")
        return IndexedArticle(
            number=number,
            id=row.name,
            path=path,
            text_sha256=one.text_sha256,
            standing=Standing(row.standing),
            fingerprint=answers.fingerprint(one.fingerprint),
            root=row.root,
            codes=row.codes,
            quality_key=QualityKey(one.integrity, one.host, one.metadata_count),
        )


def _decoded(frame: bytes) -> Prepared:
    answer = answers.decoded(frame)
    if not isinstance(answer, Slice):
        raise ValueError("no record of a block")  # noqa: TRY004 - a file is damaged, no type is wrong
    return answer.prepared[0]


def read_table(folder: Path) -> tuple[Block, ...]:
    """The blocks of a run, as ``write_table`` has kept them there."""
    return _TABLE.decode((folder / "blocks").read_bytes())


def write_table(folder: Path, table: Sequence[Block]) -> None:
    """Keep the blocks of a run."""
    write_whole(folder / "blocks", [msgspec.msgpack.encode(table)])


def block_path(folder: Path, block: int, kind: str) -> Path:
    """Where a block keeps one kind of what it has."""
    return folder / f"{block:06}.{kind}"


@dataclasses.dataclass(frozen=True, slots=True)
class BlockWriter:
    """Keeps what was prepared of a block; picklable. ``partitions``: of its keys; ``bits``: of a code."""

    profile: Profile
    partitions: int
    bits: Bits

    def __call__(self, folder: Path, block: int, prepared: Sequence[Prepared]) -> None:
        """Write all files of a block; what is written last is there only if all of it is."""
        rows = [guessed(one, self.profile) for one in prepared]
        write_rows(folder, block, map(packed, rows))
        write_seeded(folder, block, rows)
        write_keys(keys_path(folder, block), _postings(prepared, self.bits), self.partitions)
        _write_records(folder, block, prepared)


def keys_path(folder: Path, block: int) -> Path:
    """Where the keys of a block are kept."""
    return block_path(folder, block, "keys")


def _postings(prepared: Sequence[Prepared], bits: Bits) -> dict[Kind, Postings]:
    """What the articles of a block stand under; the records of a block count from 0."""
    at = [index for index, one in enumerate(prepared) if one.fingerprint is not None]
    numbers = np.array(at, dtype=np.uint32)
    kept = codes_of([one.fingerprint for one in prepared if one.fingerprint is not None], bits).kept
    names = name_codes([prepared[index].text_sha256 for index in at])
    held = [(code, index) for index in at for code in paragraphs(_text(prepared[index]) or "")]
    codes, holders = ([pair[column] for pair in held] for column in (0, 1))
    return {
        Kind.KEYS: Postings(kept.codes, numbers[kept.owners]),
        Kind.NAMES: Postings(names, numbers),
        Kind.PARAGRAPHS: Postings(np.array(codes, dtype=np.uint64), np.array(holders, dtype=np.uint32)),
    }


def _write_records(folder: Path, block: int, prepared: Sequence[Prepared]) -> None:
    write_records(block_path(folder, block, _TEXTS), [(_text(one) or "").encode() for one in prepared])
    write_records(block_path(folder, block, _CANDIDATES), map(_packed_candidate, prepared))
    frames = (answers.packed(Slice((one,), last=False)) for one in prepared)
    write_records(block_path(folder, block, _RECORDS), frames)


def _text(prepared: Prepared) -> str | None:
    return None if prepared.article is None else prepared.article.text


def _packed_candidate(prepared: Prepared) -> bytes:
    made: Fingerprint | None = prepared.fingerprint
    if made is None:
        return b""
    key = quality_key(prepared)
    came = prepared.provenance
    one = _Candidate(
        came.record, came.media_type, prepared.raw is not None, prepared.text_sha256,
        key.integrity, key.host, key.metadata_count, answers.plain_fingerprint(made),
    )  # fmt: skip
    return _ENCODER.encode(one)
