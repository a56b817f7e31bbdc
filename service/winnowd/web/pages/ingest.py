"""Sending files: ``POST /inbox`` for whoever has a sender's token, its receipts, and a form that does the same by hand.

It stands before the guard: senders have no login of ours, and no browser sends a token on its own, so no page elsewhere
can send by it. Off while there is no sender, and where the page is read-only.
"""

from __future__ import annotations

import contextlib
import urllib.parse
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, cast

from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from winnowd.operations.receive import (
    Bounds,
    Meter,
    NoRoomError,
    NoSuchReceiptError,
    NothingSentError,
    TooLargeError,
    TooOftenError,
    receive,
    received,
)
from winnowd.operations.senders import Sender, SendersDamagedError, sender_of, senders
from winnowd.web.frame import site_of
from winnowd.web.uploads import MOST_FILES, Posted, RefusedError, bounded, of_body, of_form

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from winnowd.operations.receive import Receipt, Received
    from winnowd.web.frame import Site

PATH: Final = "/inbox"
RECEIPTS: Final = "/receipts"
FORM_BYTES: Final = 8 << 20
"""Most bytes of a form, whose token comes with it: so much anybody can make us read."""
_FORMS: Final = Bounds(FORM_BYTES, 100, 30, 30 * FORM_BYTES * 60)
"""How many forms are read, whoever sends them."""
_QUESTION: Final = 2_000
"""Most bytes of the form that asks what became of a file."""
_DIRECT: Final = {
    "application/json": ".json", "application/x-ndjson": ".jsonl", "application/jsonl": ".jsonl",
    "text/plain": ".txt", "text/html": ".html",
}  # fmt: skip
"""What may be sent as a body by itself, and the ending that it gets."""


class Intake:
    """Where files are handed in: how much each sender has sent of late; ``seconds`` never go back."""

    def __init__(self, site: Site, seconds: Callable[[], float]) -> None:
        self._site, self._seconds = site, seconds
        self._forms = Meter(_FORMS, seconds)
        self._meter = Meter(self.bounds, seconds)

    @property
    def bounds(self) -> Bounds:
        """How much is taken, by the settings as they are now."""
        web = self._site.load().settings.web
        return Bounds(web.send_bytes, MOST_FILES, web.send_files, web.send_hourly)

    def meter(self) -> Meter:
        """What counts, by the bounds as they are now."""
        if self._meter.bounds != (bounds := self.bounds):
            self._meter = Meter(bounds, self._seconds)
        return self._meter

    def read_a_form(self) -> None:
        """Count a form before it is read.

        Raises:
            TooOftenError: there are too many.
        """
        self._forms.add("", 1, 0)


def form(request: Request) -> Response:
    """The form."""
    _must_be_open(request)
    return site_of(request).page(request, "ingest.html", receipts=(), became=None, fault="", name="")


async def send(request: Request) -> Response:
    """Take files; the answer has a receipt for each."""
    _must_be_open(request)
    try:
        async with _posted(request) as posted:
            receipts = await run_in_threadpool(_put, request, posted)
    except OSError as fault:  # in the inbox, or where it is kept until it is whole
        words = f"It could not be written: {fault.strerror or type(fault).__name__}."
        raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, words) from fault
    if _wants_page(request):
        return site_of(request).page(
            request, "ingest.html", status=201, receipts=receipts, became=None, fault="", name=""
        )
    said = [{"name": one.name, "feed": one.feed, "size": one.size, "at": f"{RECEIPTS}/{one.name}"} for one in receipts]
    headers = {"location": f"{RECEIPTS}/{receipts[0].name}"} if len(receipts) == 1 else None
    return JSONResponse({"receipts": said}, HTTPStatus.CREATED, headers)


def receipt(request: Request) -> Response:
    """What became of a file, for the sender whose token comes with the request."""
    _must_be_open(request)
    return JSONResponse(_received(request, _bearer(request), str(request.path_params["name"])).fields())


async def ask(request: Request) -> Response:
    """The same by hand: name and token come from the form."""
    name = ""
    _must_be_open(request)
    try:
        _intake(request).read_a_form()
        body = b"".join([piece async for piece in bounded(request, _QUESTION)])
        fields = dict(urllib.parse.parse_qsl(body.decode("ascii", "replace"), errors="replace"))
        name, token = fields.get("name", "").strip(), fields.get("token", "").strip()
        said = await run_in_threadpool(_received, request, token, name)
    except TooOftenError as fault:
        raise _too_often(fault) from fault
    except RefusedError as refused:
        return _refusal(request, refused, name)
    return site_of(request).page(request, "ingest.html", receipts=(), became=said, fault="", name=name)


