"""Stage "record": blocks that are rendered made true, one after the other, by the holder of the ledger. Writes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from winnowd.storage.decided_rows import DecidedRows

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from winnowd.wiring.instance import Instance


def record(instance: Instance, rendered: Path, note: Callable[[], None]) -> DecidedRows:
    """Chain the lines of a block, commit its rows in one transaction, publish, and move its files to their places.

    ``note`` is called within the transaction: it keeps how far the run has come.

    What is recorded and not moved yet when this is killed, the next start moves (``daemon.recovery``).

    Raises:
        TooLittleRoomError, OSError, LedgerFault: the machine fails; all of the block is true, or nothing.
        ValueError: other events have come between; the block must be rendered anew.
    """
    route = instance.route
    made = DecidedRows.unpack(rendered.read_bytes())
    before = route.chain.end
    try:
        made = made.with_lines(route.chain.append_all(made.lines))
        route.require_free_space(sum(len(line.line) for line in made.lines))
        with instance.records.transaction():
            instance.records.record_rows(made)
            note()
    except BaseException:
        route.chain.end = before
        raise
    route.apply(made)
    route.acknowledge_applied()
    rendered.unlink()
    return made


def clear(folder: Path) -> None:
    """Take a folder of a finished block or run away."""
    shutil.rmtree(folder, ignore_errors=True)
