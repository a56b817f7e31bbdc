"""An order: what it says, which records it may be given for, and what working it out asks of the world. Pure."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol

from winnowd.model import Outcome

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence

    from winnowd.event import Context, Operator
    from winnowd.model import Examination, Finding, IndexedArticle, Judged, KeptFile, Prepared, StoredDecision

ADMITTED: Final = Outcome.ADMITTED.value
RETRACTED: Final = "retracted"
ERASED: Final = "erased"
_HELD: Final = frozenset({Outcome.QUARANTINED.value, Outcome.REJECTED.value})
FROM: Final[dict[str, frozenset[str]]] = {
    "release": _HELD,
    "confirm": frozenset({Outcome.QUARANTINED.value}),
    "retract": frozenset({ADMITTED}),
    "restore": frozenset({*_HELD, ADMITTED, RETRACTED}),
    "erase": frozenset({*_HELD, ADMITTED, RETRACTED}),
}
"""The outcomes that an order may be given for."""
CHANGED: Final = "SYS948"


class RefusedError(Exception):
    """An order that cannot be carried out, why, in one sentence for the person who gave it, and by which code."""

    def __init__(self, because: str, code: str = "SYS933") -> None:
        super().__init__(because)
        self.code = code


class NoSuchError(RefusedError):
    """No record is meant by a target, or any of several: ``found``."""

    def __init__(self, because: str, found: int) -> None:
        super().__init__(because)
        self.found = found


@dataclasses.dataclass(frozen=True, slots=True)
class Order:
    """What somebody wants done; ``replace``: the admitted twin is retracted; ``forget``: its digests go as well.

    ``undoes``: the order that a restore takes back, and no later one; None for whichever was last. ``was``: the outcome
    that a record must have still; None for any that the order is for.
    """

    id: str
    action: str
    operator: Operator
    replace: bool = False
    forget: bool = False
    sure: bool = False
    undoes: str | None = None
    was: str | None = None


def may_be_for(order: Order, stored: StoredDecision) -> bool:
    """Whether a record is in a state that the order asks for; what an erased one is still known by can be forgotten."""
    if order.action == "erase" and order.forget and stored.outcome == ERASED:
        return stored.text_sha256 is not None
    return stored.outcome in FROM[order.action] and order.was in {None, stored.outcome}


def why_not(order: Order, stored: StoredDecision) -> str:
    """Why an order may not be for a record, in one sentence."""
    if order.was not in {None, stored.outcome}:
        return f"{stored.name} is {stored.outcome} now, and was {order.was} when that was ordered"
    return f"{stored.name} is {stored.outcome}; {order.action} is for what is {' or '.join(sorted(FROM[order.action]))}"


class Files(Protocol):
    """What is kept of decisions."""

    def indexed(self, number: int) -> IndexedArticle | None:
        """The article with its fingerprint."""
        ...

    def text(self, number: int) -> str | None:
        """Its cleaned text."""
        ...

    def row(self, number: int) -> Mapping[str, Any] | None:
        """The index row that it has, or would have."""
        ...

    def stored(self, number: int) -> StoredDecision | None:
        """How a decision stands."""
        ...

    def before(self, number: int) -> tuple[int, Mapping[str, Any]] | None:
        """The sequence of the last order on a decision, and how it stood before."""
        ...

    def is_whole(self, stored: StoredDecision, text: str) -> bool:
        """Whether a text is the one that was decided on."""
        ...

    def kept(self, stored: StoredDecision) -> Sequence[KeptFile] | None:
        """All files that hold something of it; None if not all can be told."""
        ...

    def changed_by(self, order: str, number: int) -> bool:
        """Whether an order was carried out on a decision already."""
        ...

    def admitted(self, text_sha256: str) -> int | None:
        """The number of the corpus article of this very text."""
        ...


class Gate(Protocol):
    """Originality, asked about an article that it knows, and told of what becomes of it."""

    def examine(self, prepared: Prepared, without: frozenset[int] = frozenset()) -> Examination:
        """What it says, those numbers left out."""
        ...

    def remember(self, indexed: IndexedArticle, text: str | None = None) -> None:
        """How an article stands now."""
        ...

    def committed(self) -> None:
        """What was remembered is committed."""
        ...

    def forget(self, numbers: Iterable[int] | None) -> None:
        """Ask anew what these, or all, are: they have changed."""
        ...


class Supersession(NamedTuple):
    """An article's place is taken ``by`` another, as the ``note`` of that says; the line that tells it is not closed.

    ``location``: where the article lies from now on; ``context``: of the event.
    """

    stored: StoredDecision
    by: Judged
    note: Finding
    order: Order
    at: dt.datetime
    location: str
    context: Context
