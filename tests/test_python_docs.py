"""The page on Python says what happens: each of its examples is run, against the packaged demo."""

from __future__ import annotations

import doctest
from pathlib import Path
from typing import TYPE_CHECKING

from winnowd.operations.demo import articles, play

if TYPE_CHECKING:
    import pytest

PAGE = Path(__file__).parents[1] / "docs" / "python.md"


def test_every_example_of_the_page_gives_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In an empty folder with the packaged articles, and an instance that has judged them."""
    for name, content in articles():
        (tmp_path / name).write_bytes(content)
    play(tmp_path / "demo")
    monkeypatch.chdir(tmp_path)

    ran = doctest.testfile(str(PAGE), module_relative=False, globs={"demo": tmp_path / "demo"}, encoding="utf-8")

    assert ran.failed == 0
    assert ran.attempted >= 15
