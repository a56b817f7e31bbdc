"""How a command stops: where, what with the value seen, what to do, and the exit code. Light: imports no library."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable


class Exit(IntEnum):
    """The exit codes of every command; unit and scripts rely on them (docs/design/cli-and-views.md, "Exit codes")."""

    DONE = 0
    BAD = 1  # done, and the answer is bad: not admitted, damage, differences, a refused order
    USAGE = 2
    UNOPENED = 3  # done, but some input could not be opened; beats BAD
    NO_INSTANCE = 10
    NOT_YET = 11  # an order stands, but is not carried out
    NO_SUCH = 12  # no such id or code, or several
    BUG = 70
    DISK = 74
    LOCKED = 75
    CONFIG = 78
    INTERRUPTED = 130
    NO_READER = 141  # whoever read our output left: as a shell tells of SIGPIPE


class Fault(NamedTuple):
    """One line of words: ``winnowd: <where>: <what>; <what to do>``; ``code`` is a rule's, if one tells of it."""

    where: str
    what: str
    advice: str = ""
    code: str = ""


class Stop(Exception):  # noqa: N818 - it ends a command; that is no error of the program
    """Ends a command with its exit code, after each fault was told on one line."""

    def __init__(self, faults: Iterable[Fault], exit: Exit) -> None:  # noqa: A002 - the word for it
        self.faults = tuple(faults)
        self.exit = exit
        super().__init__("; ".join(f"{fault.where}: {fault.what}" for fault in self.faults))


def stop(where: str, what: str, advice: str = "", *, exit: Exit, code: str = "") -> Stop:  # noqa: A002 - the word
    """Make one fault to be raised.

    So: ``raise stop("explain", 'no article "c41"', "give more of it", exit=Exit.NO_SUCH)``.
    """
    return Stop([Fault(where, what, advice, code)], exit)


def fault_from_line(line: str) -> Fault:
    """A fault of a configuration, which is a whole line already, by its parts."""
    where, _, said = line.partition(": ")
    what, _, advice = said.rpartition("; ")
    return Fault(where, what, advice)
