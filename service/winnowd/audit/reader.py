"""The lines of the audit log, read from its files alone; nothing is changed."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import msgspec

from winnowd.layout import AUDIT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_DAY: Final = re.compile(r"audit/(\d{4})/(\d{2})/(\d{2})\.jsonl(\.gz)?")


class Logged(NamedTuple):
    """One line: its file below the instance folder, its number from 1 and its offset in the day, its bytes."""

    file: str
    number: int
    offset: int
    line: bytes

    @property
    def position(self) -> str:
        """``audit/2026/11/22.jsonl:12``."""
        return f"{self.file}:{self.number}"

    @property
    def sha256(self) -> str:
        """What the next line calls ``prev``."""
        return hashlib.sha256(self.line).hexdigest()

    def event(self) -> dict[str, Any]:
        """The event; raises ValueError for a line that is none."""
        try:
            parsed = msgspec.json.decode(self.line)
        except msgspec.DecodeError:  # it has no word for half a surrogate, which a file's name may hold
            parsed = json.loads(self.line)
        except RecursionError:
            raise ValueError(f"{self.position} is nested too deeply") from None
        if not isinstance(parsed, dict):
            raise ValueError(f"{self.position} is no event")  # noqa: TRY004 - a broken file, not a caller's mistake
        return parsed


class Log:
    """The audit log of the instance at ``instance_dir``; or the copy of it at ``audit_dir``, whatever its name.

    Files are named as in the instance: ``audit/2026/11/22.jsonl``.
    """

    def __init__(self, instance_dir: Path, audit_dir: Path | None = None) -> None:
        self._audit_dir = instance_dir / AUDIT if audit_dir is None else audit_dir

    def path(self, file: str) -> Path:
        """Where a file of the log, or beside it, lies."""
        return self._audit_dir / file.removeprefix(f"{AUDIT}/")

    def days(self) -> list[str]:
        """Its files, oldest first; of a day that is being sealed the plain one."""
        found: dict[str, str] = {}
        for path in sorted(self._audit_dir.glob("[0-9]*/[0-9]*/[0-9]*.jsonl*"), reverse=True):
            file = f"{AUDIT}/{path.relative_to(self._audit_dir).as_posix()}"
            if _DAY.fullmatch(file) and path.is_file():
                found[file.removesuffix(".gz")] = file
        return sorted(found.values())

    def lines(self, file: str) -> Iterator[Logged]:
        """The lines of one file, the unfinished last one too (``Fault`` torn tells them apart).

        Raises:
            OSError, EOFError, zlib.error: the file, or what it packs, cannot be read.
        """
        path = self.path(file)
        offset = 0
        with gzip.open(path) if file.endswith(".gz") else path.open("rb") as content:
            for number, line in enumerate(content, 1):
                yield Logged(file, number, offset, line.removesuffix(b"\n"))
                offset += len(line)

    def __iter__(self) -> Iterator[Logged]:
        """All lines, oldest first."""
        for file in self.days():
            yield from self.lines(file)

    def between(self, since: str, until: str) -> Iterator[Logged]:
        """The lines of the days from ``since`` to ``until`` (``2026-11-22``), both included."""
        for file in self.days():
            if since <= day_of(file) <= until:
                yield from self.lines(file)

    def newest(self, most: int) -> list[Logged]:
        """The last lines, oldest of them first; reads no older day than it must."""
        found: list[Logged] = []
        for file in reversed(self.days()):
            found = [*list(self.lines(file))[-(most - len(found)) :], *found]
            if len(found) >= most:
                break
        return found

    def whole(self, file: str, offset: int) -> Iterator[bytes]:
        """The lines of one file from an offset on, without their line breaks; an unfinished last one is left out.

        Raises:
            OSError, EOFError, zlib.error: the file, or what it packs, cannot be read.
        """
        path = self.path(file)
        with gzip.open(path) if file.endswith(".gz") else path.open("rb") as content:
            content.seek(offset)
            for line in content:
                if line.endswith(b"\n"):
                    yield line[:-1]

    def at(self, file: str, offset: int) -> Logged | None:
        """The line of a day that begins at an offset; None if none does. ``number`` is 0: it was not counted."""
        plain = self.path(file)
        with gzip.open(f"{plain}.gz") if not plain.exists() else plain.open("rb") as content:
            content.seek(max(0, offset - 1))
            if offset and content.read(1) != b"\n":
                return None
            line = content.readline()
        return Logged(file, 0, offset, line.removesuffix(b"\n")) if line else None


def day_of(file: str) -> str:
    """``2026-11-22`` of ``audit/2026/11/22.jsonl``."""
    found = _DAY.fullmatch(file)
    if found is None:
        raise ValueError(f"{file} is no file of the audit log")
    return "-".join(found.groups()[:3])
