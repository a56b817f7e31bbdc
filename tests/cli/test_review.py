"""``winnowd review``: decided by keys in a real terminal, each decision an order and a line of the log as ever."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from tests.cli.terminal import Terminal
from tests.operations.held import with_usual_limits

if TYPE_CHECKING:
    from tests.e2e.instance import Instance

KEYS = "? help · q quit"


@pytest.fixture
def instance(held_copy: Instance) -> Instance:
    """Five records wait in it."""
    return held_copy


def orders(instance: Instance) -> list[tuple[str, str, str]]:
    """The orders that the log tells of: action, how given, reason."""
    events = [event for event in instance.events() if "operator" in event["winnowd"]]
    return [
        (event["event"]["action"], event["winnowd"]["operator"]["via"], event["winnowd"]["operator"]["reason"])
        for event in events
    ]


def test_a_person_decides_by_keys(instance: Instance) -> None:
    """Reason asked for once; each decision shows the next record; the terminal is left as it was."""
    with Terminal(instance.instance_dir, "review") as terminal:
        first = terminal.until(KEYS)
        terminal.type("c")
        terminal.until("reason (kept in the audit log for ever): ")
        terminal.type("seen before\n")
        done = terminal.until(KEYS)
        terminal.type("r")
        second = terminal.until(KEYS)
        terminal.type("q")
        code = terminal.end()
        is_as_before = terminal.is_as_before()

    for said in (
        "1 of 5",
        "Heroic ferry",
        "may be a rewrite of “Ferry crew",
        "≥ 1",
        "two sentences, ",
        "in the corpus",
    ):
        assert said in first
    assert "is rejected" in done
    assert "2 of 5" in done
    assert ("is admitted" in second, "3 of 5" in second) == (True, True)
    assert (code, is_as_before) == (0, True)
    assert "2 decided" in terminal.shown
    assert orders(instance) == [("confirm", "review", "seen before"), ("release", "review", "seen before")]


def test_the_last_decision_can_be_taken_back(instance: Instance) -> None:
    """It is in hand once more, and waits as it waited; further back there is nothing to take."""
    with Terminal(instance.instance_dir, "review", "--reason", "a test") as terminal:
        terminal.until(KEYS)
        terminal.type("jc")
        terminal.until("is rejected")
        terminal.until(KEYS)
        terminal.type("u")
        back = terminal.until(KEYS)
        terminal.type("u")
        terminal.until("nothing to undo")
        terminal.type("q")
        code = terminal.end()

    assert ("is quarantined" in back, "2 of 5" in back) == (True, True)
    assert code == 0
    assert [action for action, _, _ in orders(instance)] == ["confirm", "restore"]


def test_a_copy_is_released_only_in_the_place_of_its_twin(instance: Instance) -> None:
    """The plain release is refused and says why, and the record stays in hand; the other retracts the twin."""
    with_usual_limits(instance.instance_dir)

    with Terminal(instance.instance_dir, "review", "--reason", "the better one") as terminal:
        terminal.until(KEYS)
        terminal.type("r")
        terminal.until("refused ")
        terminal.type("s")
        done = terminal.until(KEYS)
        terminal.type("q")
        terminal.end()

    assert ("is retracted" in done, "is admitted" in done) == (True, True)
    assert [action for action, _, _ in orders(instance)] == ["retract", "release"]


def test_one_walks_through_what_waits_by_keys_and_arrows(instance: Instance) -> None:
    """To either end and no further; other keys do nothing, and say so."""
    with Terminal(instance.instance_dir, "review", columns=60) as terminal:
        terminal.until(KEYS[-6:])
        terminal.type("k")
        terminal.until("this is the first one")
        for key, position in (("j", 2), ("\x1b[B", 3), ("j", 4), ("\x1b[A", 3), ("k", 2), ("j", 3), ("j", 4), ("j", 5)):
            terminal.type(key)
            terminal.until(f"{position} of 5")
        terminal.until(KEYS[-6:])
        terminal.type("j")
        terminal.until("that was the last one")
        terminal.type("x")
        terminal.until("x is no key here")
        terminal.type("?")
        terminal.until("take your last decision back")
        terminal.type("\x04")
        code = terminal.end()

    assert code == 0
    assert orders(instance) == []


def test_all_that_is_known_is_one_key_away(instance: Instance) -> None:
    """What explain tells, through the pager; then the keys work as before."""
    with Terminal(instance.instance_dir, "review") as terminal:
        terminal.until(KEYS)
        terminal.type("o")
        told = terminal.until("turn it away for good")
        terminal.type("j")
        terminal.until("2 of 5")
        terminal.type("q")
        code = terminal.end()

    assert "every measure" in told
    assert code == 0


def test_a_review_that_was_stopped_goes_on_by_single_keys(instance: Instance) -> None:
    """The shell has put the terminal back meanwhile."""
    with Terminal(instance.instance_dir, "review") as terminal:
        terminal.until(KEYS)
        terminal.stop_and_go_on()
        terminal.type("j")
        terminal.until("2 of 5")
        terminal.until(KEYS)
        terminal.type("q")
        code = terminal.end()
        is_as_before = terminal.is_as_before()

    assert (code, is_as_before) == (0, True)


def test_ctrl_c_ends_it_and_leaves_the_terminal_as_it_was(instance: Instance) -> None:
    """With its exit code; nothing was decided."""
    with Terminal(instance.instance_dir, "review") as terminal:
        terminal.until(KEYS)
        terminal.type("\x03")
        code = terminal.end()
        is_as_before = terminal.is_as_before()

    assert (code, is_as_before) == (130, True)
    assert orders(instance) == []


def piped(instance: Instance, typed: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """A review whose keys come from no terminal."""
    command = [sys.executable, "-m", "winnowd", "--home", str(instance.instance_dir), "review", *arguments]
    return subprocess.run(command, input=typed, capture_output=True, text=True, check=False)


def test_without_a_terminal_a_line_is_a_key(instance: Instance) -> None:
    """The reason is a line, too; an empty one is asked for anew; it ends where the lines end."""
    ended = piped(instance, "j\nc\n\nn\ntoo short\nc\n\nu\nr\n")

    assert ended.returncode == 0
    assert "no reason was taken" in ended.stderr
    assert orders(instance) == [
        ("confirm", "review", "too short"),
        ("restore", "review", "too short"),
        ("release", "review", "too short"),
    ]


def test_programs_get_rows(instance: Instance) -> None:
    """Each record that is in hand, and what became of each order."""
    import json

    ended = piped(instance, "j\nc\n", "--json", "--reason", "too short", "--code", "QUA401")
    rows: list[dict[str, Any]] = [json.loads(line) for line in ended.stdout.splitlines()]

    assert [row["type"] for row in rows] == ["waiting", "waiting", "order", "waiting", "summary"]
    assert (rows[2]["action"], rows[2]["state"], rows[2]["record"]) == ("confirm", "done", rows[1]["record"])


def test_where_nothing_waits_there_is_nothing_to_review(instance: Instance) -> None:
    """It says so and ends."""
    ended = piped(instance, "c\n", "--feed", "none")

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "nothing waits\n")
