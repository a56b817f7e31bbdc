"""The audit log: what happened, newest first, each event in a sentence and as the line that stands in the log."""

from __future__ import annotations

import json
import zlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from winnowd.audit.find import name_of
from winnowd.audit.paging import WINDOW
from winnowd.operations.browse_log import ACTIONS, MOST, PAGE, browse_log, wanted_from
from winnowd.views.account import said_of, when
from winnowd.views.escape import printable
from winnowd.views.sheet import Sheet
from winnowd.web.frame import site_of
from winnowd.web.list_query import ListQuery

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request

    from winnowd.audit.paging import LogPage

PATH: Final = "/audit"
NAMES: Final = ("action", "day", "code", "feed", "text")
COLUMNS: Final = ("sequence", "at", "action", "code", "record", "file", "outcome", "user", "message")


class Row(NamedTuple):
    """What is shown of an event; all of it may be shown. ``record`` is "" of an event that is about none."""

    sequence: int
    when: str
    action: str
    said: str
    file: str
    record: str
    line: str


def audit(request: Request) -> Response:
    """A page of events."""
    site, query = site_of(request), ListQuery.of(request, PATH, NAMES)
    found = _found(request, query, PAGE)
    return site.page(
        request,
        "audit.html",
        query=query,
        actions=ACTIONS,
        rows=[_row(event) for event in found.events],
        found=found,
        looked_at=WINDOW,
        is_first=query.number("before") is None,
    )


def as_json(request: Request) -> Response:
    """The events themselves, and the address at which they go on (``older``), null at the log's beginning."""
    query = ListQuery.of(request, PATH, NAMES)
    found = _found(request, query, PAGE)
    return JSONResponse({"events": list(found.events), "older": _older(query, found, ".json"), "broken": found.broken})


def as_csv(request: Request) -> Response:
    """What most want of them, for spreadsheets; the address at which they go on is in ``Link``."""
    query = ListQuery.of(request, PATH, NAMES)
    found, sheet = _found(request, query, MOST), Sheet()
    lines = [sheet.line(COLUMNS), *(sheet.line(_cells(event)) for event in found.events)]
    headers = {"content-disposition": 'attachment; filename="audit.csv"'}
    if older := _older(query, found, ".csv"):
        headers["link"] = f'<{older}>; rel="next"'
    return Response("".join(lines), media_type="text/csv", headers=headers)


def _found(request: Request, query: ListQuery, most: int) -> LogPage:
    """A page of the log.

    Raises:
        HTTPException: what is query for means nothing (400), or a file of the log cannot be read (503).
    """
    wanted = query.meant(wanted_from)
    try:
        return browse_log(
            site_of(request).instance_dir, wanted, before=query.number("before"), most=query.number("most") or most
        )
    except (OSError, EOFError, zlib.error) as fault:
        words = "A file of the log cannot be read. On the machine, see “winnowd verify”."
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, words) from fault


def _older(query: ListQuery, found: LogPage, ending: str = "") -> str | None:
    if found.older is None:
        return None
    return query.address(ending=ending, before=found.older, most=query.number("most"))


def _row(event: Mapping[str, Any]) -> Row:
    ours = event.get("winnowd", {})
    arrival = ours.get("arrival", {})
    return Row(
        sequence=int(event["event"]["sequence"]),
        when=when(event),
        action=printable(str(event["event"]["action"])),
        said=printable(said_of(event)),
        file=printable(str(event.get("file", {}).get("path", ""))),
        record=f"{arrival['id']}-{arrival['record']}" if "record" in arrival else "",
        line=printable(json.dumps(event, ensure_ascii=False)),
    )


def _cells(event: Mapping[str, Any]) -> list[Any]:
    happened, ours = event["event"], event.get("winnowd", {})
    return [
        happened["sequence"], event["@timestamp"], happened["action"], happened.get("code"), name_of(event),
        event.get("file", {}).get("path"), ours.get("outcome"), event.get("user", {}).get("name"), event.get("message"),
    ]  # fmt: skip


ROUTES: Final = (Route(PATH, audit), Route(f"{PATH}.json", as_json), Route(f"{PATH}.csv", as_csv))
