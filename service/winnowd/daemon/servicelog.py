"""The service's own log (structlog): what it does, never what it decided; that is the audit log's.

Under systemd fields in journald's own protocol, or where that is out of reach one line with its priority and key=value
pairs; on a terminal the same without the priority; else, and always in a file, JSON. Text from outside enters only as
values, made printable, and escaped by structlog's own renderers: a name forges neither a key nor a line. A log that
takes no line (its disk is full, its reader gone) loses lines and counts them; it never stops the service.
"""

from __future__ import annotations

import errno
import json
import os
import sys
from typing import TYPE_CHECKING, Any, Final, TextIO

import structlog

from winnowd.daemon.journal import SOCKET, JournalSink, fields_of, is_journal
from winnowd.views.escape import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, MutableMapping
    from pathlib import Path

    from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

    Renderer = Callable[[WrappedLogger, str, EventDict], str]

_PRIORITIES: Final = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}
_LONGEST: Final = 4_096
_SHORTEST_CUT: Final = 32
_JSON: Final = json.JSONEncoder(default=repr)
_APPEND: Final = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC


class StreamSink:
    """Lines to a stream, stderr as a rule."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def put(self, line: str) -> None:
        """Write one line.

        Raises:
            OSError: its reader is gone.
        """
        self._stream.write(line)
        self._stream.flush()

    def reopen(self) -> None:
        """Nothing: whoever reads the stream cares for where it goes."""


class FileSink:
    """Lines to the end of a file, each in one write; after it was renamed away, ``reopen`` makes a new one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor = os.open(path, _APPEND, 0o640)

    def put(self, line: str) -> None:
        """Write one line.

        Raises:
            OSError: the disk is full or broken.
        """
        content = line.encode("ascii", "backslashreplace")
        written = os.write(self._descriptor, content)
        if written < len(content):  # the disk is full in the middle of it: half a line would spoil the next
            os.ftruncate(self._descriptor, os.fstat(self._descriptor).st_size - written)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def reopen(self) -> None:
        """Go on in the file that now has the name; until then lines went on into the one renamed.

        Raises:
            OSError: it cannot be opened; lines go on into the old one.
        """
        fresh = os.open(self._path, _APPEND, 0o640)
        os.dup2(fresh, self._descriptor, inheritable=False)
        os.close(fresh)


class Lines:
    """What structlog writes through: one sink, and how many lines it would not take."""

    def __init__(self, sink: StreamSink | FileSink | JournalSink) -> None:
        self.sink = sink
        self.lost = 0

    def msg(self, line: str) -> None:
        """Write one line; one that cannot be written is counted, and the count told before the next."""
        try:
            if self.lost:
                self.sink.put(f'{{"event": "lines lost", "lines": {self.lost}}}\n')
                self.lost = 0
            self.sink.put(f"{line}\n")
        except (OSError, ValueError):  # ValueError: the stream was closed
            self.lost += 1

    debug = info = warning = error = critical = msg


def service_log(
    stream: TextIO | None = None,
    environ: Mapping[str, str] | None = None,
    least: str = "info",
    *,
    lines: Lines | None = None,
) -> FilteringBoundLogger:
    """A logger for this process; ``JOURNAL_STREAM`` in the environment tells that systemd listens.

    ``least``: the lowest level that is written; ``lines``: instead of a stream, as ``log_lines`` gives them.
    """
    stream = sys.stderr if stream is None else stream
    environ = os.environ if environ is None else environ
    renderer: Renderer
    if lines is not None:
        renderer = _json_line
    elif is_journal(stream, environ) and SOCKET.exists():
        renderer, lines = _native_line, Lines(JournalSink(SOCKET))
    elif "JOURNAL_STREAM" in environ:
        renderer = _journal_line
    elif stream.isatty():
        renderer = _plain_line
    else:
        renderer = _json_line
    logger: FilteringBoundLogger = structlog.wrap_logger(
        lines or Lines(StreamSink(stream)),
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


def log_lines(path: Path) -> Lines:
    """Lines into a file; ``lines.sink.reopen()`` after it was renamed away.

    Raises:
        OSError: it cannot be opened.
    """
    return Lines(FileSink(path))


def _cut(renderer: Renderer) -> Renderer:
    """Lines of at most 4 KiB: the longest value is halved, and marked, until it fits."""

    def line(logger: WrappedLogger, name: str, event: EventDict) -> str:
        said = renderer(logger, name, dict(event))
        while len(said) > _LONGEST:
            longest = max(event, key=lambda key: len(str(event[key])))
            text = str(event[longest])
            if len(text) < _SHORTEST_CUT:
                return said[:_LONGEST]
            event[longest] = text[: len(text) // 2].removesuffix("...") + "..."
            said = renderer(logger, name, dict(event))
        return said

    return line


def _printable_values(_: WrappedLogger, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, bytes):
            value = value.decode("utf-8", "backslashreplace")  # noqa: PLW2901 - the printable form of the value
        if isinstance(value, str):
            event[key] = printable(value)
    return event


def _json_line(_: WrappedLogger, __: str, event: EventDict) -> str:
    return _JSON.encode(event)


_pairs: Final = structlog.processors.LogfmtRenderer(bool_as_flag=False)


def _journal_line(logger: WrappedLogger, name: str, event: EventDict) -> str:
    event.pop("timestamp")  # the journal has its own
    said, level = event.pop("event"), event.pop("level", name)
    return f"<{_PRIORITIES.get(level, 6)}>{said} {_pairs(logger, name, event)}".rstrip(" ")


def _native_line(logger: WrappedLogger, name: str, event: EventDict) -> str:
    event.pop("timestamp")  # the journal has its own
    said, level = str(event.pop("event")), event.pop("level", name)
    message = f"{said} {_pairs(logger, name, dict(event))}".rstrip(" ")
    return fields_of(message, said, _PRIORITIES.get(level, 6), event)


def _plain_line(logger: WrappedLogger, name: str, event: EventDict) -> str:
    at, said, level = event.pop("timestamp"), event.pop("event"), event.pop("level", name)
    return f"{at[11:19]} {level:<7} {said} {_pairs(logger, name, event)}".rstrip(" ")
