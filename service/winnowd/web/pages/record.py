"""A record: why it was decided so, both texts side by side, every measure, its history, and what can be done."""

from __future__ import annotations

import urllib.parse
from typing import TYPE_CHECKING, Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.routing import Route

from winnowd.operations.browse import browse, sought_from
from winnowd.operations.explain import AmbiguousKeyError, NoDecisionError, NoSuchRecordError
from winnowd.operations.queue import position_of
from winnowd.operations.shared_windows import TextGoneError, own_text
from winnowd.views.account import record_fields
from winnowd.views.escape import flat, printable
from winnowd.web.actions import NoSuchActionError, carried_out_by, decide, is_target, posted
from winnowd.web.choosing import Chosen, pairs_of
from winnowd.web.frame import site_of
from winnowd.web.record_values import record_context

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from winnowd.views.account import Account
    from winnowd.web.frame import Site

PATH: Final = "/a"
_LONGEST_KEY: Final = 200


def record(request: Request) -> Response:
    """All that is known of the record that a key fits; a table where it fits several."""
    site, chosen = site_of(request), Chosen.of(request.query_params.items())
    try:
        account = _account(site, request.path_params["key"])
    except AmbiguousKeyError as several:
        return _found(request, several)
    return site.page(request, "record.html", **_context(site, request, account, chosen))


def find(request: Request) -> Response:
    """Look a record up by what somebody knows of it: an id, a file's name, a piece of either, or words of its title."""
    key = request.query_params.get("q", "").strip()[:_LONGEST_KEY]
    site = site_of(request)
    if not key:
        return RedirectResponse("/quarantine", 303)
    try:
        account = site.explain(key)
    except AmbiguousKeyError as several:
        return _found(request, several)
    except (NoSuchRecordError, NoDecisionError):
        listed = browse(site.instance_dir, sought_from({"text": key}, in_corpus=False), most=1)
        if listed.items or listed.is_cut:  # a piece of a title, or of more files than are told here
            return RedirectResponse(f"/decisions?{urllib.parse.urlencode({'text': key})}", 303)
        return site.page(request, "found.html", status=404, key=printable(key), rows=[], count=0)
    return RedirectResponse(f"{PATH}/{_record_of(account)}", 303)


def decide_on(request: Request) -> Response:
    """Decide on a record, and go on to the next one of those that are looked through.

    Raises:
        NoSuchActionError: it is no action, or no record.
    """
    site, key, action = site_of(request), request.path_params["key"], posted(request, "action")
    if not is_target(key):
        raise NoSuchActionError(action)
    chosen = Chosen.of(pairs_of(posted(request, "chosen")))
    forget = posted(request, "forget") == "yes"
    if action == "erase" and posted(request, "sure") != "yes":
        return RedirectResponse(f"{PATH}/{key}/erase", 303)
    target = posted(request, "text") if action == "erase" else key
    waits = posted(request, "waits") == "yes"
    order = decide(site, request, action, [target], reason=posted(request, "reason"), forget=forget, waits=waits)
    position = position_of(site.instance_dir, chosen.selection(site.now()), key)
    stays = not waits
    following = None if stays else (position.following or position.previous)
    if following is not None:
        return RedirectResponse(chosen.address(f"{PATH}/{following.record}", order=order), 303)
    return RedirectResponse(chosen.address(f"{PATH}/{key}" if stays else "/quarantine", order=order), 303)


def ask_erase(request: Request) -> Response:
    """The second question, before a text is gone for ever."""
    site = site_of(request)
    try:
        account = _account(site, request.path_params["key"])
    except AmbiguousKeyError as several:
        return _found(request, several)
    return site.page(request, "erase.html", **_context(site, request, account, Chosen()))


def text(request: Request) -> Response:
    """The cleaned text, to be kept: never shown by the browser as anything but a file."""
    site = site_of(request)
    try:
        account = _account(site, request.path_params["key"])
        said = own_text(site.instance_dir, site.load().settings, account)
    except AmbiguousKeyError as several:
        return _found(request, several)
    except TextGoneError:
        raise HTTPException(404, "gone") from None
    name = f"{_record_of(account)}.txt"
    return PlainTextResponse(said, headers={"content-disposition": f'attachment; filename="{name}"'})


def _account(site: Site, key: str) -> Account:
    """What is known of the record.

    Raises:
        HTTPException: there is none.
        AmbiguousKeyError: there are several.
    """
    try:
        return site.explain(key[:_LONGEST_KEY])
    except (NoSuchRecordError, NoDecisionError):
        raise HTTPException(404) from None


def _record_of(account: Account) -> str:
    arrival = account.decision["winnowd"]["arrival"]
    return f"{arrival['id']}-{arrival['record']}"


def _context(site: Site, request: Request, account: Account, chosen: Chosen) -> dict[str, Any]:
    name = _record_of(account)
    position = position_of(site.instance_dir, chosen.selection(site.now()), name)
    neighbours = {
        side: "" if one is None else chosen.address(f"{PATH}/{one.record}")
        for side, one in (("previous", position.previous), ("following", position.following))
    }
    return {
        **record_context(site.instance_dir, site.load().settings, account),
        "record": name,
        "position": position,
        "neighbours": neighbours,
        "chosen": chosen,
        "chosen_query": chosen.address("").removeprefix("?"),
        "carried_out": carried_out_by(site, request.query_params.get("order", "")),
        "back": chosen.address(f"{PATH}/{name}"),
    }


def _found(request: Request, several: AmbiguousKeyError) -> Response:
    rows = [record_fields(decision, flat(title)) for decision, title in several.examples]
    for row in rows:
        row["title"] = printable(row["title"] or row["file"])
    return site_of(request).page(
        request, "found.html", status=300, key=printable(str(several)), rows=rows, count=len(several.names)
    )


ROUTES: Final = (
    Route("/find", find),
    Route(f"{PATH}/{{key}}", record),
    Route(f"{PATH}/{{key}}/decide", decide_on, methods=["POST"]),
    Route(f"{PATH}/{{key}}/erase", ask_erase),
    Route(f"{PATH}/{{key}}/text", text),
)
