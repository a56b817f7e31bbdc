"""The corpus index against the ledger that it follows from: whether it has drifted, and writing it anew."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, NamedTuple

from winnowd.audit.behind import ledger_to_ask
from winnowd.operations.second_look import looked_twice
from winnowd.storage.disk import Disk
from winnowd.wiring.instance import index_of

if TYPE_CHECKING:
    from pathlib import Path

    from winnowd.settings import Loaded, Settings


class NoLedgerError(Exception):
    """There is no ledger yet, so nothing to compare the index with."""


class Drift(NamedTuple):
    """The files of the index that are not as the ledger has them, and how many pages it has."""

    files: list[str]
    pages: int

    @property
    def total(self) -> int:
        """How many files the index has: of each page one for programs and one for people, README.md and INDEX.md."""
        return 2 * self.pages + 2


def drift_of(instance_dir: Path, settings: Settings) -> Drift:
    """What has drifted; while a service works there, only what two looks find.

    Raises:
        NoLedgerError: there is nothing to compare with.
        LedgerBehindError, LedgerDamagedError: the ledger cannot be believed.
    """

    def check() -> Drift:
        try:
            ledger = ledger_to_ask(instance_dir)
        except FileNotFoundError:
            raise NoLedgerError from None
        with contextlib.closing(ledger):
            return Drift(index_of(Disk(instance_dir), ledger, settings).drift(), len(ledger.pages.all()))

    found, drifted = looked_twice(
        instance_dir, lambda: settings.index.every, check, lambda found: {path: path for path in found.files}
    )
    return Drift([path for path in found.files if path in drifted], found.pages)


def rewrite_index(instance_dir: Path, loaded: Loaded) -> Drift:
    """Write all files of the index anew, and tell it in the log; gives what was not as it must be, and the pages.

    Raises:
        LockHeldError: another process works on the instance.
        LedgerDamagedError, ForeignRecipeError: it must be mended first.
    """
    from winnowd.daemon.recovery import finish  # only to write: comparing loads no service
    from winnowd.daemon.serve import owned
    from winnowd.daemon.servicelog import service_log
    from winnowd.daemon.work import Work

    with owned(instance_dir, loaded, processes=0) as instance:
        finish(instance)
        drift = instance.index.drift()
        pages = instance.index.rewrite(instance.clock.now())
        Work(instance, service_log(least="warning")).log_index_digest()
        instance.route.acknowledge_applied()
        return Drift(drift, pages)
