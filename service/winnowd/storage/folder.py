"""The files of a folder that somebody names, those of its sub-folders too; no link is followed."""

from __future__ import annotations

import fnmatch
import os
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


def files_in(folder: str, ignored: Sequence[str]) -> Iterator[str]:
    """All that is no folder, by name in each folder; ``ignored`` are glob patterns of names.

    Raises:
        OSError: a folder may not be read.
    """
    is_ignored = re.compile("|".join(fnmatch.translate(one) for one in ignored) or r"(?!)").match
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: os.fsencode(entry.name))
    below: list[str] = []
    for entry in found:
        if is_ignored(entry.name):
            continue
        if entry.is_dir(follow_symlinks=False):
            below.append(entry.path)
        else:
            yield entry.path
    for path in below:
        yield from files_in(path, ignored)
