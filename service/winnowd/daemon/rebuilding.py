"""Making anew what follows from something else: the corpus index from the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winnowd.daemon.recovery import finish
from winnowd.daemon.serve import owned
from winnowd.daemon.servicelog import service_log
from winnowd.daemon.work import Work

if TYPE_CHECKING:
    from pathlib import Path

    from winnowd.settings import Loaded


def rewrite_index(home: Path, loaded: Loaded) -> tuple[list[str], int]:
    """Write every page and INDEX.md anew, and tell it in the log; gives what was not as it must be, and the pages.

    Raises:
        LockHeldError: another process works on the instance.
        LedgerDamagedError, ForeignRecipeError: it must be mended first.
    """
    with owned(home, loaded, processes=0) as instance:
        finish(instance)
        drift = instance.index.drift(instance.clock.now())
        pages = instance.index.rewrite(instance.clock.now())
        Work(instance, service_log(least="warning")).witness()
        instance.route.rest()
        return drift, pages
