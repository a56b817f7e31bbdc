"""What a worker runs: opens one claimed file after the other and prepares its records at the desk."""

from __future__ import annotations

import errno
import itertools
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from winnowd.model import Finding, Grade, Prepared, Provenance, Source
from winnowd.pipeline.ports import Slice, Stopped
from winnowd.storage.originals import ChangedWhileReadError, NotAFileError, Original

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from winnowd.pipeline.ports import Job
    from winnowd.prepare import Desk


_NO_DESCRIPTORS: Final = frozenset({errno.EMFILE, errno.ENFILE})
_TALKATIVE: Final = ("trafilatura", "htmldate", "courlan", "justext", "charset_normalizer")


@dataclass(frozen=True, slots=True)
class DeskPreparer:
    """How to make a preparer in a new process: ``build`` makes the desk there, and must be picklable."""

    build: Callable[[], Desk]

    def __call__(self) -> FilePreparer:
        """Make it, in a process in which the readers of pages tell nothing: they would quote what came in."""
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        return FilePreparer(self.build())


@dataclass(slots=True)
class _Place:
    """How far one file with many records has been read."""

    arrival: str
    original: Original
    records: Iterator[Prepared]
    next_record: int
    ahead: list[Prepared]


class FilePreparer:
    """Prepares slices; between the slices of one arrival it keeps the file open and its place in it."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._place: _Place | None = None

    def __call__(self, job: Job) -> Slice | Stopped:
        """Prepare one slice of a job.

        A file that must not be opened is a decided one (INP101); one that changed since it was taken (SYS905) or that
        cannot be read now (INP123, with the errno's name) stops. So does one for which no descriptor was free (SYS914):
        that is no fault of the file.
        """
        try:
            return self._slice(job)
        except NotAFileError as found:
            return Slice((_not_a_file(str(found)),), last=True)
        except ChangedWhileReadError:
            self._leave()
            return Stopped("SYS905", "it was written to while it was read")
        except OSError as fault:
            self._leave()
            code = "SYS914" if fault.errno in _NO_DESCRIPTORS else "INP123"
            return Stopped(code, f"reading it failed with {errno.errorcode.get(fault.errno or 0, 'an error')}")

    def _slice(self, job: Job) -> Slice:
        place = self._at(job)
        prepared = [*place.ahead, *itertools.islice(place.records, job.limit - len(place.ahead))]
        place.ahead = list(itertools.islice(place.records, 1))
        place.next_record += len(prepared)
        if place.ahead:
            return Slice(tuple(prepared), last=False)
        try:
            place.original.confirm()
        except ChangedWhileReadError:
            if not job.first:
                raise
            prepared.append(_changed(place.next_record))  # what was read before is decided already, and stands
        self._leave()
        return Slice(tuple(prepared), last=True)

    def _at(self, job: Job) -> _Place:
        """The place of a job: where the last slice ended, or found anew by reading from the start."""
        place = self._place
        if place is not None and (place.arrival, place.next_record) == (job.arrival, job.first):
            return place
        self._leave()
        original = Original(job.path, job.look)
        source = Source(job.name, original.size, job.received_at, original.chunks)
        records = self._desk.prepare(source, job.first)
        self._place = _Place(job.arrival, original, records, job.first, [])
        return self._place

    def _leave(self) -> None:
        if self._place is not None:
            self._place.original.close()
        self._place = None


def _changed(record: int) -> Prepared:
    """The end of a file with many records that somebody wrote to while they were judged."""
    because = "the file was written to while its records were judged; what came into it later was not read"
    finding = Finding("SYS905", "reading", Grade.DOUBT, because=because)
    return Prepared(Provenance(record, "", 0, ""), None, (), (finding,), raw=b"")


def _not_a_file(kind: str) -> Prepared:
    """What is not a file gives no record; it was not opened, so nothing of it is known but its kind."""
    finding = Finding("INP101", "reading", Grade.FAIL, because=f"{kind}; it was not opened")
    return Prepared(Provenance(0, "", 0, ""), None, (), (finding,))
