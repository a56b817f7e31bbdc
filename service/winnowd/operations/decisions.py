"""The decisions that an instance has made, from its audit log alone, oldest first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from winnowd.audit.reader import Log
from winnowd.views.account import DECISIONS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_ACTIONS: Final = tuple(f'"action":"{action}"'.encode() for action in sorted(DECISIONS))


def decisions(instance_dir: Path, since: int = 0) -> Iterator[Mapping[str, Any]]:
    """The event of each decision after the event ``since``, as the log has it; what was ordered later is not in it.

    Raises:
        ValueError: a line is no event (``winnowd verify`` says where).
    """
    for line in Log(instance_dir):
        if any(action in line.line for action in _ACTIONS):
            event = line.event()
            if event["event"]["action"] in DECISIONS and event["event"]["sequence"] > since:
                yield event
