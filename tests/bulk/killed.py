"""What a run changes on disk, counted, and the run killed before one of these changes: in a child, by SIGKILL."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from typing import TYPE_CHECKING, Any

from tests.e2e.instance import in_child

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Deed = Callable[[Callable[[str], None]], object]

_INTERRUPTED = 130
_FOLDERS = re.compile(r"/state/(backfill|incoming|work)/.")
_EVENTS = {"os.rename": 1, "os.remove": 0, "os.rmdir": 0, "shutil.rmtree": 0}
"""What Python tells an audit hook of; of which of its arguments the path is."""


def _announced(deed: Deed, announce: Callable[[str], None]) -> None:
    """Do it, every change told of before: those of the instance's own disk, and those of files of the run by name."""

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event in _EVENTS and _FOLDERS.search(path := os.fsdecode(arguments[_EVENTS[event]])):
            announce(f"{event.partition('.')[2]} {os.path.basename(path)}")  # noqa: PTH119 - it may end in a slash

    sys.addaudithook(hook)  # for good: so only in a child
    deed(announce)


def effects(deed: Deed, note: Path) -> list[str]:
    """What a run changes when nothing disturbs it; ``note``: a file for the child to tell it by."""

    def watched() -> None:
        seen: list[str] = []
        _announced(deed, seen.append)
        with note.open("w", encoding="utf-8") as file:
            json.dump(seen, file)

    assert in_child(watched) == 0
    found: list[str] = json.loads(note.read_text("utf-8"))
    return found


def killed(deed: Deed, before: Callable[[int, str], bool]) -> bool:
    """Do it in a child, killed before the first change that ``before`` says (its number from 0 on, and its name).

    Gives whether it was killed; else it has ended well.
    """
    count = 0

    def announce(effect: str) -> None:
        nonlocal count
        if before(count, effect):
            os.kill(os.getpid(), signal.SIGKILL)
        count += 1

    ended = in_child(lambda: _announced(deed, announce))
    assert ended in {0, -signal.SIGKILL}
    return ended != 0


def ending(deed: Deed, announce: Callable[[str], None]) -> type[BaseException] | None:
    """By which exception it ends in a child, if by one; of its kind only interrupts are told apart."""

    def watched() -> None:
        try:
            _announced(deed, announce)
        except KeyboardInterrupt:
            os._exit(_INTERRUPTED)

    status = in_child(watched)
    if status == _INTERRUPTED:
        return KeyboardInterrupt
    return None if status == 0 else Exception
