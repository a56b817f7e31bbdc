"""What is sent, read within bounds: a form with files, or a file by itself; kept on disk where it is large."""

from __future__ import annotations

import tempfile
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import ClientDisconnect

from winnowd.operations.receive import Sent

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence
    from contextlib import AsyncExitStack
    from typing import BinaryIO

    from starlette.requests import Request

MOST_FILES: Final = 100
_OVERHEAD: Final = 1 << 16
"""Bytes that what stands around the files may have."""
_FIELDS: Final = 4
_IN_MEMORY: Final = 1 << 20


class Posted(NamedTuple):
    """What came: the files, and the token of a form, "" if it came with the request."""

    files: Sequence[Sent]
    token: str = ""


class RefusedError(Exception):
    """What is sent is not taken: with this status, these words and headers."""

    def __init__(self, status: HTTPStatus, words: str, **headers: str) -> None:
        super().__init__(words)
        self.status, self.words = status, words
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


async def of_body(request: Request, most: int, ending: str, open_files: AsyncExitStack) -> Posted:
    """The body as one file, of this ending, open until ``open_files`` closes it.

    Raises:
        RefusedError: it has more bytes than ``most``, or is cut off.
    """
    body = tempfile.SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - the stack closes it
    open_files.enter_context(body)
    size = 0
    async for piece in bounded(request, most):
        size += len(piece)
        await run_in_threadpool(body.write, piece)
    body.seek(0)
    return Posted([Sent(f"body{ending}", size, cast("BinaryIO", body))])


async def of_form(request: Request, most: int, open_files: AsyncExitStack) -> Posted:
    """The files of a form, open until ``open_files`` closes them, and its token.

    Raises:
        RefusedError: it is no form, has more bytes than ``most``, or is cut off.
    """
    parser = MultiPartParser(
        request.headers, bounded(request, most + _OVERHEAD), max_files=MOST_FILES, max_fields=_FIELDS,
        max_part_size=1_000,
    )  # fmt: skip
    try:
        found = await parser.parse()
    except (MultiPartException, KeyError, UnicodeDecodeError, ValueError) as fault:
        words = f"That is no form that can be read: {fault}." if isinstance(fault, MultiPartException) else ""
        raise RefusedError(HTTPStatus.BAD_REQUEST, words or "That is no form that can be read.") from fault
    open_files.push_async_callback(found.close)
    uploads = [one for _, one in found.multi_items() if isinstance(one, UploadFile) and (one.filename or one.size)]
    files = [Sent(one.filename or "", one.size or 0, one.file) for one in uploads]
    return Posted(files, str(found.get("token", "")).strip())


async def bounded(request: Request, most: int) -> AsyncGenerator[bytes, None]:
    """The body as it comes, up to so many bytes.

    Raises:
        RefusedError: there are more (413), and it is not read on; or it is cut off (400).
    """
    size = 0
    words = f"That is more than may be sent at once: {most:,} bytes."
    if (length := request.headers.get("content-length", "")).isdecimal() and int(length[:18]) > most:
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, words)
    try:
        async for piece in request.stream():
            size += len(piece)
            if size > most:
                raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, words, connection="close")
            yield piece
    except ClientDisconnect as fault:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "What was sent was cut off.") from fault
