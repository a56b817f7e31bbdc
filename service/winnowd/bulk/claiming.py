"""What a run takes: its files, copied or moved into ``state/work``, as arrivals like any other. Writes."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import hashlib
import itertools
import json
import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec

from winnowd.bulk.manifest import Manifest, clear_unknown, unfinished
from winnowd.layout import INBOX, INCOMING, WORK
from winnowd.storage.copies import copy_keeping, fsync
from winnowd.storage.inbox.deposits import Deposit
from winnowd.storage.paths import arrival_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from winnowd.bulk.manifest import Order
    from winnowd.model import Arrival
    from winnowd.settings import Loaded
    from winnowd.wiring.instance import Instance

KEY: Final = "backfill"
"""The key of the ledger under which it is kept how far a run is recorded."""
_BYTES_A_PARTITION: Final = 128 << 20
"""Of the inputs: to merge the keys of so much text takes some 200 MB."""
_LEAST_PARTITIONS: Final = 8
_DECIDING: Final = ("profile", "gates.", "reading.", "schema.", "feeds.", "workers.seconds", "workers.memory")
_SERVICE: Final = frozenset({"startup", "shutdown", "recovered", "index-written", "failure"})
"""Events of the service itself, which decide nothing."""


class OtherRunError(Exception):
    """An instance has an unfinished run of other files, or under other settings or options: tells of which files."""


class UnfitFileError(Exception):
    """A file that is given cannot be taken: which, and why. Nothing was begun."""


def begin(instance: Instance, given: Sequence[Path], order: Order) -> Manifest:
    """The run of these files: the one that was begun with them, or a new one, its files in ``state/work``.

    They are copied, or moved if that is ordered, and go there when they are claimed. A run whose files are all decided
    is over, under whatever settings: given again, it has nothing to do.

    Raises:
        OtherRunError: another one must end first.
        DamagedRunError: what another one was to do cannot be read.
        UnfitFileError: one cannot be taken.
        TooLittleRoomError: a disk is below its floor already.
        OSError: a file cannot be copied, or moved: it lies on another file system.
    """
    paths = tuple(str(path.resolve()) for path in given)
    config, recipe = deciding(instance.loaded), instance.kept.recipe.id
    found = unfinished(instance.instance_dir)
    if found is not None and _has_ended(instance, found):
        if found.given == paths:
            return found
        found.end(instance.instance_dir)
        found = None
    if found is None:
        clear_unknown(instance.instance_dir)
        _check_fit(instance.instance_dir, given, move=order.move)
        instance.route.require_free_space(0)
        new = Manifest(
            instance.clock.uuid7(), config, recipe, order.block, order.packed, _LEAST_PARTITIONS, order.bits, paths, ()
        )
        found = _begun(instance, given, new, move=order.move)
    elif not _is_same(found, paths, config, recipe, order):
        more = len(found.given) - 1
        raise OtherRunError(found.given[0] + (f" and {more:,} more" if more else ""))
    return _claimed(instance, found)


def deciding(loaded: Loaded) -> str:
    """The SHA-256 of those settings on which what becomes of a record hangs: with others a run cannot go on."""
    every = json.loads(loaded.canonical())
    kept = {name: value for name, value in every.items() if name.startswith(_DECIDING)}
    return hashlib.sha256(json.dumps(kept, sort_keys=True).encode()).hexdigest()


def _is_same(found: Manifest, given: tuple[str, ...], config: str, recipe: str, order: Order) -> bool:
    """Whether a run that did not end is the one that is asked for."""
    begun = (found.given, found.config, found.recipe, found.block, found.bits, found.packed)
    return begun == (given, config, recipe, order.block, order.bits, order.packed)


def _check_fit(instance_dir: Path, given: Sequence[Path], *, move: bool) -> None:
    """Make sure that all files can be taken; of links it is what they lead to.

    Raises:
        UnfitFileError: one is not there, or no regular file; or would be moved twice, or out of the instance's own.
    """
    moved: set[tuple[int, int]] = set()
    own = instance_dir.resolve()
    for path in given:
        lies = path.resolve()
        if not lies.exists():
            raise UnfitFileError(f"{path} does not exist")
        if not lies.is_file():
            raise UnfitFileError(f"{path} is no regular file")
        found = lies.stat()
        if move and (found.st_dev, found.st_ino) in moved:
            raise UnfitFileError(f"{path} is given twice, and can be moved only once")
        if move and lies.is_relative_to(own) and not lies.is_relative_to(own / INBOX):
            raise UnfitFileError(f"{path} is the instance's own, and can only be copied")
        moved.add((found.st_dev, found.st_ino))


def _begun(instance: Instance, given: Sequence[Path], manifest: Manifest, *, move: bool) -> Manifest:
    """The run with its files, each as it will be claimed.

    Raises:
        OSError: one cannot be copied, or could not be moved.
    """
    clock, first = instance.clock, instance.ledger.arrivals.next_number()
    salt, now = clock.salt(), clock.now()
    incoming = instance.instance_dir / INCOMING
    incoming.mkdir(mode=0o700)
    arrivals = []
    for at, (path, source) in enumerate(zip(given, map(Path, manifest.given), strict=True)):
        lies = source if move else incoming / manifest.incoming(at)
        if not move:
            _copied(source, lies)
        elif incoming.stat().st_dev != source.stat().st_dev:
            raise OSError(errno.EXDEV, "it lies on another file system, and can only be copied", str(path))
        arrivals.append(Deposit.of(os.fsencode(path.name), lies.stat()).claimed(first + at, salt, now))
    partitions = max(manifest.partitions, sum(one.size for one in arrivals) // _BYTES_A_PARTITION)
    made = msgspec.structs.replace(manifest, partitions=partitions, arrivals=tuple(arrivals))
    made.write(instance.instance_dir)
    return made


def _copied(source: Path, goal: Path) -> None:
    """Copy a file to where it waits; if it cannot be, no copies fill the disk until somebody begins again."""
    try:
        copy_keeping(source, goal)
    except BaseException:
        shutil.rmtree(goal.parent, ignore_errors=True)
        raise


def _claimed(instance: Instance, manifest: Manifest) -> Manifest:
    """The run with all its files claimed, and in ``state/work``.

    A file that waits and is no arrival becomes one: the run was killed before; or behind that, and the service, which
    did not find it in ``state/work``, took it for withdrawn.
    """
    ledger, clock = instance.ledger, instance.clock
    waiting = {at: path for at in range(len(manifest.arrivals)) if (path := _waiting(instance, manifest, at))}
    due = [at for at in waiting if not _is_claimed(instance, manifest.arrivals[at])]
    if due:
        arrivals, numbers, salt = [*manifest.arrivals], itertools.count(ledger.arrivals.next_number()), clock.salt()
        for at, number in zip(due, numbers, strict=False):
            if arrivals[at].number != number:
                arrivals[at] = dataclasses.replace(arrivals[at], number=number, id=arrival_id(number, salt))
        if tuple(arrivals) != manifest.arrivals:
            manifest = msgspec.structs.replace(manifest, arrivals=tuple(arrivals))
            manifest.write(instance.instance_dir)
        with instance.records.transaction():
            instance.records.claim([arrivals[at] for at in due])
    for at, path in waiting.items():
        path.rename(instance.instance_dir / WORK / manifest.arrivals[at].id)
    fsync(instance.instance_dir / WORK)
    shutil.rmtree(instance.instance_dir / INCOMING, ignore_errors=True)
    return manifest


def _waiting(instance: Instance, manifest: Manifest, at: int) -> Path | None:
    """Where a file of a run lies that was not brought to ``state/work`` yet; None if it was."""
    arrival = manifest.arrivals[at]
    for path in (instance.instance_dir / INCOMING / manifest.incoming(at), Path(manifest.given[at])):
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            found = path.lstat()
            if (found.st_dev, found.st_ino) == (arrival.dev, arrival.ino):
                return path
    return None


def _is_claimed(instance: Instance, arrival: Arrival) -> bool:
    """Whether something of it is still to be decided."""
    return instance.ledger.arrivals.progress(arrival.number, arrival.id) is not None


def _has_ended(instance: Instance, manifest: Manifest) -> bool:
    """Whether all files of a run are decided: it was killed right then, or the service has gone on with them."""
    return not any(
        _is_claimed(instance, one) or _waiting(instance, manifest, at) for at, one in enumerate(manifest.arrivals)
    )


def only_service_events(instance: Instance, since: int) -> bool:
    """Whether the log has nothing behind an event but what tells of the service: so nothing was decided since."""
    outbox, last = instance.ledger.outbox, instance.kept.chain.end.sequence
    lines = (line for day in outbox.days() for line in outbox.lines(day) if line.sequence > since)
    actions = [json.loads(line.line)["event"]["action"] for line in lines]
    return len(actions) == last - since and all(action in _SERVICE for action in actions)
