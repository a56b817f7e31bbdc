"""``winnowd log``: events by any filter, from either end, as they are in the files; or as they come."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

import pytest
from tests.cli.test_verify import OPEN, SEALED, instance_dir, kept, lines, packed, plain, write

from winnowd.cli.log import ACTIONS
from winnowd.event.schema import EVENT

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ran

__all__ = ["instance_dir", "kept"]  # fixtures: two days, orders, a sealed day


@pytest.fixture
def log(run: Callable[..., Ran], instance_dir: Path) -> Callable[..., Ran]:
    """Run ``winnowd log`` on the copy."""
    return lambda *arguments: run("--home", str(instance_dir), "log", *arguments)


def events(instance_dir: Path) -> list[dict[str, Any]]:
    """All events, oldest first."""
    return [json.loads(line) for line in [*lines(packed(instance_dir)), *lines(plain(instance_dir))]]


def told(ran: Ran) -> list[int]:
    """The numbers of the events that were shown, as text."""
    return [int(line[20:31].replace(",", "")) for line in ran.out.splitlines()]


def test_every_event_has_one_line(log: Callable[..., Ran], instance_dir: Path) -> None:
    """Time, number, action, what is said of it; oldest first, across days, packed or not."""
    ran = log()

    assert ran.code == 0
    assert told(ran) == [event["event"]["sequence"] for event in events(instance_dir)]
    first = next(line for line in ran.out.splitlines() if "b-rewrite" in line)
    assert re.search(r"reject        [0-9a-f]{8}   inbox/b-rewrite.txt: DUP606 rewrite ", first)
    release = next(line for line in ran.out.splitlines() if " release " in line)
    assert '(cli): "a test"; admitted, was quarantined' in release


def test_as_json_it_is_the_log_itself(log: Callable[..., Ran], instance_dir: Path) -> None:
    """Byte for byte, so that chains can be checked and jq scripts written for the files work here too."""
    ran = log("--json")

    assert ran.out.encode().splitlines() == [*lines(packed(instance_dir)), *lines(plain(instance_dir))]


FILTERS: dict[str, tuple[list[str], Callable[[dict[str, Any]], bool]]] = {
    "action": (["--action", "admit"], lambda event: event["event"]["action"] == "admit"),
    "actions": (
        ["--action", "retract", "--action", "erase"],
        lambda event: event["event"]["action"] in {"retract", "erase"},
    ),
    "code": (["--code", "dup606"], lambda event: "DUP606" in event["winnowd"].get("codes", ())),
    "text": (["--grep", "E-SHORT"], lambda event: "e-short" in json.dumps(event)),
    "from a day on": (["--since", f"{OPEN:%Y-%m-%d}"], lambda event: event["@timestamp"] >= f"{OPEN:%Y-%m-%d}"),
    "a day": (
        ["--since", f"{SEALED:%Y-%m-%d}", "--until", f"{SEALED:%Y-%m-%d}"],
        lambda event: event["@timestamp"][:10] == f"{SEALED:%Y-%m-%d}",
    ),
    "all": (
        ["--until", f"{SEALED:%Y-%m-%d}", "--action", "reject", "--code", "QUA401"],
        lambda event: (
            event["@timestamp"][:10] <= f"{SEALED:%Y-%m-%d}"
            and event["event"]["action"] == "reject"
            and "QUA401" in event["winnowd"]["codes"]
        ),
    ),
    "nothing": (["--feed", "nowhere"], lambda _: False),
}


@pytest.mark.parametrize("name", FILTERS)
def test_filters_show_what_they_say(log: Callable[..., Ran], instance_dir: Path, name: str) -> None:
    """The same events from the beginning and, with -n, from the end."""
    arguments, is_wanted = FILTERS[name]
    wanted = [event["event"]["sequence"] for event in events(instance_dir) if is_wanted(event)]

    assert told(log(*arguments)) == wanted
    for most in (1, 2, 1_000):
        assert told(log(*arguments, "-n", str(most))) == wanted[-most:]
    assert told(log(*arguments, "-n", "0")) == []


def test_an_event_of_a_clock_that_stepped_back_is_found_by_its_time(
    log: Callable[..., Ran], instance_dir: Path
) -> None:
    """It stands in the file of the day after."""
    day = f"{SEALED:%Y-%m-%d}"
    forged = [
        line.replace(f'"@timestamp":"{OPEN:%Y-%m-%d}'.encode(), f'"@timestamp":"{day}'.encode())
        for line in lines(plain(instance_dir))[:1]
    ]
    write(plain(instance_dir), [*forged, *lines(plain(instance_dir))[1:]])

    number = json.loads(forged[0])["event"]["sequence"]
    assert number in told(log("--since", day, "--until", day))


def test_following_begins_with_the_last_events_and_ends_by_interrupt(
    log: Callable[..., Ran],
    instance_dir: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Ten of them, or as many as are asked for; Ctrl-C is exit 130."""
    line = lines(plain(instance_dir))[-1]

    def interrupted(_: float) -> None:
        if plain(instance_dir).read_bytes().endswith(line + b"\n" + line + b"\n"):
            raise KeyboardInterrupt
        with plain(instance_dir).open("ab") as file:
            file.write(line + b"\n")

    monkeypatch.setattr(time, "sleep", interrupted)

    ran = log("--follow", "-n", "2")

    assert ran.code == 130
    numbers = [event["event"]["sequence"] for event in events(instance_dir)]
    assert told(ran) == [numbers[-3], numbers[-2], numbers[-1]]


def test_lines_that_are_no_events_are_counted(log: Callable[..., Ran], instance_dir: Path) -> None:
    """The others are shown."""
    write(plain(instance_dir), [b"rubbish", *lines(plain(instance_dir))])

    ran = log()

    assert ran.code == 0
    assert "1 lines are no events; see winnowd verify" in ran.err
    assert len(told(ran)) == len(lines(packed(instance_dir))) + len(lines(plain(instance_dir))) - 1


def test_wrong_usage_is_told(run: Callable[..., Ran], log: Callable[..., Ran]) -> None:
    """An unknown action or time is 2, no instance 10; both with words that help."""
    assert log("--action", "admitted").code == 2
    assert "give 2026-11-22, " in log("--since", "whenever").err
    assert run("log", "--home", "nowhere").code == 10


def test_all_actions_can_be_asked_for() -> None:
    """Those of the schema."""
    schema = EVENT.json_schema()

    assert set(ACTIONS) == set(schema["$defs"]["Happened"]["properties"]["action"]["enum"])


def test_a_code_is_known_by_its_slug_and_a_wrong_one_is_told(log: Callable[..., Ran]) -> None:
    """What ``rule`` calls it, ``log`` takes."""
    by_code, by_slug, wrong = log("--code", "DUP606"), log("--code", "rewrite"), log("--code", "rewrit")

    assert by_code.out == by_slug.out != ""
    assert wrong.code == 2
    assert "'rewrit' is no rule: did you mean rewrite" in wrong.err