def _must_be_open(request: Request) -> None:
    site = site_of(request)
    try:
        has_senders = bool(senders(site.instance_dir))
    except SendersDamagedError as fault:
        raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, f"{fault}.") from fault
    if not has_senders:
        raise HTTPException(HTTPStatus.NOT_FOUND)
    if site.access.read_only:
        raise RefusedError(HTTPStatus.FORBIDDEN, "This page was started to show, not to take files.")


def _bearer(request: Request) -> str:
    """The token that comes with a request, "" without one."""
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    return given.strip() if scheme.lower() == "bearer" else ""


def _sender(request: Request, token: str) -> Sender:
    sender = sender_of(site_of(request).instance_dir, token) if token else None
    if sender is None:
        words = "That is no token of a sender." if token else "Say who sends: Authorization: Bearer TOKEN."
        raise RefusedError(HTTPStatus.UNAUTHORIZED, words, www_authenticate="Bearer")
    return sender


@contextlib.asynccontextmanager
async def _posted(request: Request) -> AsyncIterator[Posted]:
    """What a request brings, read within bounds; its temporary files go when it is taken."""
    intake, bearer = _intake(request), _bearer(request)
    most = intake.bounds.request_bytes
    if bearer:
        await run_in_threadpool(_sender, request, bearer)  # a stranger's body is not read
    else:
        most = min(most, FORM_BYTES)
        try:
            intake.read_a_form()
        except TooOftenError as fault:
            raise _too_often(fault) from fault
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    async with contextlib.AsyncExitStack() as open_files:
        if media_type == "multipart/form-data":
            yield await of_form(request, most, open_files)
        elif bearer and media_type in _DIRECT:
            yield await of_body(request, most, _DIRECT[media_type], open_files)
        else:
            words = f"Send multipart/form-data, or one of {', '.join(_DIRECT)}."
            raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, words)


def _put(request: Request, posted: Posted) -> Sequence[Receipt]:
    """Put into the inbox what was sent, for whoever has sent it."""
    site = site_of(request)
    sender = _sender(request, _bearer(request) or posted.token)
    settings, meter = site.load().settings, _intake(request).meter()
    try:
        return receive(site.instance_dir, settings, sender, posted.files, meter=meter, now=site.now())
    except NothingSentError as fault:
        raise RefusedError(HTTPStatus.BAD_REQUEST, f"{str(fault).capitalize()}.") from fault
    except TooLargeError as fault:
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"{fault}.") from fault
    except TooOftenError as fault:
        raise _too_often(fault) from fault
    except NoRoomError as fault:
        raise RefusedError(HTTPStatus.INSUFFICIENT_STORAGE, "There is too little room on the disk.") from fault


def _received(request: Request, token: str, name: str) -> Received:
    sender = _sender(request, token)
    try:
        return received(site_of(request).instance_dir, sender, name)
    except NoSuchReceiptError as fault:
        raise RefusedError(HTTPStatus.NOT_FOUND, "There is no such receipt of this sender.") from fault


def _too_often(fault: TooOftenError) -> RefusedError:
    words = f"{str(fault).capitalize()}."
    return RefusedError(HTTPStatus.TOO_MANY_REQUESTS, words, retry_after=str(fault.wait))


def _refused(request: Request, fault: Exception) -> Response:
    return _refusal(request, cast("RefusedError", fault))


def _refusal(request: Request, refused: RefusedError, name: str = "") -> Response:
    """Why not, as a page or for programs."""
    if _wants_page(request):
        response: Response = site_of(request).page(
            request, "ingest.html", status=refused.status, receipts=(), became=None, fault=refused.words, name=name
        )
    else:
        response = JSONResponse({"error": refused.words}, refused.status)
    response.headers.update(refused.headers)
    return response


def _wants_page(request: Request) -> bool:
    """Whether a browser asks."""
    return "text/html" in request.headers.get("accept", "")


def _intake(request: Request) -> Intake:
    intake: Intake = request.app.state.intake
    return intake


OPEN_ROUTES: Final = (
    Route(PATH, form),
    Route(PATH, send, methods=["POST"]),
    Route(RECEIPTS, ask, methods=["POST"]),
    Route(f"{RECEIPTS}/{{name}}", receipt),
)
REFUSING: Final = {RefusedError: _refused}
