"""Logging in by the token, and out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from starlette.responses import RedirectResponse
from starlette.routing import Route

from winnowd.web.access import LASTS
from winnowd.web.actions import posted
from winnowd.web.frame import site_of
from winnowd.web.guard import LOGIN, LOGOUT, TokenGivenError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from winnowd.web.frame import Site


def login(request: Request) -> Response:
    """The form, and what it sends."""
    site, target = site_of(request), local(request.query_params.get("next", "/"))
    if request.method != "POST":
        return site.page(request, "login.html", next=target, wrong=False)
    if site.access.is_token(posted(request, "token").strip()):
        return _entered(site, local(posted(request, "next")))
    return site.page(request, "login.html", status=403, next=local(posted(request, "next")), wrong=True)


def logout(request: Request) -> Response:
    """End the session, here and in the browser."""
    access = site_of(request).access
    access.end_session(request.state.session)
    gone = RedirectResponse(LOGIN, 303)
    gone.delete_cookie(access.cookie, httponly=True, samesite="strict")
    return gone


def enter_by_address(request: Request, fault: Exception) -> Response:
    """Take a token out of the address, and let in whoever has the right one."""
    del fault
    site, query = site_of(request), request.query_params
    rest = "&".join(f"{name}={value}" for name, value in query.items() if name != "token" and value.isalnum())
    target = local(request.url.path + (f"?{rest}" if rest else ""))
    if site.access.is_token(query.get("token", "")):
        return _entered(site, target)
    return RedirectResponse(LOGIN, 303)


def _entered(site: Site, target: str) -> Response:
    entered = RedirectResponse(target, 303)
    access = site.access
    entered.set_cookie(access.cookie, access.new_session(), max_age=LASTS, httponly=True, samesite="strict")
    return entered


def local(path: str) -> str:
    """A path of this page; the first page for whatever leads elsewhere."""
    is_ours = path.startswith("/") and not path.startswith(("//", "/\\")) and path.isascii() and path.isprintable()
    return path if is_ours else "/"


ROUTES: Final = (Route(LOGIN, login, methods=["GET", "POST"]), Route(LOGOUT, logout, methods=["POST"]))
ENTERING: Final = {TokenGivenError: enter_by_address}
