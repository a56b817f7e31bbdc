"""What was written is whole, what was not synced is not trusted, and nothing of a sender's is ever covered."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from winnowd.model import Effect
from winnowd.storage.copies import copy_over
from winnowd.storage.disk import Disk
from winnowd.storage.effects import Effects

if TYPE_CHECKING:
    from pathlib import Path


def test_after_a_failed_sync_all_is_written_anew(tmp_path: Path) -> None:
    """The kernel may call a lost page clean: what reads back well from memory may not be on disk."""
    failing = True
    seen: list[str] = []

    def on_effect(effect: str) -> None:
        seen.append(effect)
        if effect == "sync" and failing:
            raise OSError(5, "Input/output error")

    disk = Disk(tmp_path, on_effect=on_effect)
    effects = Effects(disk)
    wanted = [Effect("seeds/a.txt", b"text")]
    (tmp_path / "seeds").mkdir()
    (tmp_path / "seeds" / "a.txt").write_bytes(b"text")
    disk.touched(tmp_path / "seeds" / "a.txt")
    with pytest.raises(OSError, match="Input/output"):
        disk.sync()
    failing = False

    written = effects.write_missing(wanted)

    assert written == 1
    assert seen.count("write") == 1
    assert effects.write_missing(wanted) == 0


def test_a_rename_into_the_inbox_covers_nothing(tmp_path: Path) -> None:
    """Should a sender's file of that name come in between, it stays, and ours too."""
    (tmp_path / "ours").write_bytes(b"ours")
    (tmp_path / "theirs").write_bytes(b"theirs")

    with pytest.raises(FileExistsError):
        Disk(tmp_path).rename_at(tmp_path / "ours", tmp_path / "theirs")

    assert (tmp_path / "ours").read_bytes() == b"ours"
    assert (tmp_path / "theirs").read_bytes() == b"theirs"


def test_a_move_to_another_file_system_is_whole_and_keeps_links_as_they_are(tmp_path: Path) -> None:
    """Copied, synced, renamed; a link is made anew, not followed."""
    away = tmp_path / "away"
    away.mkdir()
    (tmp_path / "large").write_bytes(os.urandom(3_000_000))
    content = (tmp_path / "large").read_bytes()
    (tmp_path / "link").symlink_to("/nowhere")

    copy_over(tmp_path / "large", away / "large")
    copy_over(tmp_path / "link", away / "link")

    assert (away / "large").read_bytes() == content
    assert (away / "link").readlink().as_posix() == "/nowhere"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["away"]
