"""Takes rights away from this process, as far as the kernel can, and says how far that is."""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import tempfile
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from winnowd.daemon.confinement import landlock, seccomp
from winnowd.daemon.confinement.calls import gain_nothing_by_programs
from winnowd.daemon.confinement.readable import of_the_program

if TYPE_CHECKING:
    from collections.abc import Mapping

_FILES: Final = 64  # descriptors: 32 files that it keeps open, their folders, modules as they are loaded
_LIMITS: Final = {resource.RLIMIT_FSIZE: 0, resource.RLIMIT_NOFILE: _FILES}
NO_LANDLOCK: Final = "the kernel has no Landlock, or it is not allowed: it may read what the service may"
NO_FILTER: Final = "the kernel filters no system calls, or that is not allowed: it may fork and speak to sockets"
NO_TABLE: Final = "winnowd has no table of this machine's system calls: it may fork and speak to sockets"


@dataclass(frozen=True, slots=True)
class Confined:
    """How far a process is confined; ``landlock``: the version that the kernel has, 0 for none; ``lacks``: what not."""

    landlock: int = 0
    seccomp: bool = False
    limits: bool = False
    lacks: tuple[str, ...] = ()

    def __str__(self) -> str:
        """As people read it."""
        has = [f"Landlock ABI {self.landlock}"] if self.landlock else []
        has += ["seccomp"] if self.seccomp else []
        has += ["limits"] if self.limits else []
        return ", ".join(has) or "not at all"

    def fields(self) -> dict[str, Any]:
        """As plain values."""
        return asdict(self) | {"lacks": list(self.lacks)}

    def encoded(self) -> bytes:
        """As bytes."""
        return json.dumps(self.fields()).encode()

    @classmethod
    def of(cls, fields: Mapping[str, Any]) -> Confined:
        """What ``fields`` gave.

        Raises:
            ValueError: it is something else.
        """
        try:
            lacks = tuple(str(one) for one in fields["lacks"])
            return cls(int(fields["landlock"]), fields["seccomp"] is True, fields["limits"] is True, lacks)
        except (KeyError, TypeError) as fault:
            raise ValueError("no confinement") from fault

    @classmethod
    def decoded(cls, said: bytes) -> Confined:
        """What ``encoded`` gave.

        Raises:
            ValueError: it is something else.
        """
        return cls.of(json.loads(said))


@dataclass(frozen=True, slots=True)
class Confinement:
    """What is to be taken away; picklable.

    ``mode``: ``auto`` what can be, ``require`` all of it or the process ends, ``off`` nothing. ``readable``: files and
    folders that may be read, besides those of the program.
    """

    mode: Literal["auto", "require", "off"] = "off"
    readable: tuple[str, ...] = ()

    def fault(self) -> str:
        """Why processes could not begin under it, "" if they can. Nothing is taken away from this one."""
        if self.mode != "require":
            return ""
        if not landlock.version():
            return NO_LANDLOCK
        return "" if seccomp.is_known_here() else NO_TABLE

    def confine(self, *, keeps: int) -> Confined:
        """Take it away from this process, for good, leaving of what it has open the descriptor ``keeps``.

        Begun with one thread, or Landlock holds the others in nothing. Its time is the service's to watch: a limit of
        processor time would count a long life together, and what a job may take is told apart only by who gives it.
        Nor is there a limit of processes: it would be one of threads, and of all processes of this user together.

        Raises:
            OSError: not all of it can be, and all of it is required.
        """
        if self.mode == "off":
            return Confined()
        _lead_nowhere(keeps)
        tempfile.TemporaryFile = _in_memory  # type: ignore[assignment]
        for limit, value in _LIMITS.items():
            resource.setrlimit(limit, (value, value))
        lacks = []
        gain_nothing_by_programs()
        if not (has := self._hide_files()):
            lacks.append(NO_LANDLOCK)
        if fault := _filter_calls():
            lacks.append(fault)
        if lacks and self.mode == "require":
            raise OSError("; ".join(lacks))
        return Confined(has, not fault, limits=True, lacks=tuple(lacks))

    def _hide_files(self) -> int:
        """Gives the version of Landlock that does it, 0 for none."""
        has = landlock.version()
        if has:
            try:
                landlock.restrict((*of_the_program(), *self.readable), has)
            except OSError:
                return 0
        return has


UNCONFINED: Final = Confinement()


def _in_memory(*_: object, **__: object) -> io.BytesIO:
    """What libraries lay by in a temporary file (py3langid its unpacked model), where there is no disk to write to."""
    return io.BytesIO()


def _filter_calls() -> str:
    """Why calls are not filtered, "" if they are."""
    if not seccomp.is_known_here():
        return NO_TABLE
    try:
        seccomp.restrict()
    except OSError:
        return NO_FILTER
    return ""


def _lead_nowhere(keeps: int) -> None:
    """What it has open, but for its pipe, leads nowhere from now on.

    So it writes no line into the service's log, and to none of its helpers. Not closed: an object that holds a
    descriptor would close what has that number later.
    """
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(_FILES):
        if descriptor not in {keeps, nowhere}:
            with contextlib.suppress(OSError):
                os.fstat(descriptor)
                os.dup2(nowhere, descriptor, inheritable=False)
    os.close(nowhere)
