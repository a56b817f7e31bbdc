"""Deciding: what a form asks for becomes orders, as any command's would; the service carries them out."""

from __future__ import annotations

import dataclasses
import functools
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from winnowd.operations.orders import MOST_AT_ONCE, awaited, give_order
from winnowd.operations.second_look import is_served
from winnowd.web.frame import Given

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from starlette.requests import Request

    from winnowd.operations.orders import Action
    from winnowd.web.frame import Site

PATIENCE: Final = 2.0
"""Seconds that an order is waited for; whoever decides must not wait longer to see the next."""
MOST_REFUSALS: Final = 5
_ORDER: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FITS: Final = re.compile(r"[0-9a-f]{8,32}(?:-[0-9]{1,9})?")
_ACTIONS: Final[Mapping[str, tuple[Action, bool]]] = {
    "confirm": ("confirm", False),
    "release": ("release", False),
    "replace": ("release", True),
    "retract": ("retract", False),
    "restore": ("restore", False),
    "erase": ("erase", False),
}
_REASONS: Final[Mapping[str, str]] = {
    "confirm": "seen on the page: rightly held",
    "release": "seen on the page: to be kept",
    "replace": "seen on the page: better than the original",
    "retract": "seen on the page: does not belong into the corpus",
    "restore": "taken back on the page",
    "erase": "erased on the page",
}
"""What is written down where somebody gives no reason of their own."""


class NoSuchActionError(Exception):
    """A form asks for what is no action, or of what is no record."""


class NotGivenError(Exception):
    """The disk does not take an order; the text says why, and how many of the records were ordered before."""

    def __init__(self, because: str, before: int, meant: int) -> None:
        stands = f"Of {meant:,} records, {before:,} were ordered before." if before else "Nothing was decided."
        super().__init__(f"The order could not be given: {because}. {stands}")


@dataclasses.dataclass(frozen=True, slots=True)
class CarriedOut:
    """What became of what was decided, for the line above the next page.

    ``action`` is "" where it is not known any more; ``outcomes``: how many records are what now; ``waits``: orders that
    are not carried out yet; ``refused``: how many, and the first reasons.
    """

    order: str
    action: str
    outcomes: Mapping[str, int]
    records: Sequence[str]
    waits: int
    refused: int
    reasons: Sequence[str]

    @property
    def may_be_undone(self) -> bool:
        """Whether there is something to take back."""
        return bool(self.records) and self.action not in {"restore", "erase"}


def decide(
    site: Site, request: Request, action: str, targets: Sequence[str], *,
    reason: str = "", forget: bool = False, waits: bool = False,
) -> str:  # fmt: skip
    """Give the orders for it, of at most 500 records each, and wait a moment; gives the first one's id.

    ``targets``: records (``<arrival>-<record>``), or the id of a text; ``waits``: they were seen as records that wait,
    and only as such are they meant.

    Raises:
        NoSuchActionError: it is no action, or they are no records.
        UnfitOrderError: the reason is none.
        NotGivenError: the disk does not take an order.
    """
    if action not in _ACTIONS or not targets or not all(map(is_target, targets)):
        raise NoSuchActionError(action)
    order, replace = _ACTIONS[action]
    give = functools.partial(
        give_order, site.instance_dir, order, reason=" ".join(reason.split()) or _REASONS[action],
        flags={"replace": replace, "forget": forget, "yes": order == "erase"}, via="web", user=str(request.state.user),
        was="quarantined" if waits else None,
    )  # fmt: skip
    parts = [targets[at : at + MOST_AT_ONCE] for at in range(0, len(targets), MOST_AT_ONCE)]
    return _give(site, action, [(len(part), functools.partial(give, part)) for part in parts])


def is_target(key: str) -> bool:
    """Whether a key may name a record, or a text, to an order of ours."""
    return _FITS.fullmatch(key) is not None


def undo(site: Site, request: Request, order: str) -> str:
    """Take back an order and those given with it, each by an order of its own; gives the first one's id, "" of none.

    What was changed since, by whomever, is refused when they are carried out.

    Raises:
        NotGivenError: the disk does not take an order.
    """
    given = site.given(order) or Given("", 0, (order,))
    give = functools.partial(
        give_order, site.instance_dir, "restore", reason=_REASONS["restore"], via="web", user=str(request.state.user)
    )
    changed = [(_changed(awaited(site.instance_dir, one) or ()), one) for one in given.orders]
    parts = [(len(records), functools.partial(give, records, undoes=one)) for records, one in changed if records]
    return _give(site, "restore", parts) if parts else ""


def _give(site: Site, action: str, parts: Sequence[tuple[int, Callable[[], str]]]) -> str:
    """Give orders, each on so many records; wait a moment, and give the first one's id."""
    given: list[str] = []
    counts = [count for count, _ in parts]
    for _, give in parts:
        try:
            given.append(give())
        except OSError as fault:
            because = fault.strerror or type(fault).__name__
            raise NotGivenError(because, sum(counts[: len(given)]), sum(counts)) from fault
    site.keep_given(Given(action, sum(counts), tuple(given)))
    if is_served(site.instance_dir):
        awaited(site.instance_dir, given[-1], PATIENCE)
    return given[0]


def _changed(results: Iterable[Mapping[str, Any]]) -> list[str]:
    """The records that were changed, each once."""
    return list(dict.fromkeys(str(one["record"]) for one in results if one["state"] == "done"))


def carried_out_by(site: Site, order: str) -> CarriedOut | None:
    """What became of an order and those given with it; None of what is no order's id."""
    if not _ORDER.fullmatch(order):
        return None
    given = site.given(order) or Given("", 0, (order,))
    found = [awaited(site.instance_dir, one) for one in given.orders]
    every = [one for results in found for one in results or ()]
    done = [one for one in every if one["state"] == "done"]
    refused = [str(one["because"]) for one in every if one["state"] == "refused"]
    return CarriedOut(
        order=order,
        action=given.action,
        outcomes=Counter(str(one["outcome"]) for one in done),
        records=_changed(every),
        waits=sum(results is None for results in found),
        refused=len(refused),
        reasons=list(dict.fromkeys(refused))[:MOST_REFUSALS],
    )


def posted(request: Request, name: str) -> str:
    """The first value of a field that was posted, "" without one."""
    return cast("Mapping[str, list[str]]", request.state.form).get(name, [""])[0]


def all_posted(request: Request, name: str) -> list[str]:
    """All values of a field that was posted."""
    return list(cast("Mapping[str, list[str]]", request.state.form).get(name, []))


def bulk_action(request: Request) -> Literal["release", "confirm"]:
    """What is asked for of many records at once.

    Raises:
        NoSuchActionError: neither.
    """
    action = posted(request, "action")
    if action == "release":
        return "release"
    if action == "confirm":
        return "confirm"
    raise NoSuchActionError(action)
