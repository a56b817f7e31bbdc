"""``winnowd release --all`` and ``confirm --all``: nothing is decided on that nobody has seen, and nothing else."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Any

import pytest
from tests.cli.terminal import Terminal
from tests.e2e.test_orders import ordered
from tests.operations.held import SHORT, with_usual_limits

from winnowd.layout import LOCK
from winnowd.operations import order_all as parts
from winnowd.operations.orders import give_order
from winnowd.storage.lock import Lock

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ran
    from tests.e2e.instance import Instance

CHOSEN = ("confirm", "--all", "--code", "QUA401", "--reason", "too short")


@pytest.fixture
def instance(held_copy: Instance) -> Instance:
    """Five records wait in it."""
    return held_copy


@pytest.fixture
def winnowd(run: Callable[..., Ran], instance: Instance) -> Callable[..., Ran]:
    """Run a command on the copy, with nobody at the keys."""
    return lambda *arguments: run("--home", str(instance.instance_dir), *arguments)


def orders(instance: Instance) -> list[dict[str, Any]]:
    """The events of orders."""
    return [event for event in instance.events() if "operator" in event["winnowd"]]


def test_a_script_decides_on_the_very_set_that_it_was_shown(winnowd: Callable[..., Ran], instance: Instance) -> None:
    """By the name that the queue gives it; each record has its event."""
    set_id = winnowd("queue", "--json", "--code", "QUA401").rows[-2]["set"]

    ran = winnowd(*CHOSEN, "--yes", "--expect", set_id)

    assert ran.code == 0
    assert "confirm 4 records: 4 QUA401\n" in ran.out
    assert ran.out.endswith("4 done, 0 refused\n")
    assert [event["event"]["action"] for event in orders(instance)] == ["confirm"] * 4
    assert [row["code"] for row in winnowd("queue", "--json").rows if row["type"] == "waiting"] == ["DUP606"]


def test_where_nobody_can_be_asked_nothing_is_done_unsaid(winnowd: Callable[..., Ran], instance: Instance) -> None:
    """It shows what it would decide on, and how a script says that it means just that; --yes alone does not."""
    for more in ((), ("--yes",), ("--json",)):
        ran = winnowd(*CHOSEN, *more)

        assert ran.code == 2
        assert "--yes --expect 4-" in ran.err
        assert "inbox/" in ran.out or "words, below 100" in ran.out
    assert orders(instance) == []


@pytest.mark.parametrize("expected", ["3", "5", "4-00000000", "all"])
def test_another_set_than_the_expected_one_is_refused(
    winnowd: Callable[..., Ran], instance: Instance, expected: str
) -> None:
    """Exit 1, and what there is now is named."""
    ran = winnowd(*CHOSEN, "--yes", "--expect", expected)

    assert ran.code == 1
    assert f"the set is not the one that was expected ({expected}); see what waits now (4-" in ran.err
    assert orders(instance) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("confirm",), "give the ids of records, or --all"),
        (("confirm", "--all", "bakers"), "give the ids of records, or --all"),
        (("confirm", "bakers", "--code", "QUA401"), "go with --all"),
        (("confirm", "bakers", "--older-than", "7d"), "go with --all"),
        (("confirm", "bakers", "--yes"), "go with --all"),
        (("release", "--all", "--replace"), "--replace goes with single records"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(
    winnowd: Callable[..., Ran], instance: Instance, arguments: tuple[str, ...], said: str
) -> None:
    """Exit 2; nothing is decided by half a wish."""
    ran = winnowd(*arguments, "--reason", "a test")

    assert (ran.code, said in ran.err) == (2, True)
    assert orders(instance) == []


def test_nothing_is_ever_erased_together(winnowd: Callable[..., Ran]) -> None:
    """Nor retracted, nor restored."""
    for action in ("erase", "retract", "restore"):
        ran = winnowd(action, "--all", "--reason", "a test")

        assert ran.code == 2
        assert "--all: no such option" in ran.err


def test_nothing_that_is_meant_is_nothing_to_do(winnowd: Callable[..., Ran]) -> None:
    """Exit 0; but 1 for who expects something."""
    nothing = ("confirm", "--all", "--feed", "none", "--reason", "a test")

    assert winnowd(*nothing).code == 0
    assert winnowd(*nothing, "--yes", "--expect", "0").code == 0
    assert winnowd(*nothing, "--yes", "--expect", "4").code == 1


def test_what_is_refused_is_counted_by_its_reason(
    winnowd: Callable[..., Ran], instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Order by order, with a sum at the end: a copy of what the corpus has is not released. Exit 1."""
    monkeypatch.setattr(parts, "MOST_TARGETS", 2)
    with_usual_limits(instance.instance_dir)

    ran = winnowd("release", "--all", "--reason", "a test", "--yes", "--expect", "5")

    assert ran.code == 1
    assert "\n4 done, 1 refused\n      1 … is a copy (DUP606) of …, which is in the corpus; " in ran.out
    assert len({event["winnowd"]["operator"]["order"] for event in orders(instance)}) == 3


