"""What a format's reader hands to the schema: a record's fields, or the finding that none can be had. Pure."""

from __future__ import annotations

import reprlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.model import Finding, Grade, Limit

if TYPE_CHECKING:
    from collections.abc import Mapping

    from winnowd.model import Note

GATE: Final = "reading"
LONGEST_SHOWN: Final = 1_000

_GRADES: Final = {
    **dict.fromkeys(("INP106", "INP114", "INP119", "INP121", "INP124"), Grade.DOUBT),
    **dict.fromkeys(("INP107", "INP140"), Grade.PASS),
}


class RefusedError(Exception):
    """Raised by a reader where reading cannot go on; holds the finding that says why."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


class Record(NamedTuple):
    """One record as its format gave it; ``fields`` is None if no article can come of it, and ``findings`` say why.

    ``raw`` are the record's own bytes if its file holds several. ``size`` and ``sha256`` are given where ``raw`` is
    only the beginning of them; ``media_type`` where it is another than its file's. ``shape`` is what it was taken out
    of (``shapes.toml``), ``may_have_markup`` says that its text may be made of HTML.
    """

    fields: Mapping[str, Any] | None
    findings: tuple[Finding, ...] = ()
    notes: tuple[Note, ...] = ()
    encoding: str | None = None
    parser: str | None = None
    extractor: str | None = None
    raw: bytes | None = None
    size: int | None = None
    sha256: str | None = None
    shape: str = ""
    may_have_markup: bool = False
    media_type: str | None = None


def found(code: str, because: str, *, measured: float | None = None, **evidence: object) -> Finding:
    """A finding of reading with the grade its code has."""
    return Finding(code, GATE, _GRADES.get(code, Grade.FAIL), measured, None, because, evidence)


def refused(code: str, because: str) -> RefusedError:
    """The error that ends reading with this finding."""
    return RefusedError(found(code, because))


def beyond(code: str, measure: str, measured: float, limit: float, because: str) -> RefusedError:
    """The error that ends reading because a measure passed its limit."""
    bound = Limit(code, measure, "max", fail=limit)
    return RefusedError(Finding(code, GATE, Grade.FAIL, measured, bound, because))


def shown(value: object) -> str:
    """An outside value as evidence may hold it: its first 1,000 characters, nothing that UTF-8 cannot carry."""
    text = reprlib.repr(value) if isinstance(value, list | tuple | dict) else str(value)
    return text[:LONGEST_SHOWN].encode("utf-8", "replace").decode()
