"""What is counted as it happens is what counting all of it would give."""

from __future__ import annotations

import dataclasses
import datetime as dt
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from winnowd.daemon.quarantined import Quarantined
from winnowd.model import Outcome

BEGUN = dt.datetime(2026, 11, 30, tzinfo=dt.UTC)


def made_at(number: int) -> dt.datetime:
    """When a decision was made: the order of numbers is that of time."""
    return BEGUN + dt.timedelta(minutes=number)


@dataclasses.dataclass
class Decisions:
    """A ledger's decisions, whose outcomes change."""

    outcomes: dict[int, str] = dataclasses.field(default_factory=dict)

    def quarantined(self) -> int:
        """How many stand so."""
        return sum(outcome == "quarantined" for outcome in self.outcomes.values())

    def first_quarantined(self, after: int) -> tuple[int, str] | None:
        """The first behind a number."""
        found = [number for number, outcome in sorted(self.outcomes.items()) if outcome == "quarantined"]
        return next(((number, made_at(number).isoformat()) for number in found if number > after), None)

    def decide(self, outcome: Outcome) -> Any:
        """One more; gives the batch that tells of it."""
        number = len(self.outcomes) + 1
        self.outcomes[number] = outcome.value
        judged = SimpleNamespace(number=number, decided_at=made_at(number), decision=SimpleNamespace(outcome=outcome))
        return SimpleNamespace(entries=[SimpleNamespace(judged=judged)], changes=[])

    def change(self, number: int, outcome: str) -> Any:
        """An order; gives the batch that tells of it."""
        before = self.outcomes[number]
        self.outcomes[number] = outcome
        stored = SimpleNamespace(number=number, outcome=before, decided_at=made_at(number))
        return SimpleNamespace(entries=[], changes=[SimpleNamespace(stored=stored, outcome=outcome)])


STEPS = st.lists(
    st.one_of(
        st.sampled_from(Outcome).map(lambda outcome: ("decide", outcome, 0)),
        st.tuples(st.just("change"), st.sampled_from(["admitted", "quarantined", "erased"]), st.integers(0, 1_000)),
        st.just(("ask", None, 0)),
        st.just(("forget", None, 0)),
    ),
    max_size=40,
)


@given(STEPS)
def test_the_count_and_the_oldest_are_those_of_the_ledger(steps: list[tuple[str, Any, int]]) -> None:
    """After any decisions, releases, restores and erasures, whenever it was asked meanwhile."""
    decisions = Decisions()
    quarantined = Quarantined(SimpleNamespace(decisions=decisions))  # type: ignore[arg-type]
    for step, outcome, number in steps:
        if step == "decide":
            quarantined.apply(decisions.decide(outcome))
        elif step == "change" and decisions.outcomes:
            quarantined.apply(decisions.change(1 + number % len(decisions.outcomes), outcome))
        elif step == "ask":
            quarantined.state()
        elif step == "forget":
            quarantined.forget()

    first = decisions.first_quarantined(0)
    assert quarantined.state() == (decisions.quarantined(), None if first is None else made_at(first[0]))


def test_the_ledger_is_asked_for_no_more_than_changed() -> None:
    """A thousand decisions later it is not asked at all: asking would read all of them."""
    decisions = Decisions()
    quarantined = Quarantined(SimpleNamespace(decisions=decisions))  # type: ignore[arg-type]
    quarantined.apply(decisions.decide(Outcome.QUARANTINED))
    quarantined.state()
    quarantined._ledger = None  # type: ignore[assignment]

    for _ in range(1_000):
        quarantined.apply(decisions.decide(Outcome.QUARANTINED))

    assert quarantined.state() == (1_001, made_at(1))
