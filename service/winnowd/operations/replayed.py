"""What comes of deciding anew: counts, differences, and what people made of the same records; plain values."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.audit.evidence import evidence_at, is_blank
from winnowd.audit.find import name_of
from winnowd.pipeline.from_events import is_order, record_from_event

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Set as AbstractSet

    from winnowd.audit.reader import Log, Logged

_ORDER: Final = b'"operator":{'
_BY_PEOPLE: Final = frozenset({"release", "confirm", "retract", "erase"})
Record = tuple[str, int]
Would = tuple[str, tuple[str, ...]]
"""An outcome, and those that there may be instead, the mildest first."""
Grades = tuple[str, str, str]
"""A grade, and the mildest and the worst that there may be instead."""


class Period(NamedTuple):
    """From one moment to another, both included, as events write them; "" is open."""

    since: str = ""
    until: str = ""

    def has(self, at: str) -> bool:
        """Whether a moment lies in it."""
        return self.since <= at and (not self.until or at <= self.until)


ALWAYS: Final = Period()


class Difference(NamedTuple):
    """One decision that would be, or may be, another.

    ``grades``: by code those that differ. ``fields``: what else of it differs, of text and measures. ``line``: the
    day's file and the offset of its event.
    """

    id: str
    sequence: int
    name: str
    was: str
    would_be: tuple[str, ...]
    grades: Mapping[str, Grades]
    line: tuple[str, int]
    fields: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        logged: Logged,
        event: Mapping[str, Any],
        would_be: tuple[str, ...],
        grades: Mapping[str, Grades],
        fields: tuple[str, ...] = (),
    ) -> Difference:
        """Of the event of a decision, and its line."""
        return cls(
            id=name_of(event) or "",
            sequence=int(event["event"]["sequence"]),
            name=str(event["file"]["name"]),
            was=str(event["winnowd"]["outcome"]),
            would_be=would_be,
            grades=grades,
            line=(logged.file.removesuffix(".gz"), logged.offset),
            fields=fields,
        )

    @property
    def is_sure(self) -> bool:
        """Whether it is another for sure."""
        return self.was not in self.would_be or (self.would_be == (self.was,) and bool(self.grades or self.fields))


class Missing(NamedTuple):
    """A decision that could not be made anew: its record, the file's name, and why."""

    id: str
    name: str
    because: str


@dataclasses.dataclass(slots=True)
class Replayed:
    """All decisions of a period, decided anew.

    ``outcomes`` count them; ``codes`` by each code that has other limits; ``people`` by a person's last order on the
    record. ``unknown``: decisions under a configuration that no event tells whole; ``broken``: lines that are no
    events; ``not_judged``: what a fault of the service had decided; ``idle_orders``: what people ordered and could not
    have, as decisions would be; ``missing``: what only an original tells that is gone.
    """

    decisions: int = 0
    unknown: int = 0
    broken: int = 0
    not_judged: int = 0
    idle_orders: int = 0
    outcomes: Counter[Would] = dataclasses.field(default_factory=Counter)
    codes: dict[str, Counter[Grades]] = dataclasses.field(default_factory=dict)
    people: dict[str, Counter[Would]] = dataclasses.field(default_factory=dict)
    differences: list[Difference] = dataclasses.field(default_factory=list)
    missing: list[Missing] = dataclasses.field(default_factory=list)

    def count(self, event: Mapping[str, Any], would_be: tuple[str, ...], grades: Mapping[str, Grades]) -> None:
        """Count a decision by its event, what it would be, and the grades that differ."""
        ours = event["winnowd"]
        self.outcomes[str(ours["outcome"]), would_be] += 1
        stopped = {one["code"]: str(one["grade"]) for one in reversed(ours.get("findings", ()))} if self.codes else {}
        for code, counts in self.codes.items():
            if code in grades:
                counts[grades[code]] += 1
            elif code in stopped:
                counts[(stopped[code],) * 3] += 1


class Orders:
    """What people ordered, by record: of the orders that were not undone the last; and what a record was before all."""

    def __init__(self) -> None:
        self.outcomes: dict[Record, str] = {}
        self._given: dict[Record, list[tuple[int, str]]] = {}

    def note(self, logged: Logged) -> None:
        """Add an order, if a line tells of one; one that is no event is left out."""
        if _ORDER in logged.line:
            with contextlib.suppress(ValueError, KeyError, TypeError):
                event = logged.event()
                if is_order(event):
                    self._add(event)

    def _add(self, event: Mapping[str, Any]) -> None:
        ours, record = event["winnowd"], record_from_event(event)
        self.outcomes.setdefault(record, str(ours.get("was", "")))
        given = self._given.setdefault(record, [])
        action = event["event"]["action"]
        if action == "restore":
            given[:] = [one for one in given if one[0] != ours.get("restores")]
        elif action in _BY_PEOPLE:
            given.append((int(event["event"]["sequence"]), action))

    @property
    def last(self) -> dict[Record, str]:
        """The last order on each record that has one."""
        return {record: given[-1][1] for record, given in self._given.items() if given}


def by_people(
    orders: Orders, would_be: Mapping[Record, Would], among: AbstractSet[Record] | None
) -> dict[str, Counter[Would]]:
    """By people's last orders the outcome then, and those that there may be where these differ.

    ``among``: the records that count, None for all.
    """
    found: dict[str, Counter[Would]] = {}
    for record, action in orders.last.items():
        if among is None or record in among:
            was = orders.outcomes[record]
            found.setdefault(action, Counter())[would_be.get(record, (was, (was,)))] += 1
    return found


def title_of(log: Log, one: Difference) -> str:
    """The title of its article, which stands in its evidence alone; "" where none is known."""
    try:
        logged = log.at(*one.line)
        named = None if logged is None else logged.event()["winnowd"].get("evidence")
        content = None if named is None else evidence_at(log.path(str(named["path"])), named)
        evidence = {} if content is None or is_blank(content) else json.loads(content)
    except (OSError, EOFError, ValueError, KeyError):
        return ""
    return str(evidence.get("title") or "")
