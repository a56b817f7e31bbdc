"""What stands before every page: host, login, forms of our own, size, and the headers of every answer. Pure ASGI.

What has passed is told to the pages in ``request.state``: ``user``, ``session`` (what form tokens are made of) and
``form`` (what was posted: values by name).
"""

from __future__ import annotations

import urllib.parse
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import cookie_parser

from winnowd.web.access import named_user

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from winnowd.web.access import Access

LARGEST: Final = 64 * 1024
MOST_FIELDS: Final = 1_000
FORM: Final = "application/x-www-form-urlencoded"
LOGIN: Final = "/login"
LOGOUT: Final = "/logout"
STATIC: Final = "/static/"
POLICY: Final = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
HEADERS: Final[Mapping[str, str]] = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
_SAFE: Final = frozenset({"GET", "HEAD"})


class LoginNeededError(Exception):
    """Nobody has logged in."""


class TokenGivenError(Exception):
    """The address carries a token; it must not stay there."""


class Guard:
    """Lets through who may; raises for everybody else what ``pages.errors`` has words for."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check one request, and hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, state = Headers(scope=scope), scope.setdefault("state", {})
        state |= {"user": "", "session": "", "form": {}}
        self._must_be_host(headers)
        posted = scope["method"] not in _SAFE
        if not posted and b"token=" in scope["query_string"]:
            raise TokenGivenError
        state["session"], state["user"], ambient = self._identified(headers)
        if not state["session"] and not _is_open(scope["path"]):
            raise LoginNeededError
        if posted:
            _must_be_ours(scope, headers)
            state["form"] = await _form(headers, receive)
            if self._access.read_only and scope["path"] not in {LOGIN, LOGOUT}:
                raise HTTPException(HTTPStatus.FORBIDDEN, "This page was started to show, not to decide.")
            if state["session"] and ambient and scope["path"] != LOGIN:
                self._must_be_our_form(state["session"], state["form"])
        await self._app(scope, receive, send)

    def _must_be_host(self, headers: Headers) -> None:
        """Else a page elsewhere could have its own name lead here (DNS rebinding)."""
        named = headers.get("host", "")
        host = named.lower() if named.endswith("]") else named.lower().rpartition(":")[0] or named.lower()
        if host not in self._access.hosts:
            raise HTTPException(HTTPStatus.BAD_REQUEST, "This page is not served under that name; see web.hosts.")

    def _identified(self, headers: Headers) -> tuple[str, str, bool]:
        """Session and user, "" of somebody unknown; and whether a browser sends on its own what tells us."""
        access = self._access
        if access.user_header:
            named = headers.getlist(access.user_header)  # of two one may be the browser's own
            user = named_user(named[0].encode("latin-1")) if len(named) == 1 else ""
            return (f"user {user}", user, True) if user else ("", "", True)
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and access.is_token(given.strip()):
            return "bearer", access.user, False
        cookie = cookie_parser(headers.get("cookie", "")).get(access.cookie, "")
        return (cookie, access.user, True) if access.is_session(cookie) else ("", "", True)

    def _must_be_our_form(self, session: str, form: Mapping[str, list[str]]) -> None:
        if not self._access.is_form_token(session, form.get("form", [""])[0]):
            raise HTTPException(HTTPStatus.FORBIDDEN, "This form is not of this session; go back, reload, try again.")


class Sealed:
    """Puts the security headers on every answer, those of errors too."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on; a page may say itself how long it may be kept."""

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self._app(scope, receive, sealed)


def _is_open(path: str) -> bool:
    """Whether who has not logged in may see it."""
    return path == LOGIN or path.startswith(STATIC)


def _must_be_ours(scope: Scope, headers: Headers) -> None:
    """See that a form comes from a page of ours.

    Under our own ``no-referrer`` browsers send ``Origin: null`` with a form, and tell of the site beside it.
    """
    origin, site = headers.get("origin"), headers.get("sec-fetch-site")
    host = headers.get("host", "").lower()
    if origin in {None, "null"}:
        ours = site == "same-origin" or (origin is None and site is None)
    else:
        ours = str(origin).partition("://")[2].lower() == host
    if not ours or scope["method"] != "POST":
        raise HTTPException(HTTPStatus.FORBIDDEN, "That did not come from this page.")


async def _form(headers: Headers, receive: Receive) -> dict[str, list[str]]:
    """What was posted, by the standard library's parser."""
    if headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        raise HTTPException(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Only forms are taken here.")
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":  # what is missing may be what was chosen last
            raise HTTPException(HTTPStatus.BAD_REQUEST, "The form was cut off.")
        body += message.get("body", b"")
        if len(body) > LARGEST:
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "A form has at most 64 KiB.")
        if not message.get("more_body"):
            break
    try:
        return urllib.parse.parse_qs(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict"
        )
    except ValueError:
        raise HTTPException(HTTPStatus.BAD_REQUEST, "That is no form.") from None
