"""What changed between two points of the log, told from it alone: settings, decisions, the corpus, people's orders."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from winnowd.audit.configurations import configurations
from winnowd.audit.decided import decided
from winnowd.audit.find import name_of
from winnowd.audit.positions import after, event_of, last_sequence, sequence_before
from winnowd.pipeline.from_events import is_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from winnowd.audit.configurations import Configuration
    from winnowd.audit.reader import Log, Logged

_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_EVENT: Final = re.compile(r"#(\d{1,18})")
_CONFIG: Final = re.compile(r"config:([0-9a-f]{4,64})")
_ADMITTED: Final = "admitted"


class NoSuchPointError(Exception):
    """A text names no point of the log; ``advice`` says what does."""

    def __init__(self, what: str, advice: str) -> None:
        super().__init__(what)
        self.advice = advice


class Point(NamedTuple):
    """A point of the log: behind the event of a number (0: before all), or a configuration alone (None)."""

    sequence: int | None
    config: str


class Stated(NamedTuple):
    """A setting that is another: its value in the one and in the other configuration, None where it has none."""

    name: str
    was: Any
    now: Any


class Moved(NamedTuple):
    """An article that came into the corpus, or left it: its id, the name of its file, and the event by which."""

    id: str
    name: str
    sequence: int


@dataclasses.dataclass(frozen=True, slots=True)
class Diff:
    """All that changed from the older point to the newer.

    ``outcomes`` and ``codes`` count decisions, ``codes`` by what comes first of each that was not admitted;
    ``orders`` what people ordered, by action and name. ``broken``: lines that are no events.
    """

    older: Point
    newer: Point
    settings: tuple[Stated, ...]
    outcomes: Mapping[str, int] = dataclasses.field(default_factory=dict)
    codes: Mapping[str, int] = dataclasses.field(default_factory=dict)
    orders: Mapping[tuple[str, str], int] = dataclasses.field(default_factory=dict)
    came: tuple[Moved, ...] = ()
    left: tuple[Moved, ...] = ()
    broken: int = 0

    @property
    def is_equal(self) -> bool:
        """Whether nothing changed."""
        return not (self.settings or self.outcomes or self.orders or self.came or self.left)


def diff(log: Log, one: str, other: str) -> Diff:
    """What changed between two of: a day (its first moment), ``#4711`` (behind that event), HEAD, ``config:SHA``.

    Whichever is older comes first. A configuration is compared with that in force at the other point, and nothing else.

    Raises:
        NoSuchPointError: a text is none of these, or names what is not there.
        OSError, EOFError, zlib.error: the log cannot be read.
    """
    in_force = configurations(log)
    older, newer = (_point(log, text, in_force) for text in (one, other))
    if older.sequence is None or newer.sequence is None:
        return Diff(older, newer, _settings(in_force, older, newer))
    if older.sequence > newer.sequence:
        older, newer = newer, older
    between = _Between()
    between.add_all(log, older.sequence or 0, newer.sequence or 0)
    return Diff(
        older,
        newer,
        _settings(in_force, older, newer),
        between.outcomes,
        between.codes,
        between.orders,
        tuple(between.moved(into=True)),
        tuple(between.moved(into=False)),
        between.broken,
    )


def _point(log: Log, text: str, in_force: Mapping[str, Configuration]) -> Point:
    if found := _CONFIG.fullmatch(text):
        return Point(None, _config(found[1], in_force))
    if text == "HEAD":
        sequence = last_sequence(log)
    elif found := _EVENT.fullmatch(text):
        sequence = int(found[1])
        if sequence and event_of(log, sequence) is None:
            raise NoSuchPointError(f"the log has no event {text}", f"its last is #{last_sequence(log)}")
    elif _is_day(text):
        sequence = sequence_before(log, text)
    else:
        raise NoSuchPointError(f"{text} is no point of the log", "give 2026-11-01, #4711, HEAD or config:SHA")
    event = event_of(log, sequence) if sequence else None
    return Point(sequence, "" if event is None else str(event["winnowd"]["config"]["sha256"]))


def _is_day(text: str) -> bool:
    try:
        return _DAY.fullmatch(text) is not None and bool(dt.date.fromisoformat(text))
    except ValueError:
        return False


def _config(begun: str, in_force: Mapping[str, Configuration]) -> str:
    found = [sha256 for sha256 in in_force if sha256.startswith(begun)]
    if len(found) == 1:
        return found[0]
    listed = " ".join(f"config:{sha256[:12]}" for sha256 in (found or in_force))
    what = "fits several configurations" if found else "was never in force"
    raise NoSuchPointError(f"config:{begun} {what}", f"there are {listed}" if listed else "the log tells of none")


def _settings(in_force: Mapping[str, Configuration], older: Point, newer: Point) -> tuple[Stated, ...]:
    """The settings that differ; limits where no event tells settings whole."""
    one, other = (_values(in_force.get(point.config)) for point in (older, newer))
    if not older.config or not newer.config:  # before the first start there was none
        return ()
    names = sorted(one.keys() | other.keys())
    return tuple(Stated(name, one.get(name), other.get(name)) for name in names if one.get(name) != other.get(name))


def _values(one: Configuration | None) -> Mapping[str, Any]:
    if one is None:
        return {}
    if one.settings is not None:
        return one.settings
    groups = ((limit, *limit.get("also", ())) for limit in one.limits.values())
    limits = (limit for group in groups for limit in group)
    return {f"{limit['setting']}.{end}": limit[end] for limit in limits for end in ("doubt", "fail") if end in limit}


class _Between:
    """Counts what happened; by article whether it stood in the corpus at first, and whether it does now."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()
        self.orders: Counter[tuple[str, str]] = Counter()
        self.broken = 0
        self._stood: dict[str, tuple[bool, bool, Moved]] = {}

    def add_all(self, log: Log, first: int, last: int) -> None:
        """Count the events behind one up to another."""
        for logged in after(log, first):
            try:
                if not self._add(logged, last):
                    return
            except (ValueError, KeyError, TypeError):
                self.broken += 1

    def _add(self, logged: Logged, last: int) -> bool:
        """Count an event; False if it is behind the last."""
        event = decided(logged)
        if event is not None:
            if event["event"]["sequence"] > last:
                return False
            outcome = event["winnowd"]["outcome"]
            self.outcomes[outcome] += 1
            if outcome != _ADMITTED and (code := event["event"].get("code")):
                self.codes[code] += 1
            if outcome == _ADMITTED:
                self._stands(event, was=False, now=True)
            return True
        event = logged.event()
        if int(event["event"]["sequence"]) > last:
            return False
        if is_order(event):
            ours = event["winnowd"]
            if ours["operator"]["via"] != "service":
                self.orders[event["event"]["action"], event["user"]["name"]] += 1
            self._stands(event, was=ours.get("was") == _ADMITTED, now=ours["outcome"] == _ADMITTED)
        return True

    def _stands(self, event: Mapping[str, Any], *, was: bool, now: bool) -> None:
        name = name_of(event)
        if name is None or was == now:
            return
        moved = Moved(name, str(event.get("file", {}).get("name", "")), int(event["event"]["sequence"]))
        first, _, before = self._stood.get(name, (was, was, moved))
        self._stood[name] = first, now, moved if moved.name else moved._replace(name=before.name)

    def moved(self, *, into: bool) -> Iterable[Moved]:
        """The articles that stand in the corpus now and did not at first; or the other way round."""
        return (moved for first, now, moved in self._stood.values() if (first, now) == (not into, into))
