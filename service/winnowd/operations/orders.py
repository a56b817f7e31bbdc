"""Giving an order, and waiting for what becomes of it; where nobody serves the instance it is carried out here."""

from __future__ import annotations

import contextlib
import getpass
import time
from typing import TYPE_CHECKING, Any, Final, Literal

from winnowd.operations.second_look import is_served
from winnowd.storage.clock import SystemClock
from winnowd.storage.lock import LockHeldError
from winnowd.storage.orderbook import LONGEST, LONGEST_REASON, LONGEST_TARGET, MOST_TARGETS, OrderFile, give, results

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from winnowd.settings import Loaded

_STEP: Final = 0.05
MOST_AT_ONCE: Final = MOST_TARGETS
"""Records of one order."""
Action = Literal["release", "confirm", "retract", "restore", "erase"]
Via = Literal["cli", "web", "review"]
Unfit = Literal["targets", "no reason", "reason", "no target", "target", "no text", "order"]
"""What may be wrong with an order: too many or too long, not there, or not to be written down."""


class UnfitOrderError(Exception):
    """It is no order: ``fault`` is of this ``size``, and may be of ``most``; nothing was given."""

    def __init__(self, fault: Unfit, size: int = 0, most: int = 0) -> None:
        super().__init__(fault)
        self.fault, self.size, self.most = fault, size, most


def give_order(
    instance_dir: Path,
    action: Action,
    targets: Sequence[str],
    *,
    reason: str,
    flags: Mapping[str, bool] | None = None,
    via: Via = "cli",
    user: str = "",
    undoes: str | None = None,
    was: Literal["quarantined"] | None = None,
) -> str:
    """Leave an order for whoever works on the instance; gives its id.

    ``flags``: replace, forget, yes, as an order's file has them; ``via``: what the person gave it with; ``user``: who
    that is, as the page knows it, else whoever runs this; ``undoes``: the order that a restore is to take back alone;
    ``was``: the outcome that they saw, without which it is not meant.

    Raises:
        UnfitOrderError: it is no order.
    """
    must_fit(targets, reason)
    clock = SystemClock()
    at = clock.now().isoformat()
    made = OrderFile(
        at=at, user=user or _user(), via=via, action=action, targets=list(targets), reason=reason, undoes=undoes,
        was=was, **(flags or {}),
    )  # fmt: skip
    if (size := len(made.written())) > LONGEST:
        raise UnfitOrderError("order", size, LONGEST)
    name = clock.uuid7()
    give(instance_dir, name, made)
    return name


def must_fit(targets: Sequence[str], reason: str) -> None:
    """See that an order can be written down, before it is.

    Raises:
        UnfitOrderError: it is no order.
    """
    longest = max(map(len, targets))
    cannot_be_written = any("\ud800" <= sign <= "\udfff" for words in (reason, *targets) for sign in words)
    faults: tuple[tuple[bool, UnfitOrderError], ...] = (
        (len(targets) > MOST_TARGETS, UnfitOrderError("targets", len(targets), MOST_TARGETS)),
        (not reason.strip(), UnfitOrderError("no reason")),
        (len(reason) > LONGEST_REASON, UnfitOrderError("reason", len(reason), LONGEST_REASON)),
        (not all(targets), UnfitOrderError("no target")),
        (longest > LONGEST_TARGET, UnfitOrderError("target", longest, LONGEST_TARGET)),
        (cannot_be_written, UnfitOrderError("no text")),
    )
    for is_so, fault in faults:
        if is_so:
            raise fault


def _user() -> str:
    try:
        return getpass.getuser()[:100]
    except (KeyError, OSError):
        return "unknown"


def applied(instance_dir: Path, load: Callable[[], Loaded], order: str, wait: float) -> list[dict[str, Any]] | None:
    """The results of an order, or None after ``wait`` seconds; without an owner this process becomes one for a moment.

    ``load`` gives the settings then.

    Raises:
        LedgerDamagedError, LedgerBehindError, TooLittleRoomError, ForeignRecipeError: the instance cannot be owned.
    """
    deadline, tried = time.monotonic() + wait, False
    while (found := results(instance_dir, order)) is None:
        served = is_served(instance_dir)
        if (served or tried) and time.monotonic() >= deadline:
            return None
        if served or tried:
            time.sleep(_STEP)
        if not served:
            tried = True
            _carry_out_here(instance_dir, load)
    return found


def awaited(instance_dir: Path, order: str, wait: float = 0.0) -> list[dict[str, Any]] | None:
    """The results of an order that somebody else carries out, or None after ``wait`` seconds; never done here."""
    deadline = time.monotonic() + wait
    while (found := results(instance_dir, order)) is None and time.monotonic() < deadline:
        time.sleep(_STEP)
    return found


def applied_in_parts(
    instance_dir: Path, load: Callable[[], Loaded], orders: Iterable[Callable[[], str]], wait: float
) -> Iterator[tuple[str, list[dict[str, Any]] | None]]:
    """Each order's id and results; the next is given when one is carried out, so who stops in between gives no more.

    Without an owner this process is one until the end; with one each is waited for so many seconds: after an order of
    which there is no result (None) no other is given. ``orders`` give them, ``load`` the settings.

    Raises:
        LedgerDamagedError, LedgerBehindError, TooLittleRoomError, ForeignRecipeError: the instance cannot be owned.
    """
    with contextlib.ExitStack() as held:
        apply = _applier(instance_dir, load, held)
        for give_next in orders:
            order = give_next()
            apply()
            found = applied(instance_dir, load, order, wait)
            yield order, found
            if found is None:
                return


def _applier(instance_dir: Path, load: Callable[[], Loaded], held: contextlib.ExitStack) -> Callable[[], None]:
    """What carries out the orders that wait, here; nothing where somebody serves, who does it."""
    if not is_served(instance_dir):
        from winnowd.daemon.serve import applying_orders  # whom a service answers need not load one

        with contextlib.suppress(LockHeldError):
            return held.enter_context(applying_orders(instance_dir, load()))
    return lambda: None


def _carry_out_here(instance_dir: Path, load: Callable[[], Loaded]) -> None:
    from winnowd.daemon.serve import apply_orders_once  # whom a service answers need not load one

    try:
        apply_orders_once(instance_dir, load())
    except LockHeldError:
        time.sleep(_STEP)
