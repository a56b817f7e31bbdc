"""Who may send: added, listed and removed by the command; its exit codes and words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from winnowd.layout import SENDERS
from winnowd.operations.lay_out import lay_out
from winnowd.operations.senders import sender_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran


def test_a_sender_is_added_listed_and_removed(run: Callable[..., Ran], tmp_path: Path) -> None:
    """The token stands alone on stdout, so that a script can keep it; the list never shows it."""
    lay_out(tmp_path)

    added = run("--home", str(tmp_path), "sender", "add", "agency/city")

    token = added.out.strip()
    sender = sender_of(tmp_path, token)
    assert sender is not None
    assert sender.feed == "agency/city"
    listed = run("--home", str(tmp_path), "sender", "list")
    assert listed.out.split()[0] == sender.id
    assert token not in listed.out
    assert run("--home", str(tmp_path), "sender", "remove", sender.id).code == 0
    assert sender_of(tmp_path, token) is None
    assert run("--home", str(tmp_path), "sender", "remove", sender.id).code == 12


def test_for_programs_a_sender_is_one_line(run: Callable[..., Ran], tmp_path: Path) -> None:
    """Its token only when it is made."""
    lay_out(tmp_path)

    made = json.loads(run("--home", str(tmp_path), "--json", "sender", "add", "wire").out.splitlines()[0])
    listed = json.loads(run("--home", str(tmp_path), "--json", "sender", "list").out.splitlines()[0])

    assert made["type"] == listed["type"] == "sender"
    assert made.keys() - listed.keys() == {"token"}


def test_what_is_no_feed_or_damaged_is_said(run: Callable[..., Ran], tmp_path: Path) -> None:
    """With the exit codes of wrong usage, and of a disk that is not as it should be."""
    lay_out(tmp_path)

    assert run("--home", str(tmp_path), "sender", "add", "../up").code == 2
    (tmp_path / SENDERS).write_text("{", encoding="utf-8")
    ran = run("--home", str(tmp_path), "sender", "list")
    assert ran.code == 74
    assert SENDERS in ran.err
