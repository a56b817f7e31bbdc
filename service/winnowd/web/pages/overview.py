"""The first page: what needs a person now, how the service is, then what the last thirty days came to."""

from __future__ import annotations

import zlib
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.routing import Route

from winnowd.model import Selection
from winnowd.operations.queue import queue
from winnowd.operations.status import status
from winnowd.web.choosing import Chosen
from winnowd.web.frame import site_of
from winnowd.web.glance import decisions_of, glance
from winnowd.web.listed import listed
from winnowd.web.standing import signs

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from winnowd.operations.overview import Overview, Overviews

_SHOWN: Final = 4


def overview(request: Request) -> Response:
    """The oldest that waits, the signs of the service, tiles, pictures, the latest."""
    site = site_of(request)
    found, now = queue(site.instance_dir, Selection(), most=_SHOWN), site.now()
    standing = status(site.instance_dir)
    return site.page(
        request,
        "overview.html",
        items=[listed(item, now) for item in found.items],
        items_chosen=Chosen(),
        by_code=found.by_code,
        count=found.count,
        signs=list(signs(standing, site.load().settings.disk.floor_bytes, now)),
        glance=glance(_overview(request, standing.last_event), decisions_of),
    )


def _overview(request: Request, head: int) -> Overview:
    """What the days add up to, read again where the log has gone on.

    Raises:
        HTTPException: the log cannot be read (503).
    """
    overviews: Overviews = request.app.state.overviews
    try:
        return overviews.overview(head)
    except (OSError, EOFError, zlib.error) as fault:
        words = "A file of the log cannot be read. On the machine, see “winnowd verify”."
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, words) from fault


ROUTES: Final = (Route("/", overview),)
