"""The evidence of a batch in one file: a line a record, its place fixed in the order of the decisions. Pure."""

from __future__ import annotations

import dataclasses
import hashlib
from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd import event
from winnowd.layout import in_block
from winnowd.model import EvidenceLine

if TYPE_CHECKING:
    from winnowd.model import Judged

LARGEST: Final = 1 << 24
"""Bytes after which a batch goes on in another file: ``erase`` writes a file anew."""


class End(NamedTuple):
    """Where the next line goes; no path: the record names a new file."""

    path: str = ""
    size: int = 0


@dataclasses.dataclass(slots=True)
class BatchEvidence:
    """Gives each record's evidence its place; ``end`` may be put back when a record could not be written up.

    ``most``: bytes of a file after which no line is added; ``block``: the packed block in which its files lie.
    """

    most: int = LARGEST
    block: str = ""
    end: End = dataclasses.field(default_factory=End)

    def begin(self) -> None:
        """The next record that has evidence is the first of a batch: nobody adds to a file of an earlier one."""
        self.end = End()

    def next(self, judged: Judged, line: bytes) -> EvidenceLine:
        """The place of a record's evidence, behind that of those before it."""
        path, start = self.end
        if not path or start >= self.most:
            path, start = in_block(event.evidence_path(judged), self.block), 0
        self.end = End(path, start + len(line) + 1)
        return EvidenceLine(path, start, line, hashlib.sha256(line).hexdigest())
