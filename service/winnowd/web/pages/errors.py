"""What goes wrong, in words: who may not, what is not there, what cannot be read."""

from __future__ import annotations

import urllib.parse
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse

from winnowd.audit.behind import LedgerBehindError
from winnowd.operations.orders import UnfitOrderError
from winnowd.storage.ledger import LedgerDamagedError, LedgerFault, is_damage, is_not_now
from winnowd.views.escape import printable
from winnowd.web.actions import NoSuchActionError, NotGivenError
from winnowd.web.frame import site_of
from winnowd.web.guard import LOGIN, LoginNeededError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

_WORDS: Final[Mapping[int, str]] = {
    404: "There is nothing here by that name.",
    405: "That cannot be done here.",
}
_UNFIT: Final = {
    "reason": "A reason has at most 4,000 characters.",
    "no text": "The reason has characters that cannot be written down.",
}


def refused(request: Request, fault: Exception) -> Response:
    """A page that says why it is none."""
    if not isinstance(fault, HTTPException):
        return _said(request, 500, "")
    said = str(fault.detail)
    is_said_by_us = said != HTTPStatus(fault.status_code).phrase
    return _said(request, fault.status_code, said if is_said_by_us else _WORDS.get(fault.status_code, said))


def login_needed(request: Request, fault: Exception) -> Response:
    """Lead to the form; whoever sends something is answered in words."""
    del fault
    site = site_of(request)
    if site.access.user_header:
        return _said(request, 401, "The proxy before this page does not say who you are.")
    if request.method not in {"GET", "HEAD"} or "authorization" in request.headers:
        return _said(request, 401, "Log in first.")
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(LOGIN if path == "/" else f"{LOGIN}?next={urllib.parse.quote(path, safe='')}", 303)


def unread(request: Request, fault: Exception) -> Response:
    """The ledger cannot be believed: the page says so, with what the command line would advise."""
    return _said(request, 503, f"{printable(str(fault))}. On the machine, see “winnowd verify”.")


def unread_within(request: Request, fault: Exception) -> Response:
    """The same, of a ledger that opens well and fails behind that; what is no fault of its file is one of ours."""
    if not (is_damage(fault) or is_not_now(fault)):
        raise fault
    return _said(
        request, 503, f"The ledger cannot be read: {printable(str(fault))}. On the machine, see “winnowd verify”."
    )


def not_given(request: Request, fault: Exception) -> Response:
    """The disk does not take an order."""
    return _said(request, 503, f"{printable(str(fault))} On the machine, see “winnowd doctor”.")


def unfit(request: Request, fault: Exception) -> Response:
    """A form that asks for no order."""
    words = _UNFIT.get(fault.fault, "") if isinstance(fault, UnfitOrderError) else ""
    return _said(request, 400, words or "That asks for nothing that can be done.")


def failed(request: Request, fault: Exception) -> Response:
    """A fault of ours; its trace is in the log of the process."""
    del fault
    return _said(
        request, 500, "That is a fault of winnowd. Its trace is in the log of the process that serves this page."
    )


def _said(request: Request, status: int, words: str) -> Response:
    title = HTTPStatus(status).phrase
    return site_of(request).page(request, "error.html", status=status, title=title, number=status, words=words)


HANDLERS: Final[Mapping[type[Exception], Callable[[Request, Exception], Response]]] = {
    HTTPException: refused,
    LoginNeededError: login_needed,
    LedgerBehindError: unread,
    LedgerDamagedError: unread,
    LedgerFault: unread_within,
    NotGivenError: not_given,
    UnfitOrderError: unfit,
    NoSuchActionError: unfit,
    Exception: failed,
}
