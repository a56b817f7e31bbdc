"""Candidates from sorted files: as of each record what the index in memory would propose after all before it."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import resource
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from winnowd.bulk import codes as codes_module
from winnowd.bulk import comparing, proposing
from winnowd.bulk import runs as runs_module
from winnowd.bulk.codes import Kind, Postings, codes_of, keys_of_rows, name_codes
from winnowd.bulk.files import read_arrays, write_arrays, write_whole
from winnowd.bulk.index import RunIndex, SlotIndex
from winnowd.bulk.lookups import GuessedLookups
from winnowd.bulk.proposing import Proposed, candidates
from winnowd.bulk.runs import MOST_NUMBER, merge, read_keys, write_keys, write_slots
from winnowd.model import Standing
from winnowd.originality import pack
from winnowd.originality.fingerprints import digests_only
from winnowd.originality.neighbours import Neighbours
from winnowd.originality.table import CROWD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from winnowd.bulk.codes import Bits
    from winnowd.model import Fingerprint


class Record(NamedTuple):
    """A record of a stream: its number, what it is looked up by, whether it is admitted."""

    number: int
    made: Fingerprint
    seeded: bool


def some_fingerprint(seed: int) -> Fingerprint:
    """One that has few keys, of few kinds: a stream of these crowds its keys at once."""
    random = np.random.default_rng(seed)
    shared = (np.arange(1, 9, dtype=np.uint64) << np.uint64(32)) | np.arange(1, 9, dtype=np.uint64)
    random.shuffle(shared)
    keys, more = np.sort(shared[:5]), shared[: 7 if seed % 2 else 4]
    many = random.integers(0, 1 << 63, 130 if seed % 3 else 2, dtype=np.uint64)
    return dataclasses.replace(
        digests_only(bytes([seed % 3]) * 32, bytes([seed % 5]) * 32),
        minima=random.integers(0, 2, 128, dtype=np.uint32) if seed % 4 else None,
        keys=keys,
        query_keys=np.sort(np.concatenate((more, many))) if seed % 5 else None,
    )


POOL = [some_fingerprint(seed) for seed in range(7)]
streams = st.lists(st.tuples(st.integers(0, len(POOL) - 1), st.booleans(), st.integers(1, 3)), max_size=70)


def stream_of(drawn: Sequence[tuple[int, bool, int]]) -> list[Record]:
    """Records with numbers that leave some out: not every record has an article."""
    numbers = itertools.accumulate(step for _, _, step in drawn)
    return [Record(number, POOL[which], seeded) for number, (which, seeded, _) in zip(numbers, drawn, strict=True)]


class Files:
    """A stream laid out in files: what was known before as rows of a ledger, the rest in blocks."""

    def __init__(
        self, folder: Path, stream: Sequence[Record], *, below: int = 0, block: int = 10, bits: Bits = 32
    ) -> None:
        self.folder, self.bits, self.partitions = folder, bits, 3
        self.seeded = np.zeros(max((one.number for one in stream), default=0) + 1, dtype=np.uint8)
        self.seeded[[one.number for one in stream if one.seeded]] = 1
        postings, seeded = keys_of_rows(stored(stream[:below]), bits)
        assert seeded.tolist() == [one.number for one in stream[:below] if one.seeded]
        write_keys(folder / "below", {Kind.KEYS: postings}, self.partitions)
        files = [(folder / "below", 0)]
        for first in range(below, len(stream), block):
            part = stream[first : first + block]
            kept = codes_of([one.made for one in part], bits).kept
            base = part[0].number
            local = np.array([one.number - base for one in part], dtype=np.uint32)
            files.append((folder / f"keys-{first}", base))
            write_keys(files[-1][0], {Kind.KEYS: Postings(kept.codes, local[kept.owners])}, self.partitions)
        self.runs = [folder / f"run-{at}" for at in range(self.partitions)]
        for at, run in enumerate(self.runs):
            merge(at, files[::-1], run)

    def slots(self, seeded: NDArray[np.uint8]) -> SlotIndex:
        """The slots, where these are thought to be seeded."""
        paths = [self.folder / f"slots-{at}" for at in range(self.partitions)]
        for run, path in zip(self.runs, paths, strict=True):
            write_slots(run, seeded, path)
        return SlotIndex(paths)

    def proposed(self, stream: Sequence[Record]) -> Proposed:
        """The candidates of these records."""
        codes = codes_of([one.made for one in stream], self.bits)
        numbers = np.array([one.number for one in stream], dtype=np.int64)
        return candidates(codes, numbers, self.slots(self.seeded))


def stored(stream: Sequence[Record]) -> list[tuple[int, Mapping[str, object]]]:
    """Rows as the ledger has them."""
    standing = {True: Standing.ADMITTED, False: Standing.REJECTED}
    return [
        (one.number, {**pack(one.made), "standing": standing[one.seeded].value, "seeded": one.seeded}) for one in stream
    ]


@given(streams, st.integers(0, 40), st.integers(1, 30))
@settings(max_examples=50, deadline=None)
def test_candidates_from_files_are_those_of_the_index_after_all_records_before(
    drawn: list[tuple[int, bool, int]], below: int, block: int
) -> None:
    """Crowded keys, seeded records and others, a corpus below, blocks of any size."""
    stream = stream_of(drawn)
    index = Neighbours()
    index.build(stored(stream[:below]))
    expected = []
    for one in stream[below:]:
        expected.append(index.propose(one.made))
        index.add(one.number, one.made, seeded=one.seeded)

    with tempfile.TemporaryDirectory() as folder:
        proposed = Files(Path(folder), stream, below=below, block=block).proposed(stream[below:])

    assert proposed.numbers == expected


def older(stream: Sequence[Record], now: Record, code: int, bits: Bits = 32) -> list[Record]:
    """The records before one that stand under a code."""
    return [one for one in stream if one.number < now.number and code in codes_of([one.made], bits).kept.codes.tolist()]


@given(streams.filter(bool))
@settings(max_examples=8, deadline=None)
def test_a_code_is_crowded_where_more_than_16_stand_under_it(drawn: list[tuple[int, bool, int]]) -> None:
    """Of what a record asks, where more than 16 older ones do; of what it stands under, where that many do in all."""
    stream = stream_of(drawn)

    with tempfile.TemporaryDirectory() as folder:
        files = Files(Path(folder), stream, block=70)
        proposed = files.proposed(stream)
        lookups = GuessedLookups(files.slots(files.seeded), RunIndex(files.runs), 32)
        numbers = np.array([one.number - stream[0].number for one in stream])
        crowded = lookups.crowded(read_keys(Path(folder) / "keys-0"), int(numbers[-1]) + 1)
        fewer = lookups.crowded(read_keys(Path(folder) / "keys-0"), int(numbers[-1]))

    assert fewer == crowded[:-1]
    for at, one in enumerate(stream[::7]):
        codes, last = codes_of([one.made]), Record(1 << 30, one.made, seeded=False)
        query = [code for code in codes.query.codes.tolist() if len(older(stream, one, code)) > CROWD]
        kept = [code for code in codes.kept.codes.tolist() if len(older(stream, last, code)) > CROWD]
        assert (proposed.query[7 * at], sorted(crowded[numbers[7 * at]])) == (query, sorted(kept))


@given(streams)
@settings(max_examples=15, deadline=None)
def test_whatever_was_thought_to_be_seeded_crowded_codes_are_answered_from_the_runs(
    drawn: list[tuple[int, bool, int]],
) -> None:
    """Slots made on a wrong guess, and what counts under crowded codes from the runs: as from slots of the truth."""
    stream = stream_of(drawn)

    with tempfile.TemporaryDirectory() as folder:
        files = Files(Path(folder), stream)
        expected, right = files.proposed(stream), files.slots(files.seeded)
        runs, slots = RunIndex(files.runs), files.slots(1 - files.seeded)

        def held(code: int, before: int) -> list[int]:
            exact = runs.as_of(Kind.KEYS, code, before, files.seeded)
            assert (exact, True) == right.under(Kind.KEYS, code, before)
            return exact

        found = [candidates(codes_of([one.made]), np.array([one.number]), slots, held).numbers[0] for one in stream]

    assert found == expected.numbers


@given(streams)
@settings(max_examples=10, deadline=None)
def test_wide_codes_propose_the_same_where_no_keys_collide(drawn: list[tuple[int, bool, int]]) -> None:
    """All keys of these differ in the 32 bits that narrow codes have."""
    stream = stream_of(drawn)

    with tempfile.TemporaryDirectory() as folder:
        narrow = Files(Path(folder), stream).proposed(stream).numbers
        wide = Files(Path(folder), stream, below=len(stream) // 2, bits=64).proposed(stream).numbers

    assert wide == narrow


def test_wide_codes_tell_apart_what_narrow_ones_do_not(tmp_path: Path) -> None:
    """Keys with equal upper halves, and digests with equal first 32 bits: strangers meet under narrow codes alone."""
    low = np.arange(1, 7, dtype=np.uint64)
    first, second = (
        dataclasses.replace(
            digests_only(b"same" + bytes([at]) * 28, bytes([at]) * 32), keys=(low << np.uint64(32)) | np.uint64(at)
        )
        for at in (1, 2)
    )
    stream = [Record(1, first, seeded=True), Record(2, second, seeded=True), Record(3, first, seeded=True)]

    narrow = Files(tmp_path, stream).proposed(stream).numbers
    wide = Files(tmp_path, stream, bits=64).proposed(stream).numbers

    assert (narrow, wide) == ([[], [1], [1, 2]], [[], [], [1]])


def test_a_band_a_digest_and_a_pair_of_equal_keys_have_codes_of_their_own() -> None:
    """The row is in each code, narrow or wide."""
    made = dataclasses.replace(
        digests_only(bytes(32), bytes(32)), keys=np.zeros(1, dtype=np.uint64), minima=np.zeros(128, dtype=np.uint32)
    )

    for bits in (32, 64):
        codes = codes_of([made], bits).kept.codes
        assert len(set(codes.tolist())) == len(codes) == 28


def test_names_and_paragraphs_are_found_by_their_own_codes(tmp_path: Path) -> None:
    """A name is looked up by its first 16 digits, a paragraph by its hash; a key of the same bits is another thing."""
    sha256 = "00000000000000ff" + "0" * 48
    (code,) = name_codes([sha256]).tolist()
    numbers = np.arange(40, dtype=np.uint32)
    under = Postings(np.full(40, code, dtype=np.uint64), numbers)
    write_keys(tmp_path / "keys", {Kind.NAMES: under}, 2)
    write_keys(tmp_path / "more", {Kind.PARAGRAPHS: under, Kind.KEYS: Postings(under.codes[:2], numbers[:2])}, 2)
    seeded = np.zeros(200, dtype=np.uint8)
    seeded[130:] = 1

    for at in range(2):
        merge(at, [(tmp_path / "keys", 100), (tmp_path / "more", 0)], tmp_path / f"run-{at}")
        write_slots(tmp_path / f"run-{at}", seeded, tmp_path / f"slots-{at}")
    runs, slots = (
        kind([tmp_path / f"{name}-{at}" for at in range(2)]) for kind, name in ((RunIndex, "run"), (SlotIndex, "slots"))
    )

    assert isinstance(runs, RunIndex)
    assert isinstance(slots, SlotIndex)
    assert runs.older(Kind.NAMES, code, 103).tolist() == [100, 101, 102]
    assert runs.older(Kind.NAMES, code, 1 << 40).tolist() == list(range(100, 140))
    assert runs.older(Kind.NAMES, code + 1, 200).tolist() == []
    assert slots.under(Kind.NAMES, code, 132) == ([*range(100, 114), 130, 131], True)
    assert slots.under(Kind.PARAGRAPHS, code, 3) == ([0, 1, 2], False)
    assert slots.under(Kind.KEYS, code, 200) == ([0, 1], False)


def test_nothing_gives_nothing(tmp_path: Path) -> None:
    """A block without an article, a run without a posting."""
    files = Files(tmp_path, [])

    assert files.proposed([]) == Proposed([], [])
    assert candidates(codes_of([POOL[0]]), np.array([5]), files.slots(files.seeded)) == ([[]], [[]])


def test_there_may_be_more_partitions_than_a_shell_lets_files_be_open(tmp_path: Path) -> None:
    """Each is mapped as long as it is read, which holds it open."""
    write_keys(tmp_path / "0.keys", {}, 1)
    merge(0, [(tmp_path / "0.keys", 1)], tmp_path / "0.run")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, hard))
    try:
        comparing._runs((tmp_path / "0.run",) * 100)
    finally:
        comparing.forget_files()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_number_beyond_32_bits_is_refused(tmp_path: Path) -> None:
    """Never does one record stand for another."""
    codes = np.zeros(2, dtype=np.uint64)
    write_keys(tmp_path / "keys", {Kind.KEYS: Postings(codes, np.array([0, 2], dtype=np.uint32))}, 1)

    with pytest.raises(OverflowError, match="beyond"):
        merge(0, [(tmp_path / "keys", MOST_NUMBER - 1)], tmp_path / "run")
    merge(0, [(tmp_path / "keys", MOST_NUMBER - 2)], tmp_path / "run")

    assert RunIndex([tmp_path / "run"]).older(Kind.KEYS, 0, 1 << 40).tolist() == [MOST_NUMBER - 2, MOST_NUMBER]


def test_arrays_come_back_as_they_were(tmp_path: Path) -> None:
    """Of any width and length, none too; and a file that is something else, or cut off anywhere, is told."""
    arrays: list[NDArray[Any]] = [np.arange(5, dtype=np.uint8), np.zeros(0, dtype=np.uint64), np.arange(3)]
    path = tmp_path / "arrays"

    write_arrays(path, arrays)

    assert [(one.dtype, one.tolist()) for one in read_arrays(path)] == [(one.dtype, one.tolist()) for one in arrays]
    whole = path.read_bytes()
    for size in range(len(whole)):
        path.write_bytes(whole[:size])
        with pytest.raises(ValueError, match=r"holds no arrays|cut off"):
            read_arrays(path)
    path.write_bytes(b"another\0" + whole[8:])
    with pytest.raises(ValueError, match="holds no arrays"):
        read_arrays(path)


def test_a_file_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    """What fails on its way leaves the file as it was, and nothing beside it."""
    path = tmp_path / "file"
    write_whole(path, [b"as it ", memoryview(b"was")])

    with pytest.raises(ZeroDivisionError):
        write_whole(path, (bytes(1 // left) for left in (1, 0)))

    assert [one.name for one in tmp_path.iterdir()] == ["file"]
    assert path.read_bytes() == b"as it was"


def test_many_are_answered_part_by_part_as_few_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows of a ledger, articles of a block, postings under one code: wherever a part ends."""
    stream = [Record(number, POOL[number * number % 7], seeded=number % 5 > 2) for number in range(60)]
    at_once = Files(tmp_path, stream, below=20).proposed(stream)

    monkeypatch.setattr(codes_module, "_CHUNK", 7)
    monkeypatch.setattr(proposing, "_AT_ONCE", 4)
    monkeypatch.setattr(runs_module, "_AT_ONCE", 3)
    files = Files(tmp_path, stream, below=20)
    held = functools.partial(exactly, RunIndex(files.runs), files.seeded)
    codes, numbers = codes_of([one.made for one in stream]), np.arange(60)

    assert candidates(codes, numbers, files.slots(files.seeded)) == at_once
    assert candidates(codes, numbers, files.slots(1 - files.seeded), held) == at_once


def exactly(runs: RunIndex, seeded: NDArray[np.uint8], code: int, before: int) -> list[int]:
    """What counts under a code as of a record."""
    return runs.as_of(Kind.KEYS, code, before, seeded)
