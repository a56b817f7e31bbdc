"""The quarantine: what waits, oldest first, to be looked at one by one, or decided on as selected."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import RedirectResponse
from starlette.routing import Route

from winnowd.operations.queue import queue, waiting_count
from winnowd.web.actions import all_posted, bulk_action, carried_out_by, decide, posted, undo
from winnowd.web.choosing import AGES, Chosen, pairs_of
from winnowd.web.frame import site_of
from winnowd.web.listed import listed
from winnowd.web.pages.login import local

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

PATH: Final = "/quarantine"
RECORD: Final = "/a/"
PAGE: Final = 50


def quarantine(request: Request) -> Response:
    """A page of what waits, and by what it may be narrowed."""
    site, query = site_of(request), request.query_params
    chosen = Chosen.of(query.items())
    selection = chosen.selection(site.now())
    after = int(query["after"]) if query.get("after", "").isdecimal() and len(query["after"]) <= 15 else 0
    found = queue(site.instance_dir, selection, most=PAGE + 1, after=after)
    items = [listed(item, site.now()) for item in found.items[:PAGE]]
    return site.page(
        request,
        "quarantine.html",
        chosen=chosen,
        items=items,
        count=found.count,
        total=waiting_count(site.instance_dir) if chosen.fields else found.count,
        codes=site.facets().by_code,
        feeds=site.facets().feeds,
        ages={key: words for key, (words, _) in AGES.items()},
        address=chosen.address,
        after=after,
        next_page=chosen.address(PATH, after=items[-1].number) if len(found.items) > PAGE else "",
        carried_out=carried_out_by(site, query.get("order", "")),
        back=chosen.address(PATH, after=after),
    )


def decide_selected(request: Request) -> Response:
    """Decide on those of a page that were selected; one order."""
    site = site_of(request)
    records, back = all_posted(request, "record"), local(posted(request, "back"))
    if not records:
        return RedirectResponse(back, 303)
    order = decide(site, request, bulk_action(request), records, reason=posted(request, "reason"), waits=True)
    return RedirectResponse(_with_order(back, order), 303)


def undo_decided(request: Request) -> Response:
    """Take back what an order has done, and show what was decided anew."""
    site, back, order = site_of(request), local(posted(request, "back")), posted(request, "order")
    done = carried_out_by(site, order)
    undone = undo(site, request, order) if done else ""
    if done is None or not undone:
        return RedirectResponse(back, 303)
    if len(done.records) == 1 and back.startswith(RECORD):  # it is in hand again, as it was
        back = f"{RECORD}{done.records[0]}?{back.partition('?')[2]}"
    return RedirectResponse(_with_order(back, undone), 303)


def _with_order(back: str, order: str) -> str:
    path, _, query = back.partition("?")
    pairs = [(name, value) for name, value in pairs_of(query) if name == "after"]
    return Chosen.of(pairs_of(query)).address(path, order=order, **dict(pairs))


ROUTES: Final = (
    Route(PATH, quarantine),
    Route(f"{PATH}/decide", decide_selected, methods=["POST"]),
    Route("/undo", undo_decided, methods=["POST"]),
)
