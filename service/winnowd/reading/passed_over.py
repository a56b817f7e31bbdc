"""Files of an archive that nobody meant to send: passed over, and noted with its last record.

Pure, but for ``passed_over.toml`` of this package, which is read once.
"""

from __future__ import annotations

import fnmatch
import importlib.resources
import re
import tomllib
from itertools import chain
from typing import TYPE_CHECKING, Final

from winnowd.reading.records import RefusedError, found, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.reading.records import Record

_ROWS: Final[dict[str, list[str]]] = tomllib.loads(
    importlib.resources.files(__package__).joinpath("passed_over.toml").read_text(encoding="utf-8")
)
_NAMES: Final = list(chain.from_iterable(_ROWS.values()))
_NAME: Final = re.compile("|".join(f"({fnmatch.translate(name)})" for name in _NAMES), re.IGNORECASE)
_PARTS: Final = re.compile(r"[/\\]")


class PassedOver:
    """Counts them, up to ``most``."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._count = 0
        self._names: dict[str, None] = {}

    def takes(self, path: str) -> bool:
        """Whether a file of this path is passed over: it, or a folder that it lies in, has such a name.

        Raises:
            RefusedError: INP117.
        """
        match = next(filter(None, map(_NAME.fullmatch, _PARTS.split(path))), None)
        if match is None:
            return False
        if self._count >= self._most:
            raise refused("INP117", f"more than {self._most:,} files that are passed over; the rest is unread")
        self._count += 1
        self._names[_NAMES[(match.lastindex or 1) - 1]] = None
        return True

    @property
    def because(self) -> str:
        """``2 files that a system left in it were passed over: .DS_Store, ._*``; "" if there were none."""
        if not self._count:
            return ""
        files = (
            "1 file that a system left in it was"
            if self._count == 1
            else f"{self._count:,} files that a system left in it were"
        )
        return f"{files} passed over: {', '.join(self._names)}"

    def noted(self, records: Iterator[Record]) -> Iterator[Record]:
        """The records of an archive, the last of them with a finding on what was passed over, if anything was.

        Raises:
            RefusedError: that of ``records``, after the last.
        """
        last: Record | None = None
        refusal: RefusedError | None = None
        try:
            for record in records:
                if last is not None:
                    yield last
                last = record
        except RefusedError as error:
            refusal = error
        if last is not None:
            note = (found("INP140", self.because),) if self._count else ()
            yield last._replace(findings=(*last.findings, *note))
        if refusal is not None:
            raise refusal
