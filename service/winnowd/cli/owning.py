"""Why an instance could not be taken over, or its ledger not be asked, in words and with the exit code."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Final

from winnowd.cli.faults import Exit, Stop, fault_from_line, stop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.audit.behind import LedgerBehindError
    from winnowd.storage.ledger import LedgerNewerError


ROOM: Final = (
    "free some there, or lower that limit in config/winnowd.toml; nothing is lost: "
    'what is not decided yet is kept, and the next "winnowd run" goes on with it'
)


def _behind(fault: LedgerBehindError) -> Stop:
    """A ledger that does not know all of the log, in words (74)."""
    advice = '"winnowd ledger rebuild" makes it anew from the log; nothing was changed'
    return stop("state", str(fault), advice, exit=Exit.DISK, code="SYS946")


def _newer(fault: LedgerNewerError) -> Stop:
    """A ledger that a newer winnowd has brought up to date, in words (74)."""
    advice = 'install that; to stay with this one, "winnowd ledger rebuild" makes a ledger that it knows, from the log'
    return stop("state", str(fault), advice, exit=Exit.DISK, code="SYS944")


@contextlib.contextmanager
def asking_ledger(advice: str, where: str = "state") -> Iterator[None]:
    """Stop with words for a ledger that cannot be believed: damaged (``advice`` is for that), or behind the log."""
    from winnowd.audit.behind import LedgerBehindError
    from winnowd.storage.ledger import LedgerDamagedError, LedgerNewerError

    try:
        yield
    except LedgerNewerError as fault:
        raise _newer(fault) from fault
    except LedgerDamagedError as fault:
        raise stop(where, str(fault), advice, exit=Exit.DISK, code="SYS944") from fault
    except LedgerBehindError as fault:
        raise _behind(fault) from fault


@contextlib.contextmanager
def owning(command: str, *, room: str = ROOM) -> Iterator[None]:
    """Stop with words and the exit code for what keeps a command from its instance; ``room``: what to do if that lacks.

    That is a lock that is held (75), a ledger that is damaged, behind the log or replaced, or too little room (74), a
    foreign recipe or workers that cannot be confined as they must (78).
    """
    from winnowd.audit.behind import LedgerBehindError
    from winnowd.settings import SettingsError
    from winnowd.storage.free_space import TooLittleRoomError
    from winnowd.storage.ledger import LedgerDamagedError, LedgerNewerError
    from winnowd.storage.lock import LockHeldError, ReplacedError
    from winnowd.wiring.kept import ForeignRecipeError

    try:
        yield
    except LockHeldError as fault:
        raise stop(command, str(fault), 'see "winnowd status"', exit=Exit.LOCKED, code="SYS945") from fault
    except LedgerNewerError as fault:
        raise _newer(fault) from fault
    except LedgerDamagedError as fault:
        advice = '"winnowd ledger rebuild" makes it anew from the log; see "winnowd verify" before'
        raise stop("state", str(fault), advice, exit=Exit.DISK, code="SYS944") from fault
    except LedgerBehindError as fault:
        raise _behind(fault) from fault
    except TooLittleRoomError as fault:
        raise stop("disk", str(fault.strerror), room, exit=Exit.DISK, code="SYS917") from fault
    except ReplacedError as fault:
        advice = 'nothing more was written; see "winnowd status", and who else works in this folder'
        raise stop("state", str(fault), advice, exit=Exit.DISK, code="SYS947") from fault
    except ForeignRecipeError as fault:
        advice = '"winnowd ledger rebuild" makes them anew, or go back to the winnowd that made this ledger'
        raise stop("state/winnowd.db", f"its fingerprints are of {fault}", advice, exit=Exit.CONFIG) from fault
    except SettingsError as fault:
        raise Stop(map(fault_from_line, fault.faults), Exit.CONFIG) from fault
