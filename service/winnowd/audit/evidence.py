"""Evidence where the log says that it stands: a line of a batch's file, or a file of its own in older instances."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def evidence_at(path: Path, named: Mapping[str, Any]) -> bytes | None:
    """The bytes that an event names, in the file at ``path``; None if there is none.

    A line without its LF does not end there.

    Raises:
        OSError: it cannot be read, or is a link (ELOOP).
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):
        return None
    with open(descriptor, "rb") as file:
        if "offset" not in named:
            return file.read()
        file.seek(named["offset"])
        found = file.read(named["bytes"] + 1)
    return found[:-1] if found.endswith(b"\n") else found


def is_blank(found: bytes) -> bool:
    """Whether a line was erased: blanks are all that is left."""
    return not found.strip(b" ")


def slot_of(named: Mapping[str, Any]) -> tuple[str, int | None]:
    """By what an event and the order that erased it name the same evidence."""
    return str(named["path"]), named.get("offset")
