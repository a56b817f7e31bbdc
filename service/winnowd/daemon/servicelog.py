"""The service's own log (structlog, on stderr): what it does, never what it decided; that is the audit log's.

Under systemd one line with its priority and key=value pairs, on a terminal the same without the priority, else JSON.
Text from outside enters only as values, made printable.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING, Any, Final, TextIO

import structlog

from winnowd.views.escape import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping

    from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

    Renderer = Callable[[WrappedLogger, str, EventDict], str]

_PRIORITIES: Final = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
_LONGEST: Final = 4_096


def service_log(
    stream: TextIO | None = None, environ: Mapping[str, str] | None = None, least: str = "info"
) -> FilteringBoundLogger:
    """A logger for this process; ``JOURNAL_STREAM`` in the environment tells that systemd listens.

    ``least``: the lowest level that is written.
    """
    stream = sys.stderr if stream is None else stream
    environ = os.environ if environ is None else environ
    renderer: Renderer
    if "JOURNAL_STREAM" in environ:
        renderer = _journal_line
    elif stream.isatty():
        renderer = _plain_line
    else:
        renderer = _json_line
    logger: FilteringBoundLogger = structlog.wrap_logger(
        structlog.WriteLogger(stream),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _printable_values,
            _cut(renderer),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(least),
    )
    return logger


def _cut(renderer: Renderer) -> Renderer:
    def line(logger: WrappedLogger, name: str, event: EventDict) -> str:
        return renderer(logger, name, event)[:_LONGEST]

    return line


def _printable_values(_: WrappedLogger, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, bytes):
            value = value.decode("utf-8", "backslashreplace")  # noqa: PLW2901 - the printable form of the value
        if isinstance(value, str):
            event[key] = printable(value)
    return event


def _json_line(_: WrappedLogger, __: str, event: EventDict) -> str:
    return json.dumps(event, ensure_ascii=True, default=repr)


def _pairs(event: EventDict) -> str:
    return " ".join(f"{key}={_quoted(value)}" for key, value in event.items())


def _quoted(value: object) -> str:
    text = str(value)
    return f'"{text}"' if " " in text or not text else text


def _journal_line(_: WrappedLogger, name: str, event: EventDict) -> str:
    event.pop("timestamp")  # the journal has its own
    said, level = event.pop("event"), event.pop("level", name)
    return f"<{_PRIORITIES.get(level, 6)}>{said} {_pairs(event)}".rstrip()


def _plain_line(_: WrappedLogger, name: str, event: EventDict) -> str:
    at, said, level = event.pop("timestamp"), event.pop("event"), event.pop("level", name)
    return f"{at[11:19]} {level:<7} {said} {_pairs(event)}".rstrip()
