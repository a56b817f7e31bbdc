"""``winnowd completion``: a script for each shell, and answers to what it asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from winnowd.cli.commands import COMMANDS
from winnowd.settings import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script_and_nothing_else(run: Callable[..., Ran], shell: str) -> None:
    """It can be evaluated as it comes, even with ``--json``."""
    plain, with_json = run("completion", shell), run("completion", shell, "--json")

    assert plain.code == 0
    assert f"_WINNOWD_COMPLETE={shell}_complete" in plain.out
    assert with_json.out == plain.out


def test_another_shell_is_wrong_usage(run: Callable[..., Ran]) -> None:
    """Exit 2, with the shells there are."""
    ran = run("completion", "csh")

    assert (ran.code, ran.out) == (2, "")
    assert "'bash', 'zsh', 'fish'" in ran.err


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("winnowd ", set(COMMANDS)),
        ("winnowd rule dup60", {code for code in catalogue() if code.startswith("DUP60")}),
        ("winnowd rule too-", {"too-large", "too-many-records", "too-few-words", "too-many-words"}),
        ("winnowd config s", {"show", "schema"}),
        ("winnowd init --prof", {"--profile"}),
    ],
)
def test_a_shell_is_offered_what_may_come_next(
    run: Callable[..., Ran], monkeypatch: pytest.MonkeyPatch, line: str, offered: set[str]
) -> None:
    """Commands, their options, the codes and slugs of rules."""
    words = line.split(" ")
    monkeypatch.setenv("_WINNOWD_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))

    ran = run()

    assert {answer.partition(",")[2] for answer in ran.out.splitlines()} == offered
