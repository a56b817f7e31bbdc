"""The cleaned texts of known articles: from ``seeds/``, or from the ledger for what is not in the corpus."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from winnowd.storage.disk import Disk
    from winnowd.storage.ledger.articles import Articles


class StoredTexts:
    """Port ``Texts`` of originality."""

    def __init__(self, disk: Disk, articles: Articles) -> None:
        self._disk = disk
        self._articles = articles

    def of(self, number: int) -> str | None:
        """A text; None if it is gone, or no longer the one that was admitted."""
        home = self._articles.home(number)
        if home is None:
            return self._articles.held_text(number)
        path, sha256 = home
        try:
            content = self._disk.path(path).read_bytes()
        except FileNotFoundError:
            return None
        return content.decode() if hashlib.sha256(content).hexdigest() == sha256 else None
