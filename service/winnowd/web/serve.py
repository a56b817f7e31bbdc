"""Serving the page: where it listens, and how it ends. uvicorn does the work."""

from __future__ import annotations

import contextlib
import errno
import ipaddress
import os
import signal
import socket
import stat
from typing import TYPE_CHECKING, Final

import uvicorn

from winnowd.web.connections import MOST_AT_ONCE, PatientProtocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.types import ASGIApp

UNIX: Final = "unix:"
_MODE: Final = 0o660
_PATIENCE: Final = 5
_LAST_PORT: Final = 65_535


class BindError(Exception):
    """It cannot listen there; the text says why."""


class RemoteAddressError(Exception):
    """Other machines would reach that address, and nobody has allowed it; the text is the address."""


def listening(address: str, *, allow_remote: bool) -> socket.socket:
    """A socket that listens at ``127.0.0.1:8737``, ``[::1]:8737`` or ``unix:/run/winnowd/web``; close it.

    Raises:
        RemoteAddressError: other machines would reach it.
        BindError: it cannot be had.
    """
    try:
        if address.startswith(UNIX):
            return _unix(address.removeprefix(UNIX))
        host, _, port = address.rpartition(":")
        host = host.strip("[]")
        if not (allow_remote or is_local(host)):
            raise RemoteAddressError(address)
        if int(port) > _LAST_PORT:
            raise BindError(f"{port} is no port")
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, int(port)), family=family, backlog=128)
    except (OSError, ValueError) as fault:
        raise BindError(getattr(fault, "strerror", None) or str(fault)) from fault


def is_local(host: str) -> bool:
    """Whether only this machine reaches an address."""
    if host == "localhost":
        return True
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return False


def _unix(path: str) -> socket.socket:
    """A socket in the file system, in the place of one that nobody listens at any more."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            raise OSError(errno.EEXIST, "something else lies there")
        if _is_answered(path):
            raise OSError(errno.EADDRINUSE, os.strerror(errno.EADDRINUSE))
        os.unlink(path)  # noqa: PTH108 - a socket's path, as the system has it
    made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o777 & ~_MODE)
    try:
        made.bind(path)
        made.listen(128)
    except OSError:
        made.close()
        raise
    finally:
        os.umask(before)
    return made


def _is_answered(path: str) -> bool:
    with contextlib.closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as asking:
        return asking.connect_ex(path) == 0


def serve(app: ASGIApp, at: socket.socket, *, ready: Callable[[], None]) -> None:
    """Serve until Ctrl-C or SIGTERM; ``ready`` is called once it does."""

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            ready()

    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        lifespan="off",
        loop="asyncio",
        log_level="warning",
        access_log=False,  # it would hold what is searched for, and by whom
        server_header=False,
        proxy_headers=False,
        limit_concurrency=MOST_AT_ONCE,
        timeout_graceful_shutdown=_PATIENCE,
    )
    server = Server(config)
    with _removed_at_the_end(at), _ended_by_sigterm(server), contextlib.suppress(KeyboardInterrupt):
        server.run(sockets=[at])


@contextlib.contextmanager
def _ended_by_sigterm(server: uvicorn.Server) -> Iterator[None]:
    """Have SIGTERM end it well: uvicorn, once it has ended, sends itself the signal that ended it."""

    def end(*_: object) -> None:
        server.should_exit = True

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


@contextlib.contextmanager
def _removed_at_the_end(at: socket.socket) -> Iterator[None]:
    name = at.getsockname()
    try:
        yield
    finally:
        at.close()
        if isinstance(name, str) and name:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)  # noqa: PTH108 - a socket's path, as the system has it
