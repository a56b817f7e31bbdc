"""Lines in journald's own protocol, a datagram each: every value is a field that ``journalctl`` can ask for.

``MESSAGE_ID`` is one for each kind of line (the words that begin it), the same on every machine. The unit that a line
belongs to journald finds by who sent it; of a process that has sent lines before it remembers that after its end.

Source: systemd, "Native Journal Protocol"; ``systemd.journal-fields(7)``.
"""

from __future__ import annotations

import os
import re
import socket
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import TextIO

SOCKET: Final = Path("/run/systemd/journal/socket")
_KINDS: Final = uuid.UUID("5f0e9c1b-1c52-4d8c-9a55-2b8c0f1d7a3e")
"""The namespace of our message ids; drawn once, never to be changed."""
_FIELD_NAME: Final = re.compile(r"[^A-Z0-9_]")


class JournalSink:
    """Datagrams to journald, each by a socket of its own: whoever serves that path may be begun anew at any time."""

    def __init__(self, path: Path = SOCKET) -> None:
        self._path = str(path)

    def put(self, line: str) -> None:
        """Send one line, as ``fields_of`` gives it; what has no fields is a message alone.

        Raises:
            OSError: nobody listens, or the journal is full: it must not hold up the service.
        """
        line = line.rstrip("\n")
        fields = line if line.startswith("MESSAGE=") else f"MESSAGE={line}\nSYSLOG_IDENTIFIER=winnowd"
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sending:
            sending.setblocking(False)
            sending.sendto(f"{fields}\n".encode("utf-8", "backslashreplace"), self._path)

    def reopen(self) -> None:
        """Nothing: journald keeps its own files."""


def is_journal(stream: TextIO, environ: Mapping[str, str]) -> bool:
    """Whether journald reads this very stream: ``JOURNAL_STREAM`` names its device and inode."""
    try:
        at = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return environ.get("JOURNAL_STREAM") == f"{at.st_dev}:{at.st_ino}"


def message_id(said: str) -> str:
    """The id of a kind of line: 32 hex digits."""
    return uuid.uuid5(_KINDS, said).hex


def fields_of(message: str, said: str, priority: int, values: Mapping[str, object]) -> str:
    """One line as a datagram's text; no value may hold a line end (``views.escape.printable`` leaves none)."""
    fields = {
        "MESSAGE": message,
        "PRIORITY": priority,
        "SYSLOG_IDENTIFIER": "winnowd",
        "MESSAGE_ID": message_id(said),
        **{f"WINNOWD_{_FIELD_NAME.sub('_', key.upper())}": _flat(value) for key, value in values.items()},
    }
    return "".join(f"{name}={value}\n" for name, value in fields.items())


def _flat(value: object) -> str:
    return " ".join(str(value).splitlines())
