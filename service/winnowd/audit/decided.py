"""The decisions of the log as far as grading them anew needs them: a third of what reading whole events takes.

They come one by one among orders and configurations, and as mappings like any event: ``decisions`` takes whole pieces
of the log at a time instead, and other fields, since it only counts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypedDict

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from winnowd.audit.reader import Logged


class _Happened(TypedDict, total=False):
    action: str
    sequence: int
    code: str


class _File(TypedDict):
    name: str


class _Arrival(TypedDict):
    id: str
    record: int


class _Article(TypedDict):
    id: str
    words: int


class _Limit(TypedDict, total=False):
    doubt: float
    fail: float


class _Finding(TypedDict, total=False):
    code: str
    grade: str
    limit: _Limit


class _Nearest(TypedDict, total=False):
    candidates: int


class _Config(TypedDict):
    sha256: str


class _Ours(TypedDict, total=False):
    arrival: _Arrival
    article: _Article
    outcome: str
    codes: list[str]
    measured: dict[str, int | float | str]
    findings: list[_Finding]
    nearest: _Nearest
    config: _Config


_Decision = TypedDict("_Decision", {"@timestamp": str, "event": _Happened, "file": _File, "winnowd": _Ours})
_ACTIONS: Final = frozenset({"admit", "quarantine", "reject"})
_DECIDED: Final = tuple(f'"action":"{action}"'.encode() for action in sorted(_ACTIONS))
_DECODER: Final = msgspec.json.Decoder(_Decision)


def decided(logged: Logged) -> Mapping[str, Any] | None:
    """The event of a decision with these fields at least, None if the line is none.

    Raises:
        ValueError: it is no event.
    """
    if not any(action in logged.line for action in _DECIDED):
        return None
    try:
        event: Mapping[str, Any] = _DECODER.decode(logged.line)
    except msgspec.DecodeError:
        event = logged.event()
    return event if event["event"]["action"] in _ACTIONS else None
