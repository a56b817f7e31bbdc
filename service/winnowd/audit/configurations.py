"""The configurations that were in force, as the events of the log tell them: settings and limits by their SHA-256."""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from winnowd.audit.reader import Logged

_STARTUP: Final = b'"action":"startup"'
_CHANGE: Final = b'"action":"config-change"'


class Configuration(NamedTuple):
    """One configuration, and the event that first put it in force.

    ``settings`` are by their full names, as a file would have them ("off" for None); None if no event tells all of
    them. ``limits`` are by code, as ``event.in_force`` gives them.
    """

    sha256: str
    sequence: int
    at: str
    settings: Mapping[str, Any] | None
    limits: Mapping[str, Mapping[str, Any]]


def configurations(lines: Iterable[Logged]) -> dict[str, Configuration]:
    """All configurations that these lines put in force, oldest first; lines that are no events are left out."""
    found: dict[str, Configuration] = {}
    for logged in lines:
        note(found, logged)
    return found


def note(found: dict[str, Configuration], logged: Logged) -> None:
    """Add the configuration that a line puts in force to those before it, if it puts one in force.

    A change tells what is new alone: the rest is that of the one before.
    """
    if _STARTUP in logged.line or _CHANGE in logged.line:
        with contextlib.suppress(ValueError, KeyError, TypeError):
            _note(found, logged.event())


def _note(found: dict[str, Configuration], event: Mapping[str, Any]) -> None:
    ours, happened = event["winnowd"], event["event"]
    if happened["action"] not in {"startup", "config-change"} or happened["outcome"] != "success":
        return
    sha256 = str(ours["config"]["sha256"])
    settings = _whole(sha256, ours.get("settings") or _changed(found, ours))
    before = found.get(sha256)
    if before is None:
        found[sha256] = Configuration(
            sha256, int(happened["sequence"]), str(event["@timestamp"]), settings, ours.get("limits", {})
        )
    elif before.settings is None and settings is not None:
        found[sha256] = before._replace(settings=settings)


def _changed(found: Mapping[str, Configuration], ours: Mapping[str, Any]) -> Mapping[str, Any] | None:
    before = found.get(str(ours.get("config_before", {}).get("sha256")))
    if before is None or before.settings is None:
        return None
    return {**before.settings, **{name: one["new"] for name, one in ours.get("changed", {}).items()}}


def _whole(sha256: str, settings: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """The settings if they are all of them: an event may have been cut, or tell a part."""
    if settings is None:
        return None
    canonical = json.dumps(settings, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return settings if hashlib.sha256(canonical.encode()).hexdigest() == sha256 else None
