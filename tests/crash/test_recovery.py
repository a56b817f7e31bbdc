"""What a start makes of the rarer things that it may find."""

from __future__ import annotations

import functools
import os
import signal
from typing import TYPE_CHECKING, Any

from tests.crash.check import faults, rows
from tests.crash.scenes import lines
from tests.e2e.instance import TEXTS, Instance, in_child

from winnowd.storage.inbox.inbox import Inbox
from winnowd.storage.records import LedgerRecords

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from winnowd.model import DecisionRecord


def kill(*_: object) -> None:
    """End this process at once."""
    os.kill(os.getpid(), signal.SIGKILL)


def killed_before_taking(instance: Instance) -> None:
    """A pass that is killed when it would rename the first file out of the inbox."""
    Inbox.claim = kill  # type: ignore[method-assign,assignment]
    instance.pass_over()


def killed_in_the_second_slice(instance: Instance) -> None:
    """A pass that is killed when it has judged the third record of a file, and is about to record it."""
    recorded = LedgerRecords.record

    def record(records: LedgerRecords, entries: Sequence[DecisionRecord], *rest: Any) -> None:
        if entries[0].judged.prepared.provenance.record == 2:
            kill()
        recorded(records, entries, *rest)

    LedgerRecords.record = record  # type: ignore[method-assign,assignment]
    instance.pass_over()


def test_a_file_that_never_left_the_inbox_is_held_after_three_deaths(fast_path: Path) -> None:
    """Killed between claim and rename, three times: it is taken, held (SYS909), and not decided once more."""
    instance = Instance(fast_path)
    instance.drop({"a.txt": TEXTS["A"]})
    instance.pass_over()
    instance.drop({"b.txt": TEXTS["D"]})

    ended = [in_child(functools.partial(killed_before_taking, instance)) for _ in range(3)]
    instance.pass_over()

    assert ended == [-signal.SIGKILL] * 3
    assert instance.outcomes() == {"a.txt": "admitted", "b.txt": "quarantined"}
    assert instance.decisions()[-1]["winnowd"]["codes"] == ["SYS909"]
    assert faults(fast_path, sent=[TEXTS["A"].encode(), TEXTS["D"].encode()]) == []


def test_a_file_of_many_records_is_held_at_the_record_that_it_had_come_to(fast_path: Path) -> None:
    """Killed in its second slice, three times: the first slice stands, the rest is one held record (SYS909)."""
    instance = Instance(fast_path, batch__records=2)
    content = lines(TEXTS["A"], "short", TEXTS["D"], "short, too")
    instance.drop({"many.jsonl": content})

    ended = [in_child(functools.partial(killed_in_the_second_slice, instance)) for _ in range(3)]
    instance.pass_over()

    assert ended == [-signal.SIGKILL] * 3
    codes = [(event["winnowd"]["arrival"]["record"], event["winnowd"]["codes"]) for event in instance.decisions()]
    assert [record for record, _ in codes] == [0, 1, 2]
    assert codes[-1][1] == ["SYS909"]
    assert faults(fast_path, sent=[content.encode()]) == []


def test_a_file_in_work_is_held_even_if_its_name_was_an_arrivals(fast_path: Path) -> None:
    """An arrival that is done has no file there: what bears its name is nobody's (SYS907)."""
    instance = Instance(fast_path)
    instance.drop({"a.txt": TEXTS["A"]})
    instance.pass_over()
    (done,) = rows(fast_path, "SELECT id FROM arrival")
    (fast_path / "state" / "work" / done["id"]).write_text(TEXTS["D"])

    instance.pass_over()

    assert instance.decisions()[-1]["winnowd"]["codes"] == ["SYS907"]
    assert faults(fast_path, sent=[TEXTS["A"].encode(), TEXTS["D"].encode()]) == []
