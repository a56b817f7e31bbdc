"""A command line to try commands in: an empty folder, no variables of ours, no instance of this machine."""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from winnowd.cli import context, main

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Ran(NamedTuple):
    """What a command gave: its exit code, its data, its words."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The data as JSON Lines."""
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Run ``winnowd`` with these arguments in an empty folder."""
    for name in [name for name in os.environ if name.startswith(("WINNOWD_", "NO_COLOR"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(context, "SYSTEM_HOME", tmp_path / "nowhere")
    monkeypatch.setattr(sys, "argv", ["winnowd"])

    def ran(*arguments: str) -> Ran:
        code = main(arguments)
        out, err = capsys.readouterr()
        return Ran(code, out, err)

    return ran
