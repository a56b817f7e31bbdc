"""Evidence where the log says that it stands: a line of a batch's file, or a file of its own in older instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winnowd.storage import packed

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
        if "offset" not in named:
            return packed.read(path)
        found = packed.part(path, named["offset"], named["bytes"] + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    return found[:-1] if found.endswith(b"\n") else found


def is_blank(found: bytes) -> bool:
    """Whether a line was erased: blanks are all that is left."""
    return not found.strip(b" ")


def slot_of(named: Mapping[str, Any]) -> tuple[str, int | None]:
    """By what an event and the order that erased it name the same evidence."""
    return str(named["path"]), named.get("offset")
