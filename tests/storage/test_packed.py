"""Packed blocks: what goes in comes out by name, whole or in part; harm is found; a kill leaves nothing half done."""

from __future__ import annotations

import io
import itertools
import tarfile
from typing import TYPE_CHECKING, Final

import msgspec
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.e2e.in_blocks import files_of
from tests.storage.test_moves import Kill, KilledError

from winnowd.layout import in_block, out_of_block, split_block
from winnowd.model import Effect
from winnowd.storage import packed
from winnowd.storage.disk import Disk
from winnowd.storage.effects import Effects

if TYPE_CHECKING:
    from pathlib import Path

    from winnowd.storage.unsynced import SyncMode

COUNT: Final = itertools.count()
BLOCK: Final = "seeds/2026/11/b1.tar.zst"
NAMES: Final = st.text("abcdef0123456789~._-", min_size=1, max_size=130).filter(lambda name: name not in {".", ".."})
CONTENTS: Final = st.binary(max_size=300) | st.integers(0, 3 * packed.FRAME).map(lambda size: b"winnow" * (size // 6))
FILES: Final = st.dictionaries(NAMES, CONTENTS, min_size=1, max_size=12)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for blocks."""
    return tmp_path_factory.mktemp("blocks")


def written(folder: Path, content: bytes) -> Path:
    """A block of this content; another file each time."""
    path = folder / f"{next(COUNT)}.tar.zst"
    path.write_bytes(content)
    return path


@given(files=FILES, offset=st.integers(0, 400_000), size=st.integers(0, 200_000))
@settings(max_examples=60)
def test_each_file_is_read_by_its_name(folder: Path, files: dict[str, bytes], offset: int, size: int) -> None:
    """Whole, and any part of it, as of a file of its own; and by any program that knows tar and Zstandard."""
    path = written(folder, packed.pack(files.items()))

    assert packed.names_in(path) == list(files)
    for name, content in files.items():
        assert packed.read(path / name) == content
        assert packed.part(path / name, offset, size) == content[offset : offset + size]
        assert (packed.stat_of(path / name) or (0, -1))[1] == len(content)
    plain = zstandard.ZstdDecompressor().stream_reader(path.read_bytes(), read_across_frames=True).read()
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        assert {one.name: one.size for one in archive} == {name: len(content) for name, content in files.items()}


@given(files=FILES, changes=st.dictionaries(NAMES, st.none() | CONTENTS, max_size=6), data=st.data())
@settings(max_examples=40)
def test_a_block_written_anew_has_its_changes_and_no_other(
    folder: Path, files: dict[str, bytes], changes: dict[str, bytes | None], data: st.DataObject
) -> None:
    """Others stay as they are, in their order; one without a file is none."""
    changes |= dict.fromkeys(data.draw(st.sets(st.sampled_from(sorted(files)))))
    path = written(folder, packed.pack(files.items()))

    anew = packed.repacked(path, changes)

    expected = {name: content for name, content in (files | changes).items() if content is not None}
    assert bool(anew) == bool(expected)
    if anew:
        path = written(folder, anew)
        assert {name: packed.read(path / name) for name in packed.names_in(path)} == expected


@given(files=FILES, data=st.data())
@settings(max_examples=150)
def test_other_bytes_give_an_error_or_other_bytes_and_nothing_worse(
    folder: Path, files: dict[str, bytes], data: st.DataObject
) -> None:
    """Whoever has changed a block: it is told by an error of its own, or by the hash of what is read."""
    content = bytearray(packed.pack(files.items()))
    for at in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[at] = data.draw(st.integers(0, 255))
    path = written(folder, bytes(content[: data.draw(st.integers(0, len(content)))]))

    for name in files:
        try:
            packed.read(path / name)
        except (FileNotFoundError, packed.DamagedBlockError):
            continue


def test_no_frame_gives_more_than_it_may(folder: Path) -> None:
    """A stranger's block cannot fill the memory."""
    bomb = zstandard.ZstdCompressor().compress(bytes(1 << 20))
    index = packed.pack([("a", b"a")])
    frames = zstandard.ZstdCompressor().compress(msgspec.msgpack.encode(((len(bomb),), {"a": (0, 1 << 19)})))
    tail = frames + len(frames).to_bytes(4, "little")

    with pytest.raises(packed.DamagedBlockError, match="1048576 bytes"):
        packed.read(written(folder, bomb + tail) / "a")
    assert packed.read(written(folder, index) / "a") == b"a"


def test_a_path_says_in_which_block_it_lies() -> None:
    """A file that is itself called so, such as a held original, is no block to anybody."""
    assert in_block("seeds/2026/11/a.txt", "b1") == f"{BLOCK}/a.txt"
    assert in_block("seeds/2026/11/a.txt", "") == "seeds/2026/11/a.txt"
    assert split_block(f"{BLOCK}/a.txt") == (BLOCK, "a.txt")
    assert out_of_block(f"{BLOCK}/a.txt") == "seeds/2026/11/a.txt"
    held = "quarantine/2026/11/30/dump~7d0c51e2.tar.zst"
    assert split_block(held) == ("", held)
    assert split_block(f"{held}.why.md") == ("", f"{held}.why.md")


EFFECTS: Final = [
    Effect("audit/evidence/b1.tar.zst/e.jsonl", b"line\n      \n"),
    Effect("rejected/one.txt", source=f"{BLOCK}/one.txt"),
    Effect("rejected/one.txt.why.json", source=f"{BLOCK}/one.txt.why.json"),
    Effect("rejected/one.txt.why.md", b"why"),
    Effect(f"{BLOCK}/two.txt"),
    Effect(f"{BLOCK}/new.txt", b"came and went"),
    Effect("rejected/away.txt", source=f"{BLOCK}/new.txt"),
    Effect("quarantine/b1.tar.zst/gone.txt"),
    Effect("seeds/new.txt", b"new"),
]
AFTER: Final = {
    "rejected/one.txt": "one",
    "rejected/one.txt.why.md": "why",
    "rejected/away.txt": "came and went",
    "seeds/new.txt": "new",
    f"{BLOCK}/three.txt": "three",
    "audit/evidence/b1.tar.zst/e.jsonl": "line\n      \n",
}


def laid(instance_dir: Path) -> None:
    """Blocks with the files that are meant, and others."""
    for block, files in {
        BLOCK: {"one.txt": b"one", "two.txt": b"two", "three.txt": b"three"},
        "audit/evidence/b1.tar.zst": {"e.jsonl": b"line\nsecret\n"},
        "quarantine/b1.tar.zst": {"gone.txt": b"gone"},
    }.items():
        (instance_dir / block).parent.mkdir(parents=True)
        (instance_dir / block).write_bytes(packed.pack(files.items()))


def found(instance_dir: Path) -> dict[str, str]:
    """All files, those in blocks too, but for what is still being written."""
    return {name: content.decode() for name, content in files_of(instance_dir).items()}


@pytest.mark.parametrize("sync", ["syncfs", "fsync"])
def test_killed_at_any_step_the_next_run_does_the_rest(tmp_path: Path, sync: SyncMode) -> None:
    """Each block is whole at any moment, and what leaves one lies where it goes before it is not there any more."""
    steps = 0
    for killed_at in range(100):
        instance_dir = tmp_path / str(killed_at)
        laid(instance_dir)
        disk = Disk(instance_dir, sync=sync, on_effect=(kill := Kill(killed_at)))
        try:
            Effects(disk).write(EFFECTS)
        except KilledError:
            steps += 1
        assert "one" in found(instance_dir).values()

        disk = Disk(instance_dir, sync=sync)
        Effects(disk).write_missing(sorted(EFFECTS, key=lambda one: one.path))
        disk.sync()

        assert found(instance_dir) == AFTER
        if len(kill.seen) < killed_at:
            break
    assert steps > 12


def test_however_many_files_are_meant_a_block_is_written_once(tmp_path: Path) -> None:
    """And nothing but it, if no file leaves it for another place."""
    laid(tmp_path)
    disk = Disk(tmp_path, on_effect=(seen := Kill()))

    Effects(disk).write([Effect(f"{BLOCK}/{name}.txt") for name in ("one", "two", "other")])

    assert seen.seen == ["write", "sync", "rename"]
    assert packed.names_in(tmp_path / BLOCK) == ["three.txt"]
