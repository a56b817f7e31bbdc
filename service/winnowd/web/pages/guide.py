"""The keys, what each action does, and where else to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.routing import Route

from winnowd.web.frame import site_of

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

KEYS: Final = (
    ("c", "confirm: turn it away for good"),
    ("r", "release it into the corpus"),
    ("s", "release it, and retract the article that it copies"),
    ("j", "the next one, without deciding; in a list, one down"),
    ("k", "the one before; in a list, one up"),
    ("x", "in a list, select or let go"),
    ("u", "undo what was just decided"),
    ("n", "write a note, the reason that is kept"),
    ("/", "search by id, file or a piece of either"),
    ("?", "this page"),
)


def guide(request: Request) -> Response:
    """All of it on one page."""
    return site_of(request).page(request, "guide.html", keys=KEYS)


ROUTES: Final = (Route("/help", guide),)
