"""What each day of the log adds up to: its rollup where one is believed, made and kept where the log is ours."""

from __future__ import annotations

import functools
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from winnowd.audit import rollup
from winnowd.layout import rollup_file
from winnowd.storage.rollups import is_ours, keep

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from winnowd.audit.reader import Log
    from winnowd.audit.rollup import Rollup


def rollups(
    log: Log, files: Sequence[str], codes: Collection[str] = (), *, copies: bool = False, owned: bool = False
) -> Iterator[tuple[str, Rollup | None]]:
    """Each of these files with its rollup, or None where its lines must be read.

    ``owned``: the log is an instance's own and no copy: what is missing is made, and kept for the next who asks, if
    its folder belongs to who runs this.
    """
    read = functools.partial(_read, log, codes=codes, copies=copies)
    with ThreadPoolExecutor(2) as pool:  # hashing lets other threads work
        for file, found in zip(files, pool.map(read, files), strict=True):
            made = _made(log, file) if found is None and owned and file.endswith(".gz") else None
            yield file, found or made


def _read(log: Log, file: str, *, codes: Collection[str], copies: bool) -> Rollup | None:
    return rollup.read(log, file, codes, copies=copies) if file.endswith(".gz") else None


def _made(log: Log, file: str) -> Rollup | None:
    path = log.path(rollup_file(file))
    made = rollup.rolled_up(log, file) if is_ours(path.parent) else None
    if made is not None:
        keep(path, made.packed())
    return made
