"""A file of records gives back what was written, or says that it is damaged; half of one is never there."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from winnowd.bulk.record_file import RecordFile, write_records

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@given(st.lists(st.binary(max_size=40), max_size=30))
def test_records_come_back_by_number_and_in_order(
    tmp_path_factory: pytest.TempPathFactory, records: list[bytes]
) -> None:
    """Also empty ones, and none at all."""
    path = tmp_path_factory.getbasetemp() / "some.records"
    write_records(path, records)

    with RecordFile(path) as file:
        assert len(file) == len(records)
        assert list(file) == records
        assert [file[number] for number in reversed(range(len(file)))] == records[::-1]
        for beyond in (-1, len(records)):
            with pytest.raises(IndexError):
                file[beyond]


def test_damage_to_the_index_is_told_with_the_name_of_the_file(tmp_path: Path) -> None:
    """Cut anywhere, or with any byte of index, end or magic changed."""
    path = tmp_path / "some.records"
    write_records(path, [b"one", b"three"])
    whole = path.read_bytes()
    strings = range(8, 16)

    damaged = [whole[:size] for size in range(len(whole))]
    damaged += [whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :] for at in range(len(whole)) if at not in strings]
    for data in [*damaged, whole + b"\0", b"x" * 200]:
        path.write_bytes(data)
        with pytest.raises(ValueError, match=r"some\.records is damaged"):
            RecordFile(path)


def test_what_fails_on_the_way_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    """And nothing beside it."""
    path = tmp_path / "some.records"
    write_records(path, [b"before"])

    def failing() -> Iterator[bytes]:
        yield b"half" * (1 << 20)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_records(path, failing())

    assert list(RecordFile(path)) == [b"before"]
    assert list(tmp_path.iterdir()) == [path]
