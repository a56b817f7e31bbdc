"""The page put together: routes of every page, the guard before them, words for what goes wrong."""

from __future__ import annotations

import datetime as dt
import time
from typing import TYPE_CHECKING, Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from winnowd.operations.overview import Overviews
from winnowd.operations.tune import Tuning
from winnowd.web.frame import Site
from winnowd.web.guard import Guard, Sealed
from winnowd.web.pages import (
    audit,
    decisions,
    errors,
    guide,
    ingest,
    login,
    overview,
    quarantine,
    record,
    signs,
    together,
    tune,
)
from winnowd.web.templating import STATIC

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.responses import Response
    from starlette.types import ASGIApp, Scope

    from winnowd.settings import Loaded
    from winnowd.web.access import Access

PAGES: Final = (overview, quarantine, together, record, decisions, audit, tune, signs, login, guide)
"""The modules of pages; another page is a module beside them, with ``ROUTES``, and its name here."""
OPEN: Final = (ingest, signs)
"""Those with ``OPEN_ROUTES``: for programs that have no login of ours; they see to it themselves who may."""


class _Kept(StaticFiles):
    """Our own files, which a browser may keep: their address changes with their content."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """Give one of them."""
        response = await super().get_response(path, scope)
        response.headers["cache-control"] = "public, max-age=31536000, immutable"
        return response


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def make_app(
    instance_dir: Path, load: Callable[[], Loaded], access: Access, now: Callable[[], dt.datetime] = _now
) -> ASGIApp:
    """The page of an instance, for any ASGI server; ``load`` gives its settings as they are ``now`` (UTC)."""
    routes: list[Route | Mount] = [route for page in PAGES for route in page.ROUTES]
    guarded = Mount(
        "/",
        routes=[Mount("/static", _Kept(directory=STATIC)), *routes],
        middleware=[Middleware(Guard, access=access)],
    )
    opened = [route for page in OPEN for route in page.OPEN_ROUTES]
    app = Starlette(
        routes=[*opened, guarded], exception_handlers={**errors.HANDLERS, **login.ENTERING, **ingest.REFUSING}
    )
    site = Site(instance_dir, load, access, now)
    site.pages = frozenset(route.path for route in routes if isinstance(route, Route))
    app.state.site = site
    app.state.overviews = Overviews(instance_dir, now, time.monotonic)
    app.state.tuning = Tuning(instance_dir, now, time.monotonic)
    app.state.intake = ingest.Intake(site, time.monotonic)
    return Sealed(app)
