"""What an order's event vouches for beside what it says: how the record stands, its row, the page about it. Pure."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, NamedTuple

from winnowd.event.kept import standing_digest, text_digest

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from winnowd.model import Standing, StoredDecision


class Then(NamedTuple):
    """What an order makes of a record, as far as its event does not say it.

    ``codes`` None: those it has; ``row``: its row of the index, by the number of the event, if it gets one; ``page``:
    the path of the page that tells of the order; ``forgotten``: not even the hash of its text is kept.
    """

    standing: Standing | None = None
    root: int | None = None
    codes: Sequence[str] | None = None
    row: Callable[[int], str] | None = None
    page: str = ""
    forgotten: bool = False


def kept_after(
    stored: StoredDecision, then: Then, sequence: int, *, became: str, location: str, page: bytes
) -> dict[str, Any]:
    """The digests of it; ``location``: the home that the ledger has for it."""
    standing = None if then.standing is None else then.standing.value
    codes = stored.codes if then.codes is None else then.codes
    sha256 = None if then.forgotten else stored.text_sha256
    kept: dict[str, Any] = {
        "stands": standing_digest(stored.number, became, standing, then.root, codes, location, sha256)
    }
    if then.row is not None:
        kept["row"] = text_digest(then.row(sequence))
    if then.page:
        kept["page"] = {"path": then.page, "sha256": hashlib.sha256(page).hexdigest(), "bytes": len(page)}
    return kept
