"""The calendar rings chores, tells each once, and notices when it cannot be trusted."""

from __future__ import annotations

from winnowd.daemon.doorbell import Wakeup
from winnowd.daemon.schedule import SEAL, SELF_CHECK, UPKEEP, Schedule


def test_a_chore_rings_and_is_told_once() -> None:
    """A job that came due twice before the loop looked is one chore."""
    wakeup = Wakeup()
    schedule = Schedule(wakeup)
    for task in (SEAL, UPKEEP, SEAL):
        schedule.ring(task)

    assert wakeup.wait(0)
    assert schedule.due() == [SEAL, UPKEEP]
    assert schedule.due() == []


def test_the_nightly_chores_are_set() -> None:
    """Day seal, self-check and ledger upkeep stand in the calendar from the start."""
    schedule = Schedule(Wakeup())
    schedule.start(monotonic=0.0, wall=1_000.0)

    assert schedule._scheduler is not None
    names = {job.id for job in schedule._scheduler.get_jobs()}
    settings = {(job.coalesce, job.max_instances, job.misfire_grace_time) for job in schedule._scheduler.get_jobs()}
    schedule.stop()

    assert {SEAL, SELF_CHECK, UPKEEP} <= names
    assert settings == {(True, 1, None)}


def test_a_stepped_clock_and_a_silent_scheduler_are_faults() -> None:
    """A wall clock that moved against the monotonic one is SYS925; three minutes without a tick is SYS926."""
    schedule = Schedule(Wakeup())
    schedule.start(monotonic=100.0, wall=1_000.0)
    schedule.stop()

    assert schedule.fault(monotonic=160.0, wall=1_060.0) is None
    assert schedule.fault(monotonic=160.0, wall=1_060.0 - 3_600.0) == "SYS925"
    assert schedule.fault(monotonic=281.0, wall=1_181.0) == "SYS926"

    schedule.heard(monotonic=281.0)

    assert schedule.fault(monotonic=300.0, wall=1_200.0) is None
