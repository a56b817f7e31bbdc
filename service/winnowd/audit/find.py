"""The history of one record, by whatever one knows of it: id, arrival, file name, or the beginning of any of these."""

from __future__ import annotations

import json
import re
from collections import deque
from typing import TYPE_CHECKING, Any, Final

from winnowd.audit.pieces import holding
from winnowd.layout import below_inbox

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from winnowd.audit.reader import Log, Logged

_RECORD: Final = re.compile(r"[0-9a-f]{4,16}-\d*")
_MOST: Final = 2_000
"""Lines kept of those that hold a key: whatever holds a record's name is among them, if the key is a piece of it."""
_EXACT: Final = 0
_BEGINNING: Final = 1
_PIECE: Final = 2
_NOT: Final = 3


def name_of(event: Mapping[str, Any]) -> str | None:
    """What commands call the record of an event: the article's id, else ``<arrival>-<record>``; None if it has none."""
    ours = event.get("winnowd", {})
    if "article" in ours:
        return str(ours["article"]["id"])
    if "arrival" in ours and "record" in ours["arrival"]:
        return f"{ours['arrival']['id']}-{ours['arrival']['record']}"
    return None


def find(log: Log, key: str) -> dict[str, list[Logged]]:
    """The events of each record that a key fits, oldest first, by the record's name.

    A key that is a whole id or file name beats a beginning, and that a piece of a file name. One entry: the key is
    unique; none: nothing fits; several: they are to be listed. Orders and later decisions on the same text are in it.
    """
    key = below_inbox(key)
    needles = _needles([key])
    kept: deque[tuple[Logged, Mapping[str, Any]]] = deque(maxlen=_MOST + 1)

    def fitting() -> Iterator[Mapping[str, Any]]:
        for one in _with(log, needles):
            kept.append(one)
            yield one[1]

    found: dict[str, list[Logged]] = {name: [] for name in best_fitting(fitting(), key)}
    is_all_read = len(kept) <= _MOST and all(needles[0] in needle for needle in _needles(found))
    for logged, event in kept if is_all_read else _with(log, _needles(found)):
        if (name := name_of(event)) in found:
            found[str(name)].append(logged)
    return found


def best_fitting(events: Iterable[Mapping[str, Any]], key: str) -> list[str]:
    """The names of the records of the events that a key fits best: whole, else their beginning, else a piece."""
    best, names = _NOT, dict[str, None]()
    for event in events:
        name = name_of(event)
        fit = fit_of(event, key)
        if name is None or fit > best or fit == _NOT:
            continue
        if fit < best:
            best, names = fit, {}
        names[name] = None
    return list(names)


def _needles(names: Iterable[str]) -> list[str]:
    """What a line of these records must hold: of ``<arrival>-<record>`` the arrival, else the name itself."""
    return [name.partition("-")[0] if _RECORD.fullmatch(name) else name for name in names]


def _with(log: Log, needles: list[str]) -> Iterator[tuple[Logged, Mapping[str, Any]]]:
    """The events whose line holds one of these texts; only these lines are parsed, broken ones left out."""
    sought = [json.dumps(needle)[1:-1].encode() for needle in needles if needle]
    for logged in holding(log, log.days(), sought):
        try:
            yield logged, logged.event()
        except ValueError:
            continue


def fit_of(event: Mapping[str, Any], key: str) -> int:
    """How well a key fits an event's record: 0 a whole name of it, 1 a beginning, 2 a piece of its path, 3 not.

    The beginning of an arrival with a record's whole number (``514e28b7-600``) is a beginning.
    """
    ours, file = event.get("winnowd", {}), event.get("file", {})
    arrival = ours.get("arrival", {})
    names = [
        ours.get("article", {}).get("id", ""),
        arrival.get("id", ""),
        f"{arrival['id']}-{arrival['record']}" if "record" in arrival else "",
        file.get("name", ""),
        below_inbox(file.get("path", "")),
    ]
    if key in names:
        return _EXACT
    begun, dash, record = key.partition("-")
    is_its_record = (
        bool(dash and begun) and arrival.get("id", "").startswith(begun) and str(arrival.get("record")) == record
    )
    if is_its_record or any(name.startswith(key) for name in names):
        return _BEGINNING
    return _PIECE if key in names[-1] else _NOT
