"""What a verification of the log found last, left in ``state/verified.json`` for whoever watches over the service."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, NamedTuple

from winnowd.layout import VERIFIED
from winnowd.storage import outside

if TYPE_CHECKING:
    from pathlib import Path


class Verification(NamedTuple):
    """When the log was verified, how many lines were read, and how many things are not as they were written.

    ``whole_at``: when it was last found to be as it was written.
    """

    at: dt.datetime
    events: int
    damage: int
    whole_at: dt.datetime | None


def last_verification(instance_dir: Path) -> Verification | None:
    """The last one that left its result, None if there is none."""
    try:
        read = json.loads((instance_dir / VERIFIED).read_bytes())
        whole_at = read.get("whole_at")
        return Verification(
            at=dt.datetime.fromisoformat(read["at"]),
            events=int(read["events"]),
            damage=int(read["damage"]),
            whole_at=None if whole_at is None else dt.datetime.fromisoformat(whole_at),
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, AttributeError):
        return None  # what was put there is no result: the next verification writes one


def leave(instance_dir: Path, *, at: dt.datetime, events: int, damage: int) -> None:
    """Leave a result: beside, then renamed; that the log was whole before is remembered.

    Raises:
        OSError: the folder is not ours to write to, or the machine fails.
    """
    before = last_verification(instance_dir)
    whole_at = at if not damage else None if before is None else before.whole_at
    fields = {"at": _said(at), "events": events, "damage": damage}
    if whole_at is not None:
        fields["whole_at"] = _said(whole_at)
    outside.replace(instance_dir / VERIFIED, json.dumps(fields).encode() + b"\n")


def _said(at: dt.datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")
