"""Killed while files are copied out of a folder of the inbox that is a mount of its own (P1)."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any

from tests.crash.check import faults
from tests.crash.test_kill_sweep import POINTS, spread
from tests.e2e.instance import TEXTS, Instance, in_child, killed_at

from winnowd.storage.disk import Disk

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

FILES: dict[str, str | bytes] = {"feed/a.txt": TEXTS["A"], "feed/b.txt": TEXTS["B"]}


def refused(*_: Any, **__: Any) -> None:
    """No file can be renamed out of the inbox."""
    raise OSError(errno.EXDEV, os.strerror(errno.EXDEV))


def test_a_kill_at_any_effect_loses_nothing_and_doubles_nothing(
    fast_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half copied, copied and still in the inbox, removed there: one decision and one home each in the end."""
    monkeypatch.setattr(Disk, "rename_at", refused)
    seen: list[str] = []
    undisturbed = Instance(fast_path / "undisturbed")
    undisturbed.drop(FILES)
    undisturbed.pass_over(seen.append)
    assert {"copy", "unlink"} <= set(seen)

    wrong = {}
    for number in spread(len(seen), max(POINTS, 12)):
        instance = Instance(fast_path / f"at-{number}")
        instance.drop(FILES)
        killed = in_child(lambda at=number, one=instance: one.pass_over(killed_at(at)))  # type: ignore[misc]
        instance.pass_over()
        found = faults(instance.instance_dir, [str(text).encode() for text in FILES.values()])
        if killed >= 0 or found or instance.outcomes() != undisturbed.outcomes():
            wrong[number] = (killed, found, instance.outcomes())
    assert wrong == {}
