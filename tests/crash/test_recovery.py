"""What a start makes of the rarer things that it may find."""

from __future__ import annotations

import functools
import os
import signal
from typing import TYPE_CHECKING

from tests.crash.check import faults, rows
from tests.e2e.instance import TEXTS, Instance, in_child

from winnowd.storage.inbox import Inbox

if TYPE_CHECKING:
    from pathlib import Path


def killed_before_taking(instance: Instance) -> None:
    """A pass that is killed when it would rename the first file out of the inbox."""

    def kill(*_: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    Inbox.take = kill  # type: ignore[method-assign,assignment]
    instance.pass_over()


def test_a_file_that_never_left_the_inbox_is_held_after_three_deaths(fast_path: Path) -> None:
    """Killed between claim and rename, three times: it is taken, held (SYS909), and not decided once more."""
    instance = Instance(fast_path)
    instance.drop({"a.txt": TEXTS["A"]})
    instance.pass_over()
    instance.drop({"b.txt": TEXTS["D"]})

    ended = [in_child(functools.partial(killed_before_taking, instance)) for _ in range(3)]
    instance.pass_over()

    assert ended == [-signal.SIGKILL] * 3
    assert instance.outcomes() == {"a.txt": "admitted", "b.txt": "quarantined"}
    assert instance.decisions()[-1]["winnowd"]["codes"] == ["SYS909"]
    assert faults(fast_path, sent=[TEXTS["A"].encode(), TEXTS["D"].encode()]) == []


def test_a_file_in_work_is_held_even_if_its_name_was_an_arrivals(fast_path: Path) -> None:
    """An arrival that is done has no file there: what bears its name is nobody's (SYS907)."""
    instance = Instance(fast_path)
    instance.drop({"a.txt": TEXTS["A"]})
    instance.pass_over()
    (done,) = rows(fast_path, "SELECT id FROM arrival")
    (fast_path / "state" / "work" / done["id"]).write_text(TEXTS["D"])

    instance.pass_over()

    assert instance.decisions()[-1]["winnowd"]["codes"] == ["SYS907"]
    assert faults(fast_path, sent=[TEXTS["A"].encode(), TEXTS["D"].encode()]) == []