def test_programs_get_a_row_for_each_record_and_the_sum(winnowd: Callable[..., Ran], instance: Instance) -> None:
    """Who was shown first, then what became of each."""
    with_usual_limits(instance.instance_dir)

    ran = winnowd("--json", "release", "--all", "--reason", "a test", "--yes", "--expect", "5")

    assert [row["type"] for row in ran.rows] == ["waiting"] * 5 + ["total"] + ["order"] * 5 + ["total", "summary"]
    assert ran.rows[-2] == {"type": "total", "count": 5, "done": 4, "refused": 1, "left": 0}
    assert ran.rows[-1]["exit"] == 1


def test_a_reason_that_is_none_is_told_before_anything_is_given(
    winnowd: Callable[..., Ran], instance: Instance
) -> None:
    """As with a single record."""
    ran = winnowd("confirm", "--all", "--reason", " ", "--yes", "--expect", "5")

    assert (ran.code, "--reason is empty" in ran.err) == (2, True)
    assert orders(instance) == []


def test_a_person_is_shown_five_and_asked(instance: Instance) -> None:
    """At the terminal; yes decides on them."""
    with Terminal(instance.instance_dir, *CHOSEN) as terminal:
        shown = terminal.until("confirm 4 records? [y/N]: ")
        terminal.type("y\n")
        code = terminal.end()

    assert shown.count("words, below 100") == len(SHORT)
    assert (code, "4 done, 0 refused" in terminal.shown) == (0, True)
    assert len(orders(instance)) == 4


@pytest.mark.parametrize(("answer", "code"), [("\n", 1), ("n\n", 1), ("\x04", 1), ("\x03", 130)])
def test_who_does_not_say_yes_has_decided_nothing(instance: Instance, answer: str, code: int) -> None:
    """The empty answer is no, as is the end of all answers; Ctrl-C ends it as ever."""
    with Terminal(instance.instance_dir, *CHOSEN) as terminal:
        terminal.until("[y/N]: ")
        terminal.type(answer)
        ended = terminal.end()

    assert (ended, "nothing was changed" in terminal.shown) == (code, code == 1)
    assert orders(instance) == []


def test_a_set_that_changes_while_a_person_thinks_is_not_decided_on(instance: Instance) -> None:
    """It says what became of what left it; what was shown is not what is there."""
    with Terminal(instance.instance_dir, *CHOSEN) as terminal:
        terminal.until("[y/N]: ")
        (done,) = ordered(instance, "release", "bakers")
        terminal.type("y\n")
        code = terminal.end()

    assert code == 1
    assert f"1 left it ({done['id'][:8]} is admitted); see what waits now (3-" in " ".join(terminal.shown.split())
    assert [event["event"]["action"] for event in orders(instance)] == ["release"]


def test_beside_a_service_it_is_the_service_that_carries_it_out(
    winnowd: Callable[..., Ran], instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Order after order, while it goes on; what waits is asked for without disturbing it."""
    monkeypatch.setattr(parts, "MOST_TARGETS", 3)
    with Terminal(instance.instance_dir, "run") as service:
        service.until("started")
        waits = winnowd("queue", "--json").rows[-2]
        ran = winnowd("confirm", "--all", "--reason", "a test", "--yes", "--expect", waits["set"])
        left = winnowd("queue").out
        service.type("\x03")
        code = service.end()

    assert (waits["count"], ran.code, left) == (5, 0, "nothing waits\n")
    assert ran.out.endswith("5 done, 0 refused\n")
    assert (code, service.shown.count("order carried out")) == (0, 2)


def test_ctrl_c_stops_after_the_order_in_hand(
    winnowd: Callable[..., Ran], instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 130; it says what was left as it is, and no order of that lies there."""
    monkeypatch.setattr(parts, "MOST_TARGETS", 2)

    def give_and_be_interrupted(*given: Any, **named: Any) -> str:
        order = give_order(*given, **named)
        signal.raise_signal(signal.SIGINT)
        return order

    monkeypatch.setattr(parts, "give_order", give_and_be_interrupted)

    ran = winnowd("confirm", "--all", "--reason", "a test", "--yes", "--expect", "5")

    assert (ran.code, ran.out.splitlines()[-1]) == (130, "2 done, 0 refused, 3 left as they are")
    assert len(orders(instance)) == 2
    assert [path for path in instance.files("state/orders") if "/" not in path] == []
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_order_that_is_not_carried_out_in_time_is_the_last_one(
    winnowd: Callable[..., Ran], instance: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 11; it names that order, which stands, and gives no other."""
    monkeypatch.setattr(parts, "MOST_TARGETS", 2)
    lock = Lock(instance.instance_dir / LOCK)
    lock.acquire()

    ran = winnowd("confirm", "--all", "--reason", "a test", "--yes", "--expect", "5", "--wait", "0.2")
    lock.release()

    (order,) = instance.files("state/orders")
    assert (ran.code, ran.out.splitlines()[-1]) == (11, "0 done, 0 refused, 5 left as they are")
    assert order in ran.err
