"""What an event says of the service that made it, and how its values are written. Pure."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import json
import math
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec

if TYPE_CHECKING:
    from collections.abc import Mapping

    from winnowd.catalogue import Catalogue

SCHEMA: Final = 1
ECS: Final = "9.4.0"
DECIMALS: Final = 6
LONGEST_SENTENCE: Final = 1_000
"""Characters of one ``because`` or measured text; a gate's sentences are shorter."""

_WITHOUT_ZONE: Final = len("2026-11-22T03:47:12.123456")
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_JSON: Final = json.JSONEncoder(ensure_ascii=True, allow_nan=False, check_circular=False, separators=(",", ":"))
_FAST_JSON: Final = msgspec.json.Encoder()
_EXPONENT: Final = re.compile(rb"e-?[0-9]+[],}]")


@dataclasses.dataclass(frozen=True, slots=True)
class Context:
    """The run, the machine and the configuration that an event names, and the event's own number.

    ``run`` and ``id`` are UUIDv7 strings, ``config`` the SHA-256 of the configuration, ``ruleset`` the profile's name.
    The core has no clock and draws nothing at random: ``numbered`` takes id and sequence from the caller.
    """

    run: str
    node: str
    pid: int
    version: str
    config: str
    ruleset: str
    catalogue: Catalogue
    rules_version: str = "1"
    id: str = ""
    sequence: int = 0

    def numbered(self, id: str, sequence: int) -> Context:  # noqa: A002 - the field's name
        """The same context for one event."""
        return dataclasses.replace(self, id=id, sequence=sequence)


def instant(at: dt.datetime) -> str:
    """A moment as ``2026-11-22T03:47:12.123456Z``; one without a zone is taken as UTC."""
    if at.tzinfo is not None and at.utcoffset():
        at = at.astimezone(dt.UTC)
    return at.isoformat(timespec="microseconds")[:_WITHOUT_ZONE] + "Z"


def instant_of_ns(ns: int) -> str | None:
    """A file's time of nanoseconds since 1970; None for one beyond the calendar (a sender may set any)."""
    try:
        return instant(_EPOCH + dt.timedelta(microseconds=ns // 1_000))
    except OverflowError:
        return None


def number(value: float) -> float | str:
    """A measured number as it is written: at most 6 decimals, whole ones without any; what JSON has not, as text."""
    value = float(value)  # whatever numpy made
    if value.is_integer():
        return int(value)
    return round(value, DECIMALS) if math.isfinite(value) else repr(value)


def measured(value: float | str) -> float | str:
    """What a finding measured, number or short text."""
    if type(value) is int:  # a count, as most are
        return value
    return value[:LONGEST_SENTENCE] if isinstance(value, str) else number(value)


def shown(value: float | str, limit: float | str | None = None) -> str:
    """A measured value for a sentence: two decimals, more only where it would look equal to its limit and is not."""
    if isinstance(value, str) or float(value).is_integer():
        return str(measured(value))
    for decimals in (2, 3, 4):
        text = f"{value:.{decimals}f}"
        if float(text) and (limit is None or value == limit or text != _plain(limit, decimals)):
            return text
    return f"{value:.{DECIMALS}f}"


def _plain(limit: float | str, decimals: int) -> str:
    return limit if isinstance(limit, str) else f"{limit:.{decimals}f}"


@functools.lru_cache(maxsize=1_024)
def path_text(path: bytes) -> tuple[str, str | None]:
    r"""A path as text, bytes that are no UTF-8 as ``\xNN``, and then its hex digits beside it."""
    try:
        return path.decode(), None
    except UnicodeDecodeError:
        return path.decode("utf-8", "backslashreplace"), path.hex()


def visible(text: str) -> str:
    """Text from outside for a sentence: what does not print is named, so that it cannot forge a line."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else f"<U+{ord(sign):04X}>" for sign in text)


def ascii_json(block: Mapping[str, Any] | list[Any]) -> bytes:
    """A block as the standard library writes it in ASCII, by msgspec where that writes the same.

    The two differ in what is not ASCII, in DEL, in numbers below 1e-4 or with an exponent, and in those that JSON has
    not, which msgspec calls null: a block in which such a thing may stand is written again. The block must be of JSON
    values (msgspec would write a date or a set, too). Raises ValueError for a number that JSON has not.
    """
    try:
        data = _FAST_JSON.encode(block)
    except (TypeError, ValueError):  # no JSON value, or text that is no Unicode
        data = b"null"
    differs = not data.isascii() or b"null" in data or b"0.0000" in data or b"\x7f" in data or _EXPONENT.search(data)
    return _JSON.encode(block).encode("ascii") if differs else data


def header(context: Context, at: dt.datetime, message: str, level: str = "info") -> dict[str, Any]:
    """The fields that begin every event."""
    return {
        "@timestamp": instant(at),
        "log": {"level": level, "logger": "winnowd.audit"},
        "ecs": {"version": ECS},
        "message": message,
        "event": {"id": context.id, "sequence": context.sequence, "kind": "event"},
        "service": {"name": "winnowd", "version": context.version, "node": {"name": context.node}},
        "process": {"pid": context.pid},
        "host": {"name": context.node},
    }


DATASET: Final = {"dataset": "winnowd.audit", "module": "winnowd", "provider": "winnowd"}
