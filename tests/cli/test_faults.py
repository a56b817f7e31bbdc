"""How commands end when something is wrong: one line that says where, what and what to do, and an exit code."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

import click
import pytest

from winnowd.cli import commands, rule
from winnowd.cli.faults import Exit, stop

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["innit"], "winnowd: innit: no such command; did you mean init?\n"),
        (["zzz"], 'winnowd: zzz: no such command; see "winnowd --help"\n'),
        (["--heme"], "winnowd: --heme: no such option; did you mean --home or --help?\n"),
        (["rule", "--jsn"], "winnowd: --jsn: no such option; did you mean --json?\n"),
        (["rule", "--home"], 'winnowd: --home: needs a value; see "winnowd --help"\n'),
        (["config", "shw"], "winnowd: shw: no such command; did you mean show?\n"),
        (["config", "check"], 'winnowd: FILE: is missing; see "winnowd config check --help"\n'),
        (["init", "a", "b"], 'winnowd: init: got unexpected extra argument (b); see "winnowd init --help"\n'),
        (["zz\x1b[2J"], 'winnowd: zz<U+001B>[2J: no such command; see "winnowd --help"\n'),
    ],
)
def test_wrong_usage_says_where_what_and_what_to_do(run: Callable[..., Ran], arguments: list[str], said: str) -> None:
    """Exit 2 and one line; what comes from outside is shown escaped."""
    ran = run(*arguments)

    assert (ran.code, ran.out, ran.err) == (2, "", said)


@pytest.mark.parametrize("order", ["release", "confirm", "retract", "restore", "erase"])
@pytest.mark.parametrize("at", range(5))
def test_a_slip_of_the_fingers_leads_to_no_order(run: Callable[..., Ran], order: str, at: int) -> None:
    """What changes the corpus is typed whole, or not at all."""
    slip = order[:at] + order[at + 1 :]

    ran = run(slip)

    assert (ran.code, ran.out) == (2, "")
    assert not [
        name for name in ("release", "confirm", "retract", "restore", "erase") if name in ran.err.split("; ")[1]
    ]


@pytest.mark.parametrize("arguments", [[], ["config"]])
def test_without_a_command_there_is_help_on_stderr(run: Callable[..., Ran], arguments: list[str]) -> None:
    """Nothing was asked for, so nothing is data, and the exit tells so."""
    ran = run(*arguments)

    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Usage: winnowd")


@click.command("fall")
@click.pass_obj
def fall(context: object) -> None:
    """End as the test wants."""
    del context
    raise FALLS[-1]


FALLS: list[BaseException] = []


@pytest.fixture
def falling(monkeypatch: pytest.MonkeyPatch) -> list[BaseException]:
    """A command that raises what is put here."""
    monkeypatch.setattr(rule, "command", fall)
    monkeypatch.setitem(commands.COMMANDS, "fall", ("winnowd.cli.rule", "Fall."))
    FALLS.clear()
    return FALLS


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ValueError("text of an article"), 70, "winnowd: fall: a bug: ValueError"),
        (PermissionError(13, "Permission denied", "seeds"), 74, "winnowd: seeds: permission denied; "),
        (OSError(28, "No space left on device"), 74, "winnowd: fall: no space left on device; "),
        (sqlite3.OperationalError("disk I/O error"), 74, "winnowd: state/winnowd.db: disk I/O error; "),
        (stop("explain", 'no "c41"', "give more", exit=Exit.NO_SUCH), 12, 'winnowd: explain: no "c41"; give more\n'),
        (stop("here", "it is so", exit=Exit.BAD), 1, "winnowd: here: it is so\n"),
        (KeyboardInterrupt(), 130, ""),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else str(value),
)
def test_every_end_has_its_exit_code_and_its_line(
    run: Callable[..., Ran], falling: list[BaseException], error: BaseException, code: int, said: str
) -> None:
    """A bug is 70 and never quotes what the exception says; a disk's or ledger's error is 74; Ctrl-C is 130."""
    falling.append(error)

    ran = run("fall")

    assert ran.code == code
    assert ran.err.startswith(said)
    assert "text of an article" not in ran.err
    assert ran.err.count("\n") == (1 if said else 0)


def test_verbose_adds_the_trace_and_keeps_the_line_last(run: Callable[..., Ran], falling: list[BaseException]) -> None:
    """``-v`` is for a report of a bug; the trace is escaped, too."""
    falling.append(ValueError("odd \x1b[2J"))

    ran = run("fall", "-v")

    assert "Traceback" in ran.err
    assert "\x1b" not in ran.err
    assert ran.err.splitlines()[-1].startswith("winnowd: fall: a bug: ValueError")


def test_a_fault_is_data_too_with_json(run: Callable[..., Ran], falling: list[BaseException]) -> None:
    """A program reads the error, then the summary with the exit code."""
    falling.append(stop("run", "pid 7 works here", 'see "winnowd status"', exit=Exit.LOCKED, code="SYS945"))

    ran = run("fall", "--json")

    error, summary = ran.rows
    assert error == {
        "type": "error",
        "code": "SYS945",
        "message": "run: pid 7 works here",
        "help": 'see "winnowd status"',
    }
    assert {name: summary[name] for name in ("type", "command", "counts", "exit")} == {
        "type": "summary",
        "command": "fall",
        "counts": {"error": 1},
        "exit": 75,
    }


def test_wrong_usage_is_data_too_wherever_json_stands(run: Callable[..., Ran]) -> None:
    """Even if parsing ended before the option was reached."""
    ran = run("innit", "--json")

    assert [row["type"] for row in ran.rows] == ["error", "summary"]
