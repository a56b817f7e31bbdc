"""What a worker runs: opens one claimed file after the other and prepares its records at the desk."""

from __future__ import annotations

import errno
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
    from winnowd.prepare import Desk


_NO_DESCRIPTORS: Final = frozenset({errno.EMFILE, errno.ENFILE})
MOST_PLACES: Final = 32  # files with many records that are kept open; one more is read anew from its start
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

    original: Original
    records: Iterator[Prepared]
    next_record: int
    count_only: bool
    ahead: list[Prepared]


class FilePreparer:
    """Prepares slices; between the slices of one arrival it keeps the file open and its place in it.

    So it does for several that give slices by turns, of many those asked for last. ``clock`` gives seconds.
    """

    def __init__(self, desk: Desk, clock: Callable[[], float] = time.monotonic) -> None:
        self._desk = desk
        self._clock = clock
        self._places: OrderedDict[str, _Place] = OrderedDict()

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
            self._leave(job)
            return Stopped("SYS905", "it was written to while it was read")
        except OSError as fault:
            self._leave(job)
            code = "SYS914" if fault.errno in _NO_DESCRIPTORS else "INP123"
            return Stopped(code, f"reading it failed with {errno.errorcode.get(fault.errno or 0, 'an error')}")

    def _slice(self, job: Job) -> Slice:
        place = self._at(job)
        taken, read_over = self._taken(place, job)
        place.ahead = list(itertools.islice(place.records, 1))
        if place.ahead:
            return Slice(tuple(taken), last=False, read_over=read_over)
        try:
            place.original.confirm()
        except ChangedWhileReadError:
            if not job.first:
                raise
            if not job.count_only:
                taken.append(_changed(place.next_record))  # what was read before is decided already, and stands
        self._leave(job)
        return Slice(tuple(taken), last=True, read_over=read_over)

    def _taken(self, place: _Place, job: Job) -> tuple[list[Prepared], int]:
        """The next records of a file, at most a portion and at least one; or how many there were to be counted."""
        portion, until = job.portion, self._clock() + job.portion.seconds
        taken: list[Prepared] = []
        count, characters = 0, 0
        for prepared in itertools.chain(place.ahead, place.records):
            count += 1
            place.next_record += 1
            if not job.count_only:
                taken.append(prepared)
                characters += prepared.weight
                if count >= portion.records or characters >= portion.characters:
                    break
            if self._clock() >= until:
                break
        return taken, count if job.count_only else 0

    def _at(self, job: Job) -> _Place:
        """The place of a job: where the last slice ended, or found anew by reading from the start."""
        place = self._places.get(job.arrival)
        if place is not None and (place.next_record, place.count_only) == (job.first, job.count_only):
            self._places.move_to_end(job.arrival)
            return place
        self._leave(job)
        while len(self._places) >= MOST_PLACES:
            self._places.popitem(last=False)[1].original.close()
        original = Original(job.path, job.look)
        source = Source(job.name, original.size, job.received_at, original.chunks, job.feed)
        prepare = self._desk.read_over if job.count_only else self._desk.prepare
        place = _Place(original, prepare(source, job.first), job.first, job.count_only, [])
        self._places[job.arrival] = place
        return place

    def _leave(self, job: Job) -> None:
        place = self._places.pop(job.arrival, None)
        if place is not None:
            place.original.close()


def _changed(record: int) -> Prepared:
    """The end of a file with many records that somebody wrote to while they were judged."""
    because = "the file was written to while its records were judged; what came into it later was not read"
    finding = Finding("SYS905", "reading", Grade.DOUBT, because=because)
    return Prepared(Provenance(record, "", 0, ""), None, (), (finding,), raw=b"")


def _not_a_file(kind: str) -> Prepared:
    """What is not a file gives no record; it was not opened, so nothing of it is known but its kind."""
    finding = Finding("INP101", "reading", Grade.FAIL, because=f"{kind}; it was not opened")
    return Prepared(Provenance(0, "", 0, ""), None, (), (finding,))
