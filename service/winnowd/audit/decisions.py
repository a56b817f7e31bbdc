"""The decisions of the audit log, and of each only the fields that are counted: what a line says besides is skipped.

Most of the time is gunzip (docs/design/audit.md, "Rollups"). A line that is none is counted; no ledger is asked.
"""

from __future__ import annotations

import datetime as dt  # noqa: TC003 - msgspec reads it
from typing import TYPE_CHECKING, Annotated, Any, Final, Generic, NamedTuple, TypeAlias, TypeVar

import msgspec

from winnowd.audit.pieces import pieces
from winnowd.audit.search import stamp

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from winnowd.audit.reader import Log

DECISIONS: Final = frozenset({"admit", "quarantine", "reject"})
Value = TypeVar("Value")
Rule = TypeVar("Rule")


class Limit(msgspec.Struct, frozen=True, gc=False):
    """A rule as the event of a start, or of a change of the configuration, tells of it."""

    slug: str = ""
    unit: str = ""
    side: str = "max"
    doubt: float | None = None
    fail: float | None = None
    reached: bool = False


class Happened(msgspec.Struct, frozen=True, gc=False):
    """``event.*``."""

    action: str
    code: str = ""
    created: Annotated[dt.datetime, msgspec.Meta(tz=True)] | None = None
    end: Annotated[dt.datetime, msgspec.Meta(tz=True)] | None = None


class Ruled(msgspec.Struct, frozen=True, gc=False):
    """``rule.*``."""

    name: str = ""


class Arrival(msgspec.Struct, frozen=True, gc=False):
    """``winnowd.arrival``."""

    feed: str = ""


class Source(msgspec.Struct, frozen=True, gc=False):
    """``winnowd.article.source``."""

    domain: str = ""


class Article(msgspec.Struct, frozen=True, gc=False):
    """``winnowd.article``."""

    id: str = ""
    source: Source = Source()


class Nearest(msgspec.Struct, frozen=True, gc=False):
    """``winnowd.nearest``: the article of the corpus that is most like this one, and whether it is its twin."""

    id: str = ""
    twin: bool = False


class Ours(msgspec.Struct, Generic[Value, Rule], frozen=True, gc=False):
    """``winnowd.*``; ``measured`` and ``limits`` have one code, all of them, or nothing."""

    outcome: str = ""
    arrival: Arrival = Arrival()
    article: Article = Article()
    nearest: Nearest = Nearest()
    timings_ns: dict[str, Annotated[int, msgspec.Meta(ge=0, lt=1 << 62)]] = {}
    measured: Value | None = None
    limits: Rule | None = None


class Event(msgspec.Struct, Generic[Value, Rule], frozen=True, gc=False):
    """One line of the log."""

    at: str = msgspec.field(name="@timestamp")
    event: Happened
    winnowd: Ours[Value, Rule]
    rule: Ruled = Ruled()


class Nothing(msgspec.Struct, frozen=True, gc=False):
    """What is skipped: of no rule is anything kept."""

    value: None = None


EventWhole: TypeAlias = Event[dict[str, float | str | None], dict[str, Limit | None]]
"""One with all that was measured."""


class Part(NamedTuple):
    """What one piece of the log gave: its events, how many lines are none, or why a file cannot be read."""

    file: str
    events: Sequence[Event[Any, Any]]
    broken: int = 0
    fault: str = ""


def decoder(code: str) -> msgspec.json.Decoder[Event[Any, Any]]:
    """A decoder of lines that keeps what was measured by one rule and its limits; by none if ``code`` is ""."""
    if not code:
        return msgspec.json.Decoder(Event[Nothing, Nothing])
    measured = msgspec.defstruct("Measured", [("value", float | str | None, None)], rename={"value": code}, gc=False)
    limits = msgspec.defstruct("Limits", [("value", Limit | None, None)], rename={"value": code}, gc=False)
    return msgspec.json.Decoder(Event[measured, limits])  # type: ignore[valid-type] # made just now


def events(
    log: Log,
    files: Sequence[str],
    *,
    since: dt.datetime | None = None,
    until: dt.datetime | None = None,
    code: str = "",
) -> Iterator[Part]:
    """All events of these files between two moments, both included, in the order of the log."""
    decode = decoder(code)
    first, last = bounds(since, until)
    for file, _, content, fault in pieces(log, files):
        whole = content[: content.rfind(b"\n") + 1]
        found, broken = _decoded(decode, whole)
        if since is not None or until is not None:
            found = [one for one in found if first <= one.at <= last]
        yield Part(file, found, broken, fault)


def bounds(since: dt.datetime | None, until: dt.datetime | None) -> tuple[str, str]:
    """Two moments as events have them; what is less or more than all of them where one is not given."""
    return "" if since is None else stamp(since), "9999" if until is None else stamp(until)


def events_whole(log: Log, file: str) -> Iterator[Sequence[EventWhole]]:
    """All events of one file, with all that was measured.

    Raises:
        msgspec.MsgspecError, UnicodeDecodeError: a line is no event.
        OSError: the file cannot be read to its end.
    """
    decode = msgspec.json.Decoder(EventWhole)
    for _, _, content, fault in pieces(log, [file]):
        if fault:
            raise OSError(None, fault, file)
        yield decode.decode_lines(content[: content.rfind(b"\n") + 1])


def _decoded(decode: msgspec.json.Decoder[Event[Any, Any]], content: bytes) -> tuple[list[Event[Any, Any]], int]:
    """The events of these lines, and how many lines are none: then one by one."""
    try:
        return decode.decode_lines(content), 0
    except msgspec.MsgspecError:
        pass
    found, lines = [], content.splitlines()
    for line in lines:
        try:
            found.append(decode.decode(line))
        except (msgspec.MsgspecError, UnicodeDecodeError):
            continue
    return found, len(lines) - len(found)
