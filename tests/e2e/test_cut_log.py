"""Lines that were in the log and are gone: that somebody has cut it is seen and told, however few they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.crash.check import events, faults
from tests.e2e.instance import Instance
from tests.instances.make import ARTICLES

from winnowd.cli import main

if TYPE_CHECKING:
    from pathlib import Path

FIRST, LAST = 2, 4
"""The lines of one batch's three decisions; the first line is that of the start."""


@pytest.mark.parametrize("left", range(FIRST - 1, LAST))
def test_decisions_cut_out_of_the_log_are_told_whatever_their_place_in_a_batch(tmp_path: Path, left: int) -> None:
    """``verify`` sees it as it lies; the next start writes them again, and tells how many they were."""
    instance = Instance(tmp_path)
    instance.drop({f"{number}.txt": ARTICLES[number] for number in range(LAST - FIRST + 1)})
    instance.pass_over()
    whole = [event["event"]["action"] for event in events(tmp_path)]
    (file,) = (tmp_path / "audit").glob("[0-9]*/*/*.jsonl")
    file.write_bytes(b"".join(file.read_bytes().splitlines(keepends=True)[:left]))

    seen = main(["--home", str(tmp_path), "verify"])
    instance.pass_over()

    assert whole[FIRST - 1 : LAST] == ["admit"] * 3
    assert seen == 1
    told = [event for event in events(tmp_path) if event["event"].get("code") == "SYS942"]
    assert [event["winnowd"]["recovered"]["lost_lines"] for event in told] == [LAST - left]
    assert [event["event"]["action"] for event in events(tmp_path)][: len(whole)] == whole
    assert faults(tmp_path, sent=3) == []
