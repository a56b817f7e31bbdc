"""The man pages name every command, and man reads them."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.man_pages import man_pages, roff, write
from tests.needs import needs, tool
from tests.reference import all_commands, options

if TYPE_CHECKING:
    from pathlib import Path

PAGES = man_pages()


def test_every_command_has_a_page_with_each_of_its_options() -> None:
    """And the page of the program names each of these."""
    for name, command in all_commands():
        page = f"winnowd-{name.replace(' ', '-')}"

        assert roff(page) in PAGES["winnowd.1"]
        assert [record[0] for record in options(command) if roff(record[0]) not in PAGES[f"{page}.1"]] == []


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (".toml is read", r"\&.toml is read"),
        ("'a' or b", r"\&'a' or b"),
        (r"a\b --c", r"a\eb \-\-c"),
        ("ü|b", r"\[u00FC]|\:b"),
    ],
)
def test_a_text_is_no_request(text: str, line: str) -> None:
    """A line that begins with a dot would vanish, a backslash would eat what follows."""
    assert roff(text) == line


@needs("man pages", tool("man"))
def test_man_shows_every_page_and_complains_of_none(tmp_path: Path) -> None:
    """Packed, as the package lays them."""
    write(tmp_path)

    shown = {
        path.name: subprocess.run(
            ["man", "--warnings", "-E", "UTF-8", "-P", "cat", "-l", path], capture_output=True, check=True, text=True
        )
        for path in sorted(tmp_path.iterdir())
    }

    assert {name: one.stderr for name, one in shown.items() if one.stderr} == {}
    assert [name for name, one in shown.items() if "SYNOPSIS" not in one.stdout] == []
    assert len(shown) == len(PAGES)
