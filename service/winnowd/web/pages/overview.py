"""The first page: what needs a person now, and how all is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.routing import Route

from winnowd.model import Selection
from winnowd.operations.queue import queue
from winnowd.operations.status import status
from winnowd.web.choosing import Chosen
from winnowd.web.frame import site_of
from winnowd.web.listed import listed

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

_SHOWN: Final = 6


def overview(request: Request) -> Response:
    """Tiles of what there is, and the oldest that waits."""
    site = site_of(request)
    found = queue(site.instance_dir, Selection(), most=_SHOWN)
    return site.page(
        request,
        "overview.html",
        status_now=status(site.instance_dir),
        items=[listed(item, site.now()) for item in found.items],
        items_chosen=Chosen(),
        by_code=found.by_code,
        count=found.count,
    )


ROUTES: Final = (Route("/", overview),)
