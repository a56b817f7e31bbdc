"""The folder of a report: what is the same is not touched, what is ours and no longer belongs goes, all else stays."""

from __future__ import annotations

import contextlib
import json
import os
import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path
    from typing import Self

MANIFEST: Final = "report.json"
_MADE_BY: Final = "winnowd report"
_NAME: Final = re.compile(r"index\.html|winnowd\.css|turned-away-[0-9]{1,9}\.html|[0-9a-f]{8,64}-[0-9]{1,9}\.html")
"""What a report writes. Nothing else is ever removed, whatever a manifest says."""


class NotOursError(Exception):
    """What is in the folder is no report that winnowd made; the text says what is there."""


class ReportFolder:
    """A folder that is new, empty, or was written by this before; ``written``, ``same``, ``removed`` count its files.

    Use it as a context: at a good end what was not written this time is removed. Where writing ends early, the next
    report knows all files as ours, and finishes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._before: frozenset[str] = frozenset()
        self._now: set[str] = set()
        self.written = self.same = self.removed = 0

    def __enter__(self) -> Self:
        """Make it, or know it again.

        Raises:
            NotOursError: something else is in it.
            OSError: it cannot be made or read.
        """
        self._path.mkdir(parents=True, exist_ok=True)
        self._before = self._ours()
        return self

    def __exit__(self, kind: object, fault: object, trace: object) -> None:
        if kind is None:
            for name in self._before - self._now:
                with contextlib.suppress(FileNotFoundError):
                    (self._path / name).unlink()
                    self.removed += 1
            self._keep_manifest(self._now)

    def expect(self, names: Collection[str]) -> None:
        """Say what will be written, before any of it is."""
        self._keep_manifest(self._before | set(names))

    def write(self, name: str, content: bytes) -> None:
        """Write a file, whole or not at all; one that has this content already is not touched.

        Raises:
            ValueError: a report has no file of this name.
            OSError: it cannot be written.
        """
        if not _NAME.fullmatch(name):
            raise ValueError(f"{name!r} is no file of a report")
        self._now.add(name)
        if self._put(name, content):
            self.written += 1
        else:
            self.same += 1

    def _ours(self) -> frozenset[str]:
        there = sorted(entry.name for entry in os.scandir(self._path))
        if not there:
            return frozenset()
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):  # no manifest, or none of ours
            manifest = json.loads((self._path / MANIFEST).read_bytes())
            if manifest["made_by"] == _MADE_BY:
                return frozenset(name for name in manifest["files"] if isinstance(name, str) and _NAME.fullmatch(name))
        raise NotOursError(there[0])

    def _keep_manifest(self, names: Collection[str]) -> None:
        manifest = {"made_by": _MADE_BY, "files": sorted(names)}
        self._put(MANIFEST, json.dumps(manifest, indent=0).encode() + b"\n")

    def _put(self, name: str, content: bytes) -> bool:
        """Whether it was written; a link that is there is replaced, not followed."""
        path, temp_path = self._path / name, self._path / f".{name}.part"
        with contextlib.suppress(FileNotFoundError):
            if not path.is_symlink() and path.read_bytes() == content:
                return False
        with contextlib.suppress(FileNotFoundError):
            temp_path.unlink()
        with temp_path.open("xb") as file:
            file.write(content)
        temp_path.replace(path)
        return True
