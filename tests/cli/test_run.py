"""``winnowd run --once`` says what it has left in the inbox, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

DEEP = "/".join("d" * 33)


@pytest.fixture
def instance_dir(run: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A new instance."""
    run("init", str(tmp_path / "home"))
    monkeypatch.setenv("WINNOWD_WORKERS__COUNT", "0")
    return tmp_path / "home"


def test_an_empty_inbox_is_called_empty(run: Callable[..., Ran], instance_dir: Path) -> None:
    """Nothing lies there, nothing was decided."""
    ran = run("--home", str(instance_dir), "run", "--once")

    assert (ran.code, ran.err) == (0, "the inbox is empty; nothing was decided\n")


def test_what_is_left_is_named_with_its_reason(run: Callable[..., Ran], instance_dir: Path) -> None:
    """Too deep, ignored, under a temporary name, still open: each told, none waited for."""
    inbox = instance_dir / "inbox"
    (inbox / DEEP).mkdir(parents=True)
    for name in (f"{DEEP}/deep.txt", ".hidden\x1b[31m", "x.txt.partial"):
        (inbox / name).write_text("text")

    with (inbox / "open.txt").open("w") as writer:
        writer.write("half")
        writer.flush()
        ran = run("--home", str(instance_dir), "run", "--once")

    assert ran.code == 0
    assert ran.err.splitlines() == [
        "the inbox holds nothing that may be taken now; nothing was decided",
        "left in the inbox, still being written: 1 (open.txt)",
        "left in the inbox, under a temporary name: 1 (x.txt.partial)",
        f"left in the inbox, folders too deep: 1 ({DEEP})",
        "left in the inbox, a name of inbox.ignore: 1 (.hidden<U+001B>[31m)",
    ]


def test_as_data_it_is_a_row_for_each_reason(run: Callable[..., Ran], instance_dir: Path) -> None:
    """Beside the decisions."""
    (instance_dir / "inbox" / "x.txt.partial").write_text("text")

    ran = run("--json", "--home", str(instance_dir), "run", "--once")

    assert ran.rows[0] == {"type": "left", "because": "under a temporary name", "files": 1, "named": ["x.txt.partial"]}
    assert ran.rows[-1]["type"] == "summary"
