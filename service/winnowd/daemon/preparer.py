"""What a worker runs: opens one claimed file after the other and prepares its records."""

from __future__ import annotations

import errno
import functools
import itertools
import logging
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from winnowd.model import Finding, Grade, Prepared, Provenance, Slice, Source, Stopped
from winnowd.storage.originals import ChangedWhileReadError, NotAFileError, Original

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from winnowd.model import Job
    from winnowd.prepare import Preparer


_NO_DESCRIPTORS: Final = frozenset({errno.EMFILE, errno.ENFILE})
MOST_READINGS: Final = 32  # files with many records that are kept open; one more is read anew from its start
_TALKATIVE: Final = ("trafilatura", "htmldate", "courlan", "justext", "charset_normalizer")


@dataclass(frozen=True, slots=True)
class PortionPreparer:
    """How to make a preparer in a new process: ``build`` makes it there, and must be picklable."""

    build: Callable[[], Preparer]

    def __call__(self) -> FilePreparer:
        """Make it, in a process in which the readers of pages tell nothing: they would quote what came in."""
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
        return FilePreparer(self.build())


@dataclass(slots=True)
class _Reading:
    """How far one file with many records has been read."""

    original: Original
    records: Iterator[Prepared]
    next_record: int
    count_only: bool
    ahead: list[Prepared]


class FilePreparer:
    """Prepares slices; between the slices of one arrival it keeps the file open and its place in it.

    So it does for several that give slices by turns, of many those asked for last. ``clock`` gives seconds.
    """

    def __init__(self, preparer: Preparer, clock: Callable[[], float] = time.monotonic) -> None:
        self._preparer = preparer
        self._clock = clock
        self._readings: OrderedDict[str, _Reading] = OrderedDict()

    def __call__(self, job: Job) -> Slice | Stopped:
        """Prepare one slice of a job.

        A file that must not be opened is a decided one (INP101); one that changed since it was taken (SYS905) or that
        cannot be read now (INP123, with the errno's name) stops. So does one for which no descriptor was free (SYS914):
        that is no fault of the file.

        Raises:
            MemoryError: it took more memory than there is.
        """
        try:
            return self._slice(job)
        except NotAFileError as found:
            return Slice((_not_a_file(str(found)),), last=True)
        except ChangedWhileReadError:
            self._leave(job)
            return Stopped("SYS905", "it was written to while it was read")
        except MemoryError:
            self._leave(job)  # what it was read by is spent: it would give no more records, and end the file
            raise
        except OSError as fault:
            self._leave(job)
            code = "SYS914" if fault.errno in _NO_DESCRIPTORS else "INP123"
            return Stopped(code, f"reading it failed with {errno.errorcode.get(fault.errno or 0, 'an error')}")

    def _slice(self, job: Job) -> Slice:
        reading = self._at(job)
        prepared, read_over = self._next_records(reading, job)
        reading.ahead = list(itertools.islice(reading.records, 1)) if job.looks_ahead else []
        if reading.ahead or (prepared and not job.looks_ahead):
            return Slice(tuple(prepared), last=False, read_over=read_over)
        try:
            reading.original.confirm()
        except ChangedWhileReadError:
            if not job.first:
                raise
            if not job.count_only:
                prepared.append(_changed(reading.next_record))  # what was read before is decided already, and stands
        self._leave(job)
        return Slice(tuple(prepared), last=True, read_over=read_over)

    def _next_records(self, reading: _Reading, job: Job) -> tuple[list[Prepared], int]:
        """The next records of a file, at most a portion and at least one; or how many there were to be counted."""
        portion, until = job.portion, self._clock() + job.portion.seconds
        records: list[Prepared] = []
        count, characters = 0, 0
        for prepared in itertools.chain(reading.ahead, reading.records):
            count += 1
            reading.next_record += 1
            if not job.count_only:
                records.append(prepared)
                characters += prepared.weight
                if count >= portion.records or characters >= portion.characters:
                    break
            if self._clock() >= until:
                break
        return records, count if job.count_only else 0

    def _at(self, job: Job) -> _Reading:
        """The place of a job: where the last slice ended, or found anew by reading from the start."""
        reading = self._readings.get(job.arrival)
        if reading is not None and (reading.next_record, reading.count_only) == (job.first, job.count_only):
            self._readings.move_to_end(job.arrival)
            return reading
        self._leave(job)
        while len(self._readings) >= MOST_READINGS:
            self._readings.popitem(last=False)[1].original.close()
        original = Original(job.path, job.stat_key)
        part = job.part
        chunks = original.chunks if part is None else functools.partial(original.chunks, part.start, part.end)
        source = Source(job.name, original.size, job.received_at, chunks, job.feed, part, original.bytes_at)
        prepare = self._preparer.read_over if job.count_only else self._preparer.prepare
        reading = _Reading(original, prepare(source, job.first), job.first, job.count_only, [])
        self._readings[job.arrival] = reading
        return reading

    def _leave(self, job: Job) -> None:
        reading = self._readings.pop(job.arrival, None)
        if reading is not None:
            reading.original.close()


def _changed(record: int) -> Prepared:
    """The end of a file with many records that somebody wrote to while they were judged."""
    because = "the file was written to while its records were judged; what came into it later was not read"
    finding = Finding("SYS905", "reading", Grade.DOUBT, because=because)
    return Prepared(Provenance(record, "", 0, ""), None, (), (finding,), raw=b"")


def _not_a_file(kind: str) -> Prepared:
    """What is not a file gives no record; it was not opened, so nothing of it is known but its kind."""
    finding = Finding("INP101", "reading", Grade.FAIL, because=f"{kind}; it was not opened")
    return Prepared(Provenance(0, "", 0, ""), None, (), (finding,))
