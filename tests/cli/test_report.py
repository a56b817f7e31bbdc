"""``winnowd report``: what it says, and where it does not write."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pytest
    from tests.cli.conftest import Ran
    from tests.e2e.instance import Instance


def test_the_command_writes_once_and_then_nothing(run: Callable[..., Ran], held_once: Instance, tmp_path: Path) -> None:
    """It says how much, and where to look."""
    home, folder = str(held_once.instance_dir), tmp_path / "out" / "report"

    first = run("--home", home, "report", str(folder))
    again = run("--home", home, "report", str(folder), "--json")

    assert (first.code, again.code) == (0, 0)
    assert "5 turned away, 5 with a page, up to event 15" in first.err
    assert str(folder / "index.html") in first.err
    assert again.rows[0] | {"path": ""} == {
        "type": "report", "path": "", "turned_away": 5, "pages": 5, "written": 0, "same": 8, "removed": 0,
        "sequence": 15,
    }  # fmt: skip


def test_the_command_keeps_out_of_what_is_not_its_own(
    run: Callable[..., Ran], held_once: Instance, tmp_path: Path
) -> None:
    """A folder of others, and the instance's own: an inbox would take its pages for articles."""
    (tmp_path / "thesis.txt").write_text("of a person")
    home = str(held_once.instance_dir)

    others = run("--home", home, "report", str(tmp_path))
    inbox = run("--home", home, "report", str(held_once.instance_dir / "inbox" / "report"))

    assert (others.code, inbox.code) == (2, 2)
    assert "is not empty, and no report that winnowd wrote (thesis.txt is there)" in others.err
    assert "lies in inbox/ of the instance" in inbox.err


def test_without_its_packages_it_says_what_to_install(
    run: Callable[..., Ran], held_once: Instance, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only the command needs them."""
    monkeypatch.setitem(sys.modules, "jinja2", None)
    for name in ("report", "templating"):
        monkeypatch.delitem(sys.modules, f"winnowd.web.{name}", raising=False)

    ran = run("--home", str(held_once.instance_dir), "report", str(tmp_path / "report"))

    assert ran.code == 2
    assert "jinja2 is missing" in ran.err
    assert "pip install 'winnowd[web]'" in ran.err
    assert not (tmp_path / "report").exists()
