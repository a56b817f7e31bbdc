"""Archives: folders of files, each read by its own kind, each at fault alone, none by its path."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
import zlib
from typing import TYPE_CHECKING

import pytest
from tests.reading.stand import PROSE, read_all, tarred, the_article, told, zipped

from winnowd.model import Unreadable
from winnowd.reading import ReadingLimits

if TYPE_CHECKING:
    from collections.abc import Callable

MIB = 1 << 20
LINE = b'{"text": "Herring."}\n'
FILES = {
    "week/monday.txt": PROSE.encode(),
    "week/tuesday.html": f"<html><body><article><p>{PROSE}</p><p>{PROSE}</p></article></body></html>".encode(),
    "week/lines.jsonl": LINE * 2,
    "week/picture.png": b"\x89PNG\r\n\x1a\n",
    "week/empty.txt": b"",
    "week/packed.txt.gz": gzip.compress(PROSE.encode()),
}
READ = ["article", "article", "article", "article", "INP102 fail", "INP104 fail", "article"]
ARCHIVES = {"zip": zipped(FILES), "tar": tarred(FILES), "tar.gz": gzip.compress(tarred(FILES))}


@pytest.mark.parametrize("ending", ARCHIVES)
def test_each_file_is_read_by_its_own_kind(ending: str) -> None:
    """As if it lay in the inbox; what is at fault is refused alone, and each says how it is called there."""
    items = read_all(ARCHIVES[ending], f"week.{ending}")

    assert [told(item) for item in items] == READ
    assert [item.provenance.media_type for item in items[:3]] == ["text/plain", "text/html", "application/x-ndjson"]
    assert the_article(items[0]).article.extra["archive_member"] == "week/monday.txt"
    assert items[4].findings[0].evidence["archive_member"] == "week/picture.png"


@pytest.mark.parametrize("ending", ARCHIVES)
def test_a_file_s_own_bytes_are_what_is_held_of_it(ending: str) -> None:
    """A text is the whole of its file; a line only itself."""
    items = read_all(ARCHIVES[ending], f"week.{ending}")

    assert [items[number].raw for number in (0, 2, 4)] == [PROSE.encode(), LINE.rstrip(), FILES["week/picture.png"]]


@pytest.mark.parametrize(
    "path", ["../../etc/passwd", "/etc/passwd", "C:\\a.txt", "a\0b.txt", "\u202etxt.exe", "x" * 5_000]
)
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_path_is_a_name_that_is_shown_and_nothing_else(pack: object, path: str) -> None:
    """Nothing is written by it: what it reads is what is in the archive."""
    assert callable(pack)

    items = read_all(pack({path: PROSE.encode()}), "batch.zip")

    assert [told(item) for item in items] == ["article"]


def test_what_is_no_file_in_a_tar_archive_is_told() -> None:
    """Links and devices are followed by nobody; folders are only that."""
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode="w") as archive:
        for name, kind in {
            "d": tarfile.DIRTYPE,
            "l": tarfile.SYMTYPE,
            "h": tarfile.LNKTYPE,
            "n": tarfile.CHRTYPE,
        }.items():
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/passwd"
            archive.addfile(entry)

    assert [told(item) for item in read_all(into.getvalue(), "batch.tar")] == ["INP125 fail"] * 3


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_long_name_is_read_whole(form: int) -> None:
    """By both ways in which tar says it."""
    name = "a-folder-of-some-length/" * 20 + "story.txt"
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode="w", format=form) as archive:
        entry = tarfile.TarInfo(name)
        entry.size = len(PROSE)
        archive.addfile(entry, io.BytesIO(PROSE.encode()))

    (item,) = read_all(into.getvalue(), "batch.tar")

    assert the_article(item).article.extra["archive_member"] == name


LEFT = (".DS_Store", "__MACOSX/week/._a.txt", "week/._a.txt", "week\\THUMBS.DB", "week/desktop.ini", "@eaDir/a.txt/x")


@pytest.mark.parametrize("pack", [zipped, tarred])
@pytest.mark.parametrize("first", [True, False])
def test_what_a_system_left_in_it_is_passed_over_and_told_once(pack: Callable[..., bytes], first: bool) -> None:  # noqa: FBT001
    """With the last record, wherever it lies; a name that is only like one of those is read."""
    files = {"a.txt": PROSE.encode(), "notes-desktop.ini.txt": PROSE.encode(), "week/b.png": b"\x89PNG\r\n\x1a\n"}
    left = dict.fromkeys(LEFT, b"\0\1")

    items = read_all(pack(left | files if first else files | left), "week.zip")

    assert [told(item) for item in items] == ["article", "article", "INP102 fail INP140 pass"]
    assert items[2].findings[1].because == (
        "6 files that a system left in it were passed over: .DS_Store, __MACOSX, ._*, Thumbs.db, desktop.ini, @eaDir"
    )


def test_an_archive_of_nothing_else_has_no_file() -> None:
    """It is turned away as an empty one, and says why; there is an end to what is passed over."""
    (item,) = read_all(zipped({".DS_Store": b""}), "week.zip")
    only, more = read_all(
        tarred({"a.txt": PROSE.encode(), ".DS_Store": b"", "d/.DS_Store": b""}),
        "week.tar",
        limits=ReadingLimits(members=1),
    )

    assert (
        item.findings[0].because
        == "an archive without a file; 1 file that a system left in it was passed over: .DS_Store"
    )
    assert [told(only), told(more)] == ["article INP140 pass", "INP117 fail"]


def test_what_is_encrypted_or_damaged_is_told_alone() -> None:
    """A password, a way of packing that is not unpacked, a wrong checksum: the file after them stands."""
    data = bytearray(zipped({"secret.txt": b"x", "odd.txt": b"x", "damaged.txt": b"x", "good.txt": PROSE.encode()}))
    first = data.index(b"PK\x01\x02")
    second, third = data.index(b"PK\x01\x02", first + 1), 0
    third = data.index(b"PK\x01\x02", second + 1)
    data[first + 8] |= 1
    data[second + 10] = 14
    data[third + 16 : third + 20] = bytes(4)

    items = read_all(bytes(data), "batch.zip")

    assert [told(item) for item in items] == ["INP131 fail", "INP125 fail", "INP108 fail", "article"]


def test_more_files_than_may_be_are_unread() -> None:
    """Those before them stand."""
    files = {f"{number}.txt": PROSE.encode() for number in range(3)}

    for pack in (zipped, tarred):
        items = read_all(pack(files), "batch.zip", limits=ReadingLimits(members=2))

        assert [told(item) for item in items] == ["article", "article", "INP117 fail"]


def test_a_zip_bomb_is_stopped_as_a_whole() -> None:
    """What grows too much in all ends the archive, however little each of its files does; the rest stays packed."""
    files = {f"{number}.txt": b"a" * MIB for number in range(100)}

    items = read_all(zipped(files), "bomb.zip", limits=ReadingLimits(ratio=50))

    assert told(items[-1]) == "INP109 fail"
    assert len(items) < 10


def test_files_that_lie_over_each_other_cost_no_more_than_a_bomb() -> None:
    """David Fifield's: a thousand names for the same bytes are unpacked until they have grown too much."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    body = packed.compress(b"a" * MIB) + packed.flush()
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("kernel.txt", b"a" * MIB)
        kernel = archive.infolist()[0]
        for number in range(1_000):
            twin = zipfile.ZipInfo(f"{number}.txt")
            twin.header_offset, twin.CRC, twin.file_size = 0, kernel.CRC, MIB
            twin.compress_size, twin.compress_type = len(body), zipfile.ZIP_DEFLATED
            archive.filelist.append(twin)
            archive.NameToInfo[twin.filename] = twin

    items = read_all(into.getvalue(), "bomb.zip", limits=ReadingLimits(ratio=20))

    assert isinstance(items[-1], Unreadable)
    assert len(items) <= 1_001
    assert sum(len(item.raw or b"") for item in items) < 20 * MIB


def test_a_directory_too_large_to_be_held_is_not_looked_into() -> None:
    """A million entries would take half a gigabyte."""
    data = zipped({"a.txt": PROSE.encode()}) + b"PK\x01\x02" * 100_001

    (item,) = read_all(data, "batch.zip")

    assert told(item) == "INP117 fail"
