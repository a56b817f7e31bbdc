"""By what the lines of the audit log are chained: the link in each line, and HEAD.json, which names the last."""

from __future__ import annotations

import errno
import json
import os
import re
from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

FIRST: Final = "0" * 64
"""What the first line names as the line before."""

_PREV: Final = re.compile(rb'"chain":\{"prev":"([0-9a-f]{64})"\}\}\}\Z')
_TAIL: Final = -85
"""Where the chain begins in a line."""
_SEQUENCE: Final = re.compile(rb'"sequence":(\d{1,19}),"kind":"event"')


class Head(NamedTuple):
    """What HEAD.json says of the log's last line: number, hash, and the file it stands in; number 0 if it is broken."""

    sequence: int = 0
    sha256: str = ""
    file: str = ""


def head_of(path: Path) -> Head | None:
    """What the HEAD.json at ``path`` says, None if there is none."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            content = file.read()
    except FileNotFoundError:
        return None
    except OSError as fault:
        if fault.errno in {errno.EISDIR, errno.ELOOP}:
            return Head()
        raise
    try:
        said = json.loads(content)
        return Head(int(said["sequence"]), str(said["sha256"]), str(said.get("file", "")))
    except (ValueError, KeyError, TypeError):
        return Head()


class Link(NamedTuple):
    """By what a line is chained: its number, and the hash of the line before it."""

    sequence: int
    prev: str


def link_of(line: bytes) -> Link | None:
    """The link of a line (without its line break); None if it is no event of the audit log."""
    prev, number = _PREV.match(line[_TAIL:]), _SEQUENCE.search(line)
    return None if prev is None or number is None else Link(int(number[1]), prev[1].decode())
