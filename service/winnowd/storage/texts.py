"""The cleaned texts of known articles: from ``seeds/``, or from the ledger for what is not in the corpus."""

from __future__ import annotations

import errno
import hashlib
from typing import TYPE_CHECKING, Final

from winnowd.storage import packed

if TYPE_CHECKING:
    from winnowd.storage.disk import Disk
    from winnowd.storage.ledger.articles import Articles


_GONE: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.EBADMSG})
"""Nothing is there, or something else. Other errors are the machine's: they pass, and may not change a decision."""


class StoredTexts:
    """Port ``Texts`` of originality."""

    def __init__(self, disk: Disk, articles: Articles) -> None:
        self._disk = disk
        self._articles = articles

    def of(self, number: int) -> str | None:
        """A text; None if it is gone, or is no longer the one that was admitted.

        Raises:
            OSError: it cannot be read now.
        """
        location = self._articles.location(number)
        if location is None:
            return self._articles.held_text(number)
        path, sha256 = location
        try:
            content = packed.read(self._disk.name(path))
        except OSError as fault:
            if fault.errno in _GONE:
                return None
            raise
        return content.decode() if hashlib.sha256(content).hexdigest() == sha256 else None
