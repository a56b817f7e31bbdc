"""Why an instance could not be taken over, in words: for every command that must own it for a moment."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from winnowd.cli.faults import Exit, stop

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def owning(command: str) -> Iterator[None]:
    """Stop with words and the exit code for a lock that is held (75), a damaged ledger (74), a foreign recipe (78)."""
    from winnowd.storage.ledger import LedgerDamagedError
    from winnowd.storage.lock import LockHeldError
    from winnowd.wiring import ForeignRecipeError

    try:
        yield
    except LockHeldError as fault:
        raise stop(command, str(fault), 'see "winnowd status"', exit=Exit.LOCKED, code="SYS945") from fault
    except LedgerDamagedError as fault:
        advice = '"winnowd ledger rebuild" makes it anew from the log; see "winnowd verify" before'
        raise stop("state", str(fault), advice, exit=Exit.DISK, code="SYS944") from fault
    except ForeignRecipeError as fault:
        advice = '"winnowd ledger rebuild" makes them anew, or go back to the winnowd that made this ledger'
        raise stop("state/winnowd.db", f"its fingerprints are of {fault}", advice, exit=Exit.CONFIG) from fault
