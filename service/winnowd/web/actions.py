"""Deciding: what a form asks for becomes orders, as any command's would; the service carries them out."""

from __future__ import annotations

import dataclasses
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, Literal, cast

from winnowd.operations.orders import MOST_AT_ONCE, awaited, give_order
from winnowd.operations.second_look import is_served
from winnowd.web.frame import Given

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from starlette.requests import Request

    from winnowd.operations.orders import Action
    from winnowd.web.frame import Site

PATIENCE: Final = 2.0
"""Seconds that an order is waited for; whoever decides must not wait longer to see the next."""
MOST_REFUSALS: Final = 5
_ORDER: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_FITS: Final = re.compile(r"[0-9a-f]{8,32}(?:-\d{1,9})?")
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
    site: Site, request: Request, action: str, targets: Sequence[str], *, reason: str = "", forget: bool = False
) -> str:
    """Give the orders for it, of at most 500 records each, and wait a moment; gives the first one's id.

    ``targets``: records (``<arrival>-<record>``), or the id of a text.

    Raises:
        NoSuchActionError: it is no action, or they are no records.
        UnfitOrderError: the reason is none.
    """
    if action not in _ACTIONS or not targets or not all(map(_FITS.fullmatch, targets)):
        raise NoSuchActionError(action)
    order, replace = _ACTIONS[action]
    flags = {"replace": replace, "forget": forget, "yes": order == "erase"}
    reason = " ".join(reason.split()) or _REASONS[action]
    parts = [targets[at : at + MOST_AT_ONCE] for at in range(0, len(targets), MOST_AT_ONCE)]
    given = tuple(
        give_order(site.instance_dir, order, part, reason=reason, flags=flags, via="web", user=str(request.state.user))
        for part in parts
    )
    return _kept(site, Given(action, len(targets), given))


def undo(site: Site, request: Request, order: str) -> str:
    """Take back an order and those given with it, each by an order of its own; gives the first one's id, "" of none.

    What was changed since, by whomever, is refused when they are carried out.
    """
    given = site.given(order) or Given("", 0, (order,))
    undone = tuple(
        give_order(
            site.instance_dir, "restore", records, reason=_REASONS["restore"], via="web",
            user=str(request.state.user), undoes=one,
        )
        for one in given.orders
        if (records := _changed(awaited(site.instance_dir, one) or ()))
    )  # fmt: skip
    return _kept(site, Given("restore", given.count, undone)) if undone else ""


def _kept(site: Site, given: Given) -> str:
    """Remember what was given, and wait a moment for it; gives the first order's id."""
    site.keep_given(given)
    if is_served(site.instance_dir):
        awaited(site.instance_dir, given.orders[-1], PATIENCE)
    return given.orders[0]


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
