"""Folders that were there once may have gone since: each way of writing into one makes it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winnowd.storage.disk import Disk

if TYPE_CHECKING:
    from pathlib import Path


def test_a_move_and_an_append_make_a_folder_again_that_was_removed(tmp_path: Path) -> None:
    """Though it is remembered as made."""
    disk, folder = Disk(tmp_path), tmp_path / "archive/2026"
    disk.make_folder(folder)
    folder.rmdir()
    (tmp_path / "a").write_text("a")

    disk.append(folder / "log", b"line", at=0)
    (folder / "log").unlink()
    folder.rmdir()
    disk.move(tmp_path / "a", folder / "b")

    assert (folder / "b").read_text() == "a"
