"""Who may read what an instance holds does not hang on the mask under which it was written."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest
from tests.e2e.instance import TEXTS, Instance

from winnowd.layout import EVIDENCE, STATE, WORK
from winnowd.storage import outside

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

UNIT, SHELL = 0o027, 0o022
SHORT = " ".join(TEXTS["B"].split()[:60])


@pytest.fixture(params=[UNIT, SHELL], ids=["unit", "shell"])
def mask(request: pytest.FixtureRequest) -> Iterator[int]:
    """That of the unit, and that of most shells."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes(folder: Path) -> dict[str, str]:
    """Of a folder and all below it, as ``ls`` shows them."""
    found = [folder, *folder.rglob("*")]
    return {str(path.relative_to(folder.parent)): stat.filemode(path.stat().st_mode) for path in found}


def test_everybody_reads_corpus_and_log_and_not_what_was_turned_away(tmp_path: Path, mask: int) -> None:
    """Evidence quotes refused articles and lies below the log; its folder alone closes it."""
    instance = Instance(tmp_path / "home")
    instance.drop({"a.txt": TEXTS["A"], "b.txt": TEXTS["A"], "c.txt": SHORT})

    instance.pass_over()

    audit, seeds = (modes(instance.instance_dir / name) for name in ("audit", "seeds"))
    assert audit.pop(EVIDENCE) == "drwxr-x---"
    assert any(path.startswith(EVIDENCE) for path in audit)
    why = next(instance.instance_dir.rglob("*.why.md"))
    below = [mode for path, mode in (audit | seeds).items() if path not in {"seeds", "audit"}]
    assert {*below, stat.filemode(why.stat().st_mode)} == {"drwxr-xr-x", "-rw-r--r--"}
    assert stat.filemode((instance.instance_dir / "state" / "winnowd.db").stat().st_mode)[-3:] == (
        "---" if mask == UNIT else "r--"
    )


def test_what_is_left_for_other_programs_they_can_read(tmp_path: Path, mask: int) -> None:
    """A textfile of metrics is read by node_exporter, which is in no group of ours."""
    goal = tmp_path / "winnowd.prom"

    outside.replace(goal, b"winnowd_up 1\n")

    assert mask
    assert stat.filemode(goal.stat().st_mode) == "-rw-r--r--"


def test_a_plain_start_closes_what_init_closes(tmp_path: Path, mask: int) -> None:
    """What is in work is nobody's to see, also where the first command was no ``init``."""
    instance = Instance(tmp_path / "home")

    instance.pass_over()

    state, work = (stat.filemode((instance.instance_dir / name).stat().st_mode) for name in (STATE, WORK))
    assert mask
    assert (state, work) == ("drwxr-x---", "drwx------")
