"""Where the page listens, how it is started, and how it says that it cannot be."""

from __future__ import annotations

import contextlib
import io
import os
import signal
import socket
import stat
import sys
import threading
from typing import TYPE_CHECKING

import pytest
from tests.cli.conftest import run  # noqa: F401 - a fixture
from tests.unprivileged import unprivileged

from winnowd.cli.context import Context
from winnowd.cli.web import _tell
from winnowd.layout import WEB_TOKEN
from winnowd.web.access import TokenError, token_of
from winnowd.web.connections import MOST_AT_ONCE
from winnowd.web.serve import BindError, RemoteAddressError, is_local, listening, serve

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from starlette.types import Receive, Scope, Send
    from tests.cli.conftest import Ran
    from tests.e2e.instance import Instance


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "::1", "localhost"])
def test_this_machine_alone_is_local(host: str) -> None:
    """Whatever it is called."""
    assert is_local(host)


@pytest.mark.parametrize("address", ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", "localhost.example:0", "0:0"])
def test_other_machines_reach_it_only_where_that_is_allowed(address: str) -> None:
    """A name that is not plainly local counts as another machine's."""
    with pytest.raises(RemoteAddressError):
        listening(address, allow_remote=False)


def test_an_address_that_is_taken_is_told() -> None:
    """Another page, most often."""
    with listening("127.0.0.1:0", allow_remote=False) as first, pytest.raises(BindError, match="in use"):
        listening(f"127.0.0.1:{first.getsockname()[1]}", allow_remote=False)


def test_a_port_beyond_all_ports_is_told() -> None:
    """It is five digits, and none."""
    with pytest.raises(BindError):
        listening("127.0.0.1:99999", allow_remote=False)


def test_a_socket_is_for_its_group_and_takes_the_place_of_a_dead_one(tmp_path: Path) -> None:
    """One that somebody listens at stays, and so does a file that is none."""
    path, file = tmp_path / "socket", tmp_path / "file"
    file.write_text("kept")
    listening(f"unix:{path}", allow_remote=False).close()

    with listening(f"unix:{path}", allow_remote=False):
        assert stat.S_IMODE(path.stat().st_mode) == 0o660
        with pytest.raises(BindError, match="in use"):
            listening(f"unix:{path}", allow_remote=False)

    with pytest.raises(BindError, match="something else"):
        listening(f"unix:{file}", allow_remote=False)
    assert file.read_text() == "kept"


async def ok(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers whatever is asked."""
    del scope, receive
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


def asked(path: Path) -> bytes:
    """What is answered at a socket."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(str(path))
        asking.sendall(b"GET / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        return asking.makefile("rb").read()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_serves_until_it_is_stopped(tmp_path: Path, number: signal.Signals) -> None:
    """It says when it is ready, answers, ends well, and leaves no socket behind."""
    answers: list[bytes] = []

    def ask() -> None:
        answers.append(asked(tmp_path / "socket"))
        os.kill(os.getpid(), number)

    asker = threading.Thread(target=ask)
    serve(ok, listening(f"unix:{tmp_path / 'socket'}", allow_remote=False), ready=asker.start)
    asker.join()

    assert answers[0].startswith(b"HTTP/1.1 200")
    assert b"server:" not in answers[0].lower()
    assert not (tmp_path / "socket").exists()


def test_whoever_says_nothing_locks_nobody_out(tmp_path: Path) -> None:
    """More connections than are served at once, none of which asks anything: who does is answered."""
    answers: list[bytes] = []

    def ask() -> None:
        with contextlib.ExitStack() as held:
            silent = [held.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(MOST_AT_ONCE + 6)]
            for one in silent:
                one.connect(str(tmp_path / "socket"))
            answers.extend(asked(tmp_path / "socket") for _ in range(3))
        os.kill(os.getpid(), signal.SIGTERM)

    asker = threading.Thread(target=ask)
    serve(ok, listening(f"unix:{tmp_path / 'socket'}", allow_remote=False), ready=asker.start)
    asker.join()

    assert [answer.split(b"\r\n")[0] for answer in answers] == [b"HTTP/1.1 200 OK"] * 3


def test_once_it_listens_a_service_manager_hears_of_it(tmp_path: Path) -> None:
    """The unit is up from then on, and says where the page is."""
    (tmp_path / "state").mkdir()
    environ = {"NOTIFY_SOCKET": str(tmp_path / "manager")}
    context = Context(environ=environ, stdout=io.StringIO(), stderr=io.StringIO(), home_option=tmp_path)

    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager,
        listening("127.0.0.1:0", allow_remote=False) as at,
    ):
        manager.bind(environ["NOTIFY_SOCKET"])
        _tell(context, at)
        manager.setblocking(False)
        heard = manager.recv(4_096).decode().splitlines()

        assert heard == ["READY=1", f"STATUS=the page is at http://127.0.0.1:{at.getsockname()[1]}/"]


def test_a_token_is_made_once_and_is_for_its_owner(tmp_path: Path) -> None:
    """The next start finds it; an empty file, which whoever installs has made, is filled."""
    (tmp_path / "state").mkdir()
    made = token_of(tmp_path, {})

    assert len(made) >= 40
    assert token_of(tmp_path, {}) == made
    assert stat.S_IMODE((tmp_path / WEB_TOKEN).stat().st_mode) == 0o600
    (tmp_path / WEB_TOKEN).write_text("")
    assert token_of(tmp_path, {}) not in {"", made}


def test_a_token_of_the_environment_counts_alone(tmp_path: Path) -> None:
    """No file is made; a short one is refused."""
    assert token_of(tmp_path, {"WINNOWD_WEB_TOKEN": " sixteen letters! "}) == "sixteen letters!"
    with pytest.raises(TokenError, match="has 5 characters"):
        token_of(tmp_path, {"WINNOWD_WEB_TOKEN": "short"})


def test_a_token_that_cannot_be_kept_is_told(tmp_path: Path) -> None:
    """By whom it could be made."""
    (tmp_path / "state").mkdir(mode=0o500)

    with unprivileged(), pytest.raises(TokenError, match="let its owner run this"):
        token_of(tmp_path, {})


def test_a_token_that_is_no_text_is_told(tmp_path: Path) -> None:
    """With what to do about it."""
    (tmp_path / "state").mkdir()
    (tmp_path / WEB_TOKEN).write_bytes(bytes(range(128, 192)))

    with pytest.raises(TokenError, match="is no text; remove it"):
        token_of(tmp_path, {})


@pytest.mark.parametrize(
    ("arguments", "configuration", "code", "said"),
    [
        (["--bind", "0.0.0.0:8737"], "", 78, "other machines would reach 0.0.0.0:8737"),
        (["--bind", "here"], "", 2, '"here" is no address'),
        ([], 'address = "here"', 78, 'web.address: "here" is no address'),
        ([], 'user_header = "X-User"', 78, "only a proxy on a socket is believed"),
        (
            ["--bind", "unix:/nowhere/socket"],
            "",
            74,
            "cannot listen at unix:/nowhere/socket: No such file or directory",
        ),
    ],
)
def test_what_keeps_it_from_serving_is_said(
    run: Callable[..., Ran],  # noqa: F811 - the fixture
    tmp_path: Path,
    arguments: list[str],
    configuration: str,
    code: int,
    said: str,
) -> None:
    """In one line, with what to do."""
    (tmp_path / "state").mkdir()
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "winnowd.toml").write_text(f"[web]\n{configuration}\n")

    ran = run("--home", str(tmp_path), "web", *arguments)

    assert ran.code == code
    assert said in ran.err
    assert ran.err.count("\n") == 1


def test_missing_packages_are_said_with_their_remedy(
    run: Callable[..., Ran],  # noqa: F811 - the fixture
    held_once: Instance,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """They are an extra, and most instances have no page."""
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    monkeypatch.delitem(sys.modules, "winnowd.web.serve", raising=False)

    ran = run("--home", str(held_once.instance_dir), "web")

    assert ran.code == 2
    assert "uvicorn is missing" in ran.err
    assert "pip install 'winnowd[web]'" in ran.err
