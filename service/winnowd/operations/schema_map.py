"""How a file would be read: its format, what lies around its records, which field was taken for what, what was left."""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING, Any, Final

from winnowd.model import Grade, Source
from winnowd.reading.names import mapped
from winnowd.reading.reader import own_of, records_of
from winnowd.reading.records import shown
from winnowd.reading.schema import judge
from winnowd.storage.clock import SystemClock
from winnowd.storage.originals import ChangedWhileReadError, NotAFileError, Original

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from winnowd.model import Finding, Provenance
    from winnowd.reading.records import Record
    from winnowd.settings import Settings

MOST_RECORDS: Final = 1_000
"""So many records of a file are looked at: what the others look like, these tell."""


class UnopenedError(Exception):
    """The file cannot be opened or read to its end; the message says why."""


@dataclasses.dataclass(slots=True)
class Row:
    """One thing that was found in a file: in how many of its records, and what the first of them has."""

    example: str
    records: int = 0


@dataclasses.dataclass(slots=True)
class SchemaMap:
    """How a file would be read.

    ``more``: it has more records than were looked at. ``shapes`` are what lies around records, by its row of the table,
    "" for nothing. ``fields``: field and path. ``left``: paths of what is kept beside the article, or of other texts.
    ``findings``: code and grade, with the first sentence.
    """

    media_type: str = ""
    records: int = 0
    more: bool = False
    shapes: dict[str, int] = dataclasses.field(default_factory=dict)
    fields: dict[tuple[str, str], Row] = dataclasses.field(default_factory=dict)
    left: dict[str, Row] = dataclasses.field(default_factory=dict)
    findings: dict[tuple[str, str], Row] = dataclasses.field(default_factory=dict)

    def add(self, record: Record, provenance: Provenance, own: Mapping[str, str]) -> None:
        """Count one record."""
        self.media_type = provenance.media_type
        self.records += 1
        self.shapes[record.shape] = self.shapes.get(record.shape, 0) + 1
        if record.fields is None:
            return
        found = mapped(record.fields)
        for name, path in found.found_at.items():
            said = own.get(name, path) if path == name else path
            _count(self.fields, (name, said), found.fields[name])
        for path, value in {**found.extra, **found.texts}.items():
            _count(self.left, path, value)
        for path in (*found.surplus, *found.service):
            _count(self.left, path, record.fields.get(path))

    def find(self, findings: Iterable[Finding]) -> None:
        """Count what is no pass among these."""
        for finding in findings:
            if finding.grade is not Grade.PASS:
                _count(self.findings, (finding.code, finding.grade.value), finding.because)


def _count(rows: dict[Any, Row], key: object, value: object) -> None:
    row = rows.setdefault(key, Row("; ".join(map(str, value)) if isinstance(value, tuple) else shown(value)))
    row.records += 1


def schema_map(path: Path, settings: Settings, feed: str = "") -> SchemaMap:
    """How the file would be read if it lay in this feed's folder of the inbox.

    Raises:
        UnopenedError: it cannot be opened, or changed meanwhile.
    """
    received = SystemClock().now()
    try:
        original = Original(str(path.resolve()))
    except NotAFileError as fault:
        raise UnopenedError(str(fault)) from fault
    except OSError as fault:
        raise UnopenedError(fault.strerror or "it cannot be opened") from fault
    try:
        return _of(Source(path.name, original.size, received, original.chunks, feed), settings, received)
    except ChangedWhileReadError as fault:
        raise UnopenedError("it was written to while it was read") from fault
    except OSError as fault:
        raise UnopenedError(fault.strerror or "it cannot be read") from fault
    finally:
        original.close()


def _of(source: Source, settings: Settings, received: dt.datetime) -> SchemaMap:
    made, own = SchemaMap(), own_of(settings.feeds, source.feed)
    records = records_of(source, settings.reading, own)
    for record, provenance in itertools.islice(records, MOST_RECORDS):
        made.add(record, provenance, own)
        made.find(record.findings)
        if record.fields is not None:
            made.find(judge(record.fields, received, settings.schema).findings)
    made.more = next(records, None) is not None
    return made
