"""``winnowd web``: the page, for a browser; a process of its own, beside the service."""

from __future__ import annotations

import contextlib
import re
from typing import TYPE_CHECKING, Final

import click

from winnowd.cli.faults import Exit, stop

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from socket import socket

    from winnowd.cli.context import Context
    from winnowd.settings import Loaded
    from winnowd.settings.sections import Web
    from winnowd.web.access import Access

_ADDRESS: Final = re.compile(r"unix:/.+|(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]+):[0-9]{1,5}")


@click.command("web")
@click.option(
    "--bind", metavar="ADDRESS", default=None, help="Listen there: 127.0.0.1:8737, or unix:/path of a socket."
)
@click.option("--read-only", is_flag=True, help="Show all of it, and take no orders.")
@click.pass_obj
def command(context: Context, *, bind: str | None, read_only: bool) -> int:
    """Serve the page: what waits, both texts side by side, and the decisions of people; until Ctrl-C or SIGTERM.

    It reads, and writes nothing but orders, which the service carries out. A token opens it: that of WINNOWD_WEB_TOKEN,
    else that of state/web-token, which is made at the first start.
    """
    try:
        from winnowd.web.app import make_app
        from winnowd.web.serve import serve
    except ModuleNotFoundError as fault:
        if (fault.name or "").startswith("winnowd"):
            raise
        advice = "install them with: pip install 'winnowd[web]'"
        raise stop(
            "web", f"{fault.name} is missing; the page has packages of its own", advice, exit=Exit.USAGE
        ) from fault
    web = context.loaded.settings.web
    address = (
        _address(web.address, "web.address", Exit.CONFIG) if bind is None else _address(bind, "--bind", Exit.USAGE)
    )
    access = _access(context, web, address, read_only=read_only)
    at = _listening(address, web)
    app = make_app(context.instance_dir, _loader(context), access)
    serve(app, at, ready=lambda: _tell(context, at))
    return Exit.DONE


def _address(given: str, where: str, otherwise: Exit) -> str:
    """What was given to listen at; stops if it is no address."""
    if _ADDRESS.fullmatch(given):
        return given
    advice = "give an address and a port (127.0.0.1:8737), or unix:/path"
    raise stop(where, f'"{given}" is no address', advice, exit=otherwise)


def _access(context: Context, web: Web, address: str, *, read_only: bool) -> Access:
    """Who may; stops (78) where the token cannot be had, or a header would be believed of anybody."""
    from winnowd.web.access import LOCAL, TOKEN_VARIABLE, Access, TokenError, login_user, token_of

    if web.user_header and not address.startswith("unix:"):
        advice = 'only a proxy on a socket is believed; set web.address = "unix:/..."'
        raise stop("web.user_header", f"is set, and the page listens at {address}", advice, exit=Exit.CONFIG)
    try:
        token = token_of(context.instance_dir, context.environ)
    except TokenError as fault:
        raise stop("web", str(fault), f"see {TOKEN_VARIABLE} in docs/how-to/page.md", exit=Exit.CONFIG) from fault
    own = set() if address.startswith("unix:") else {address.rpartition(":")[0].lower()}
    return Access(
        token,
        hosts=LOCAL | own | {name.lower() for name in web.hosts},
        read_only=read_only or web.read_only,
        user_header=web.user_header or "",
        user=login_user(),
    )


def _listening(address: str, web: Web) -> socket:
    """The socket; stops where it cannot be had (74), or others would reach it (78)."""
    from winnowd.web.serve import BindError, RemoteAddressError, listening

    try:
        return listening(address, allow_remote=web.allow_remote)
    except RemoteAddressError as fault:
        advice = "put a proxy with TLS before it, or set web.allow_remote = true"
        raise stop("web", f"other machines would reach {fault}", advice, exit=Exit.CONFIG) from fault
    except BindError as fault:
        raise stop("web", f"cannot listen at {address}: {fault}", "see --bind", exit=Exit.DISK) from fault


def _loader(context: Context) -> Callable[[], Loaded]:
    """The settings as they are now, read anew when their file has changed; while it has faults, those of before."""
    from winnowd import settings
    from winnowd.layout import SETTINGS

    path = context.config or context.instance_dir / SETTINGS
    held = [context.loaded]
    stamp = [_stamp_of(path)]

    def load() -> Loaded:
        if (now := _stamp_of(path)) != stamp[0]:
            stamp[0] = now
            with contextlib.suppress(settings.SettingsError):
                held[0] = settings.load(context.instance_dir, context.config, context.environ)
        return held[0]

    return load


def _stamp_of(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _tell(context: Context, at: socket) -> None:
    """Where it is, and how one gets in: to people, and to systemd, for which it is up from now on."""
    from winnowd.daemon.notify import Notify
    from winnowd.layout import WEB_TOKEN
    from winnowd.web.access import TOKEN_VARIABLE

    name = at.getsockname()
    where = f"unix:{name}" if isinstance(name, str) else f"http://{_host(name[0])}:{name[1]}/"
    token = (
        f"the token of {TOKEN_VARIABLE}"
        if context.environ.get(TOKEN_VARIABLE, "").strip()
        else f"the token in {context.instance_dir / WEB_TOKEN}"
    )
    if context.loaded.settings.web.user_header:
        token = f"who the proxy names in {context.loaded.settings.web.user_header}"
    context.say(f"winnowd: the page is at {where}\n  open to {token}\n  Ctrl-C ends it")
    notify = Notify(context.environ)
    notify.send(READY=1, STATUS=f"the page is at {where}")
    notify.close()


def _host(host: str) -> str:
    return f"[{host}]" if ":" in host else host
