"""Originals that were kept, prepared once more: the same text, if the program still cleans it so."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from winnowd.model import Source
from winnowd.storage.originals import ChangedWhileReadError, NotAFileError, Original

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator
    from pathlib import Path

    from winnowd.model import Prepared
    from winnowd.prepare import Preparer


def reread(preparer: Preparer, path: Path, event_file: tuple[str, dt.datetime, str]) -> Iterator[Prepared]:
    """The records of a kept original, in order; none of what is no file any more, or cannot be read to its end."""
    name, received_at, feed = event_file
    try:
        original = Original(str(path))
    except (NotAFileError, OSError):
        return
    try:
        yield from preparer.prepare(Source(name, original.size, received_at, original.chunks, feed))
    except (ChangedWhileReadError, OSError):
        return
    finally:
        original.close()


def reread_text(
    preparer: Preparer, path: Path, event_file: tuple[str, dt.datetime, str], record: int
) -> tuple[str, str] | None:
    """The SHA-256 and the text of one record of a kept original; ``event_file``: its name, when, its feed."""
    for prepared in itertools.islice(reread(preparer, path, event_file), record, record + 1):
        if prepared.article is not None:
            return prepared.text_sha256, prepared.article.text
    return None
