"""A test stand for reading: sources in memory, and what a case file says of one."""

from __future__ import annotations

import base64
import bz2
import datetime as dt
import gzip
import io
import lzma
import tarfile
import tomllib
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import zstandard

from winnowd.model import Read, Source
from winnowd.reading import ReadingLimits, SchemaPolicy, read

if TYPE_CHECKING:
    from collections.abc import Callable

    from winnowd.model import Unreadable

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "reading" / "cases"
RECEIVED = dt.datetime(2026, 11, 22, 3, 47, tzinfo=dt.UTC)

PROSE = (
    "The ferry left the quay at six with forty crates of herring on its deck. Nobody had counted them twice, and "
    "the clerk wrote the first figure into his book. By noon the fog had lifted over the sound, so that the keeper of "
    "the light could see three boats coming home. Their nets were dry, and the crews said little on the stairs.\n"
)
_PACK: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "zstd": zstandard.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zip": lambda data: zipped({"a/story.txt": data}),
    "tar": lambda data: tarred({"a/story.txt": data}),
    "tar of a Mac": lambda data: tarred({"a/._story.txt": b"\0\5\x16\7", "a/story.txt": data, "a/.DS_Store": b"\0"}),
}


def zipped(files: dict[str, bytes]) -> bytes:
    """A zip archive of these files."""
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)
    return into.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    """A tar archive of these files."""
    into = io.BytesIO()
    with tarfile.open(fileobj=into, mode="w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
        end = archive.offset + 2 * tarfile.BLOCKSIZE
    return into.getvalue()[:end]


def source_of(data: bytes, name: str = "story.txt", *, chunk: int = 1 << 18) -> Source:
    """An arrival that holds these bytes and gives them in chunks of one size."""
    return Source(name, len(data), RECEIVED, lambda: (data[at : at + chunk] for at in range(0, len(data), chunk)))


def read_all(
    data: bytes, name: str = "story.txt", *, limits: ReadingLimits | None = None, policy: SchemaPolicy | None = None
) -> list[Read | Unreadable]:
    """All records of these bytes."""
    return list(read(source_of(data, name), limits or ReadingLimits(), policy or SchemaPolicy()))


def the_article(item: Read | Unreadable) -> Read:
    """The record, which must have an article."""
    assert isinstance(item, Read), item.findings
    return item


def told(item: Read | Unreadable) -> str:
    """A record in one line: ``article`` if it has one, then its findings as ``CODE grade``."""
    kind = ["article"] if isinstance(item, Read) else []
    return " ".join([*kind, *(f"{finding.code} {finding.grade.value}" for finding in item.findings)])


def cases_of(name: str) -> list[dict[str, Any]]:
    """The cases of one file of ``cases/``."""
    return list(tomllib.loads((CASES / f"{name}.toml").read_text(encoding="utf-8"))["case"])


def bytes_of(case: dict[str, Any]) -> bytes:
    """Give the bytes of a case.

    ``content``, with ``{prose}`` for a paragraph, ``repeat`` times, in ``encoding``; or ``base64``. Then ``pack``, each
    in turn; ``cut`` as many bytes off the end; ``append`` or ``append_hex`` behind it.
    """
    if "base64" in case:
        data: bytes = base64.b64decode(case["base64"])
    else:
        text = case.get("content", "").replace("{prose}", PROSE.strip()) * case.get("repeat", 1)
        data = text.encode(case.get("encoding", "utf-8"))
    for packer in case.get("pack", []):
        data = _PACK[packer](data)
    more = str(case.get("append", "")).encode() + bytes.fromhex(case.get("append_hex", ""))
    return data[: len(data) - case.get("cut", 0)] + more


def run(case: dict[str, Any]) -> list[Read | Unreadable]:
    """What reading makes of a case, with the limits and the policy that it names."""
    limits = ReadingLimits(**case.get("limits", {}))
    policy = SchemaPolicy(**case.get("policy", {}))
    return read_all(bytes_of(case), case["file"], limits=limits, policy=policy)
