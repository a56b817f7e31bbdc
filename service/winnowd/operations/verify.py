"""Holding everything that an instance keeps against its log, and the log against what others remember of it."""

from __future__ import annotations

import dataclasses
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.audit.anchors import GitError, anchors_of, anchors_of_git
from winnowd.audit.head_line import anchors_told
from winnowd.audit.positions import day_with
from winnowd.audit.reader import Log
from winnowd.audit.verify import Verified, Verify
from winnowd.layout import BACKFILL
from winnowd.operations.second_look import is_served, looked_twice
from winnowd.storage.clock import SystemClock
from winnowd.storage.disk import Disk
from winnowd.storage.verified import leave
from winnowd.wiring.instance import index_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from winnowd.audit.chain_check import Anchor
    from winnowd.audit.expected import Damage
    from winnowd.audit.verify import Scope
    from winnowd.settings import Loaded
    from winnowd.storage.index import Index
    from winnowd.storage.ledger import Ledger


class Unasked(NamedTuple):
    """A file (None: git) that could not be asked what it remembers, and why."""

    path: Path | None
    because: str


def anchors_from(given: Iterable[str], repository: Path | None = None) -> tuple[list[Anchor], list[Unasked]]:
    """What these lines of ``log --head``, and files, remember of the log; and who could not say.

    ``repository``: of ``seeds/``, whose commits are asked, too.

    Raises:
        NoAnchorError: a file can be read, and remembers nothing of a log.
    """
    found: list[Anchor] = []
    unasked: list[Unasked] = []
    for one in given:
        if heads := list(anchors_told(one, "the line given")):
            found += heads
            continue
        path = Path(one)
        try:
            found += anchors_of(path)
        except OSError as fault:
            unasked.append(Unasked(path, (fault.strerror or "cannot be read").lower()))
    if repository is not None:
        try:
            found += anchors_of_git(repository)
        except GitError as fault:
            unasked.append(Unasked(None, str(fault)))
    return found, unasked


@dataclasses.dataclass(frozen=True, slots=True)
class Start:
    """From where on the log is read: a day (``2026-11-22``), "" for its beginning; ``event``: and from this number."""

    day: str = ""
    event: int = 0

    @classmethod
    def at_event(cls, log: Log, event: int) -> Start:
        """From an event on.

        Raises:
            LookupError: the log does not go so far.
        """
        day = day_with(log, event)
        if not day:
            raise LookupError(f"the log has no event {event:,}")
        return cls(day, event)


BEGINNING: Final = Start()


def verify_copy(
    audit_dir: Path,
    anchors: Sequence[Anchor] = (),
    since: Start = BEGINNING,
    step: Callable[[], None] = lambda: None,
    anchor_dirs: Sequence[Path] = (),
    *,
    deep: bool = False,
) -> Verified:
    """The same of a copy of the audit folder: its log alone, since nothing else of the instance is there."""

    def index(_: Ledger) -> Index:
        raise ValueError("a copy of the log has no index")

    return Verify(
        audit_dir,
        index,
        tuple(anchors),
        since.day,
        "chain",
        step,
        audit_dir,
        since.event,
        deep,
        None,
        tuple(anchor_dirs),
    ).run()


def note_verified(instance_dir: Path, found: Verified) -> None:
    """Leave the result of a whole verification for the service to tell of.

    Raises:
        OSError: its folder is not ours to write to.
    """
    events = next((total for name, _, total, _ in found.looked_at if name == "log"), 0)
    leave(instance_dir, at=SystemClock().now(), events=events, damage=len(found.changed))


def verify(
    instance_dir: Path,
    load: Callable[[], Loaded],
    *,
    anchors: Sequence[Anchor] = (),
    since: Start = BEGINNING,
    scope: Scope = "all",
    step: Callable[[], None] = lambda: None,
    deep: bool = False,
    anchor_dirs: Sequence[Path] = (),
) -> Verified:
    """What is as it was written and what is not; while a service works there, only what two looks find.

    ``load`` gives the settings where they are needed: the log alone is held without. ``since``: only what was told
    from there on; ``step`` is called for each line and file. ``deep``: fingerprints are made again of
    their texts, records of many of their files. ``anchor_dirs``: where heads of days lie, beside the folder of
    ``audit.anchor_dir``, which is asked unless the log is held alone.
    """
    configured = None if scope == "chain" else load().settings.audit.anchor_dir
    folders = (*anchor_dirs, *([] if configured is None else [Path(configured)]))

    def deeper(ledger: Ledger, since: int, step: Callable[[], None]) -> tuple[int, list[Damage]]:
        from winnowd.operations.deeper import made_anew  # the lexicon is read where it is needed

        return made_anew(instance_dir, load(), ledger, since, step)

    def index(ledger: Ledger) -> Index:
        return index_of(Disk(instance_dir), ledger, load().settings)

    def check() -> Verified:
        return Verify(
            instance_dir,
            index,
            tuple(anchors),
            since.day,
            scope,
            step,
            None,
            since.event,
            deep,
            deeper if deep else None,
            folders,
        ).run()

    def paths(found: Verified) -> dict[tuple[str, str], str]:
        return {(one.kind, one.position): one.position for one in found.damage}

    found, believed = looked_twice(instance_dir, lambda: load().settings.index.every, check, paths)
    damage = tuple(one for one in found.damage if (one.kind, one.position) in believed)
    found = dataclasses.replace(found, damage=damage)
    return _before_the_index(found) if _may_lack_the_index(instance_dir) else found


def _may_lack_the_index(instance_dir: Path) -> bool:
    """Whether the last owner was ended before it could write the index, or is a backfill, which does so at its end."""
    if is_served(instance_dir) and not any((instance_dir / BACKFILL).glob("*")):
        return False
    try:
        last = Log(instance_dir).newest(1)
        return not last or bool(last[0].event()["event"]["action"] != "shutdown")
    except (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError):
        return False


def _before_the_index(found: Verified) -> Verified:
    """The index may lack what was decided last: that is no damage."""
    lacking = [one.position for one in found.damage if one.kind == "index"]
    if not lacking:
        return found
    more = f" and {len(lacking) - 1:,} more" if len(lacking) > 1 else ""
    what = f"{lacking[0]}{more} of the index may be of before a kill, or a backfill"
    damage = tuple(one for one in found.damage if one.kind != "index")
    looked_at = tuple(
        (name, total if name == "index" else valid, total, words) for name, valid, total, words in found.looked_at
    )
    return dataclasses.replace(found, damage=damage, looked_at=looked_at, unfinished=(*found.unfinished, what))
