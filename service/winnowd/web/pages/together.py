"""All records of a selection, decided on together: what is meant is shown first, and must still be so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import RedirectResponse
from starlette.routing import Route

from winnowd.operations.queue import SetChangedError, must_be_expected, must_be_unchanged, waiting_set
from winnowd.views.escape import printable
from winnowd.web.actions import bulk_action, decide, posted
from winnowd.web.choosing import Chosen
from winnowd.web.frame import site_of
from winnowd.web.listed import listed
from winnowd.web.pages.quarantine import PATH

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from winnowd.operations.queue import WaitingSet
    from winnowd.web.frame import Site


def together(request: Request) -> Response:
    """How many are meant, why they wait, and the oldest of them."""
    site = site_of(request)
    return _question(request, site, Chosen.of(request.query_params.items()), None)


def decide_together(request: Request) -> Response:
    """Decide on the records that were shown, and on no others; if they are others by now, show what has changed."""
    site = site_of(request)
    chosen, set_id = (
        Chosen.of((name, posted(request, name)) for name in ("code", "feed", "older")),
        posted(request, "set"),
    )
    action = bulk_action(request)
    try:
        meant = _as_shown(site, chosen, set_id)
    except SetChangedError as changed:
        return _question(request, site, chosen, changed)
    if not meant.records:
        return RedirectResponse(chosen.address(PATH), 303)
    order = decide(site, request, action, list(meant.records.values()), reason=posted(request, "reason"), waits=True)
    return RedirectResponse(Chosen().address(PATH, order=order), 303)


def _as_shown(site: Site, chosen: Chosen, set_id: str) -> WaitingSet:
    """The records, if they are those that were shown under this name.

    Raises:
        SetChangedError: they are others.
    """
    selection = chosen.selection(site.now())
    shown = site.set_shown(set_id)
    if shown is not None:
        must_be_unchanged(site.instance_dir, selection, shown)
        return shown
    now = waiting_set(site.instance_dir, selection)
    if "-" not in set_id:  # a number alone names no set
        raise SetChangedError(now.set_id)
    must_be_expected(now, set_id)
    return now


def _question(request: Request, site: Site, chosen: Chosen, changed: SetChangedError | None) -> Response:
    meant = waiting_set(site.instance_dir, chosen.selection(site.now()))
    site.keep_set(meant)
    change = None if changed is None else changed.change
    return site.page(
        request,
        "together.html",
        status=200 if changed is None else 409,
        chosen=chosen,
        meant=meant,
        count=len(meant.records),
        examples=[listed(item, site.now()) for item in meant.examples],
        has_changed=changed is not None,
        change=change,
        came=[] if change is None else [listed(item, site.now()) for item in change.came],
        left=[] if change is None else [(printable(name), outcome) for name, outcome in change.left],
        back=chosen.address(PATH),
    )


ROUTES: Final = (
    Route(f"{PATH}/all", together),
    Route(f"{PATH}/all", decide_together, methods=["POST"]),
)
