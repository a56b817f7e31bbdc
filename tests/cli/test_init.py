"""``winnowd init``: a whole instance, added to and never overwritten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from winnowd import settings
from winnowd.layout import FOLDERS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran


def test_init_makes_all_folders_and_the_configuration(run: Callable[..., Ran], tmp_path: Path) -> None:
    """What a first run needs is there, and the words say how to go on."""
    ran = run("init", "corpus")

    assert ran.code == 0
    assert all((tmp_path / "corpus" / folder).is_dir() for folder in FOLDERS)
    assert (tmp_path / "corpus" / "config" / "winnowd.toml").read_text() == settings.template()
    assert (tmp_path / "corpus" / "state" / "work").stat().st_mode & 0o077 == 0
    assert "winnowd run --once" in ran.err
    assert "cd corpus" in ran.err


def test_init_adds_what_is_missing_and_overwrites_nothing(run: Callable[..., Ran], tmp_path: Path) -> None:
    """A second init makes only what somebody removed; a changed configuration stays."""
    run("init", "corpus")
    (tmp_path / "corpus" / "config" / "winnowd.toml").write_text("inbox.settle = 9\n")
    (tmp_path / "corpus" / "inbox" / "waiting.txt").write_text("The ferry was late.")
    (tmp_path / "corpus" / "rejected").rmdir()

    ran = run("init", "corpus", "--json", "--profile", "strict")

    assert [row["path"] for row in ran.rows if row["type"] == "made"] == ["corpus/rejected"]
    assert (tmp_path / "corpus" / "config" / "winnowd.toml").read_text() == "inbox.settle = 9\n"
    assert (tmp_path / "corpus" / "inbox" / "waiting.txt").exists()
    assert 'set profile = "strict" in it' in ran.err


def test_a_whole_instance_is_left_alone(run: Callable[..., Ran]) -> None:
    """Nothing missing, nothing made, still well."""
    run("init")

    ran = run("init")

    assert (ran.code, ran.out) == (0, "")
    assert "nothing was missing" in ran.err


@pytest.mark.parametrize("profile", ["strict", "balanced", "lenient"])
def test_init_for_a_profile_sets_it(run: Callable[..., Ran], tmp_path: Path, profile: str) -> None:
    """The file it writes is a good configuration of that profile."""
    run("init", "--profile", profile)

    made = settings.load(tmp_path, environ={}, system=None)

    assert made.settings.profile == profile
    assert run("config", "check", "config/winnowd.toml").code == 0


def test_a_file_cannot_become_an_instance(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Wrong usage, said so, and the file stands."""
    (tmp_path / "corpus").write_text("a file")

    ran = run("init", "corpus")

    assert ran.code == 2
    assert ran.err.startswith("winnowd: ")
    assert (tmp_path / "corpus").read_text() == "a file"


def test_an_odd_folder_name_is_quoted_for_the_shell(run: Callable[..., Ran]) -> None:
    """The line to go on with can be pasted."""
    ran = run("init", "my corpus")

    assert "cd 'my corpus'" in ran.err
