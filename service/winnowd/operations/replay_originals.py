"""Every decision of the log made anew: from the originals that were kept, in their order, against the corpus as it was.

It happens beside the instance, in a folder of its own that is gone afterwards: a ledger is told the log's events one
by one, and before each decision is told it is made once more. Nothing of the instance is changed.
"""

from __future__ import annotations

import contextlib
import itertools
import tempfile
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.audit import configurations
from winnowd.audit.chain_check import check
from winnowd.audit.configurations import Configuration
from winnowd.audit.reader import Log
from winnowd.layout import LEDGER
from winnowd.operations.rebuild import LogDamagedError
from winnowd.operations.replay import nothing
from winnowd.operations.replayed import ALWAYS, Orders, Replayed, by_people
from winnowd.operations.reprepare import ForwardScan
from winnowd.operations.rules import limit_settings
from winnowd.operations.trial import Preparing, Sought, Trial
from winnowd.pipeline.from_events import is_decision
from winnowd.settings import SettingsError, all_settings, catalogue, load_logged
from winnowd.storage.clock import SystemClock
from winnowd.storage.ledger import Ledger, LedgerFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from winnowd.audit.reader import Logged
    from winnowd.operations.replayed import Period
    from winnowd.settings import Loaded, Value

_BATCH: Final = 256


class SecondLedgerError(Exception):
    """The ledger beside the instance could not be written; the text is SQLite's."""


class _Background(NamedTuple):
    """The log of an instance, its lines that are whole, and its configurations."""

    instance_dir: Path
    log: Log
    lines: int
    loaded: Mapping[str, Loaded]


def replay_originals(
    instance_dir: Path, changes: Mapping[str, Value], period: Period = ALWAYS, step: Callable[[], None] = nothing
) -> Replayed:
    """Make each decision of a period anew from its original, with the configuration then, against the corpus then.

    With ``changes`` (settings by full name) the corpus is what it would have become: what would be admitted is known
    to those that come after, and an order of a person counts where it still can. ``step`` is called for each event.

    Raises:
        LogDamagedError: the log is not what was written.
        SettingsError: the changes do not go with a configuration that was in force.
        SecondLedgerError: it could not be written: there is too little room in the folder for temporary files.
        OSError: nor could the texts of the corpus.
    """
    checked = check(instance_dir)
    damage = [fault for fault in checked.faults if fault.kind != "torn"]
    if damage:
        raise LogDamagedError(damage)
    log = Log(instance_dir)
    in_force, orders = dict[str, Configuration](), Orders()
    for logged in itertools.islice(log, checked.lines):
        configurations.note(in_force, logged)
        orders.note(logged)
    loaded = {sha256: one for sha256 in in_force if (one := _loaded(in_force[sha256], changes)) is not None}
    found = Replayed(codes={code: Counter() for code in _codes_moved_by(changes)})
    background = _Background(instance_dir, log, checked.lines, loaded)
    try:
        trial = _decide_all(background, found, Sought(period, follows=bool(changes)), step)
    except LedgerFault as fault:
        raise SecondLedgerError(str(fault)) from fault
    found.people = by_people(orders, trial.would_be, trial.among)
    return found


def _decide_all(background: _Background, found: Replayed, sought: Sought, step: Callable[[], None]) -> Trial:
    """Tell all events to a second ledger, in a folder that is gone afterwards."""
    instance_dir, log, lines, loaded = background
    with tempfile.TemporaryDirectory(prefix="winnowd-replay-") as folder, contextlib.ExitStack() as held:
        ledger = Ledger.open(_laid_out(Path(folder)))
        held.callback(ledger.close)
        preparing = Preparing(instance_dir, loaded, _forward_scan(log, lines), lines)
        held.callback(preparing.end)
        with ledger.transaction():
            ledger.articles.keep_recipe(preparing.recipe, SystemClock().now().isoformat())
        trial = Trial(Path(folder), ledger, preparing, found, sought)
        for batch in _batches(itertools.islice(log, lines), sought.period):
            trial.tell_batch(batch)
            for _ in batch:
                step()
        return trial


def _codes_moved_by(changes: Mapping[str, Value]) -> list[str]:
    codes = {code for name in changes for code in all_settings()[name].codes if limit_settings(catalogue()[code])}
    return sorted(codes, key=lambda code: code[3:])


def _laid_out(folder: Path) -> Path:
    """Where the second ledger lies."""
    (folder / LEDGER).parent.mkdir()
    return folder / LEDGER


def _loaded(then: Configuration, changes: Mapping[str, Value]) -> Loaded | None:
    """A configuration with the changes; None if no event tells it whole, or if it is that of another version."""
    if then.settings is None:
        return None
    try:
        load_logged(then.settings, {})
    except SettingsError:
        return None
    return load_logged(then.settings, changes)


def _forward_scan(log: Log, lines: int) -> ForwardScan:
    return ForwardScan.of(logged.event() for logged in itertools.islice(log, lines))


def _batches(lines: Iterable[Logged], period: Period) -> Iterator[list[tuple[Logged, Mapping[str, Any]]]]:
    """Events in their order, some at a time; all decisions among them are of one configuration."""
    batch: list[tuple[Logged, Mapping[str, Any]]] = []
    sha256 = ""
    for logged in lines:
        event = logged.event()
        if period.until and event["@timestamp"] > period.until:
            break
        other = is_decision(event) and event["winnowd"]["config"]["sha256"] != sha256
        if batch and (other or len(batch) >= _BATCH):
            yield batch
            batch = []
        if other:
            sha256 = event["winnowd"]["config"]["sha256"]
        batch.append((logged, event))
    if batch:
        yield batch
