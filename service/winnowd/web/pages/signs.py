"""What probes and Prometheus ask: how the service is, from the files that it writes every 15 s."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from winnowd.operations.signs import health, metrics
from winnowd.web.frame import site_of

if TYPE_CHECKING:
    from starlette.requests import Request

_FORMAT: Final = "text/plain; version=0.0.4"


def healthz(request: Request) -> Response:
    """200 if the service is well, else 503; tells so much that anybody may know it."""
    found = health(site_of(request).instance_dir)
    said = {"well": found.well, "state": found.state, "code": found.code, "at": found.at}
    return JSONResponse(said, HTTPStatus.OK if found.well else HTTPStatus.SERVICE_UNAVAILABLE)


def prometheus(request: Request) -> Response:
    """All metrics; whoever scrapes them sends the page's token (``authorization`` of a scrape_config).

    Raises:
        HTTPException: the service has not written any yet (503).
    """
    found = metrics(site_of(request).instance_dir)
    if found is None:
        raise HTTPException(HTTPStatus.SERVICE_UNAVAILABLE, "The service has not written any metrics yet.")
    return Response(found, media_type=_FORMAT)


ROUTES: Final = (Route("/metrics", prometheus),)
OPEN_ROUTES: Final = (Route("/healthz", healthz),)
