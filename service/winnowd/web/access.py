"""Who may see the page, and who they are: token, sessions, forms that only our pages can send."""

from __future__ import annotations

import dataclasses
import getpass
import hashlib
import hmac
import os
import secrets
import time
from typing import TYPE_CHECKING, Final

from winnowd.layout import WEB_TOKEN

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

TOKEN_VARIABLE: Final = "WINNOWD_WEB_TOKEN"  # noqa: S105 - the name of it
SHORTEST: Final = 16
LASTS: Final = 7 * 86_400
"""Seconds that a login lasts."""
LOCAL: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
_BYTES: Final = 32
_LONGEST_USER: Final = 100


class TokenError(Exception):
    """The token cannot be had, or is none; the text says why, and what to do."""


@dataclasses.dataclass(frozen=True, slots=True)
class Access:
    """How the page is guarded.

    ``token`` opens it; ``hosts`` are the names by which it may be asked, without a port; ``user_header`` names who
    asks, where a proxy on the socket has seen to that ("" without one); ``user`` is whoever runs the process.
    """

    token: str
    hosts: frozenset[str] = LOCAL
    read_only: bool = False
    user_header: str = ""
    user: str = ""
    now: Callable[[], float] = time.time
    _key: str = dataclasses.field(default_factory=secrets.token_hex, repr=False)
    """Of this process alone: no session outlives it, so that none that was ended is one again after a restart."""
    _ended: dict[str, float] = dataclasses.field(default_factory=dict, repr=False)
    """When each session that was ended would have ended by itself; until then it is kept."""

    def is_token(self, given: str) -> bool:
        """Whether this is the token; it takes as long to say no as to say yes."""
        return hmac.compare_digest(self.token.encode(), given.encode("utf-8", "replace"))

    @property
    def cookie(self) -> str:
        """What the cookie of a login is called: browsers tell machines apart, not ports, and there may be two of us."""
        return f"winnowd-{self._signed('cookie', '')[:8]}"

    def new_session(self) -> str:
        """What the cookie of a login holds: a name made by chance, when it was made, and that we made it."""
        begun = f"{secrets.token_hex(8)}.{int(self.now())}"
        return f"{begun}.{self._signed(self._session, begun)}"

    def is_session(self, cookie: str) -> bool:
        """Whether a cookie is one of ours, not too old, and nobody has logged out with it."""
        begun, _, signature = cookie.rpartition(".")
        if not hmac.compare_digest(self._signed(self._session, begun).encode(), signature.encode("utf-8", "replace")):
            return False
        return cookie not in self._ended and self.now() <= _end_of(cookie)

    def end_session(self, session: str) -> None:
        """Let a session be none from now on; whatever is none already changes nothing."""
        if not self.is_session(session):
            return
        for old in [one for one, end in self._ended.items() if end < self.now()]:
            del self._ended[old]
        self._ended[session] = _end_of(session)

    @property
    def _session(self) -> str:
        """What sessions are signed for."""
        return f"session {self._key}"

    def form_token(self, session: str) -> str:
        """What each form carries: nobody who cannot read our pages knows it."""
        return self._signed("form", session)

    def is_form_token(self, session: str, given: str) -> bool:
        """Whether a form was one of ours, made for this session."""
        return hmac.compare_digest(self.form_token(session).encode(), given.encode("utf-8", "replace"))

    def _signed(self, purpose: str, said: str) -> str:
        return hmac.new(self.token.encode(), f"{purpose} {said}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _end_of(session: str) -> float:
    """When a session of ours ends by itself, in seconds of the clock that it was made by."""
    return int(session.split(".")[1]) + LASTS


def token_of(instance_dir: Path, environ: Mapping[str, str]) -> str:
    """The token: that of the environment, else that of ``state/web-token``, which is made (0600) if there is none.

    Raises:
        TokenError: it is too short, or the file cannot be read or made.
    """
    if given := environ.get(TOKEN_VARIABLE, "").strip():
        return _long_enough(given, TOKEN_VARIABLE)
    try:
        return _long_enough(_kept(instance_dir / WEB_TOKEN), WEB_TOKEN)
    except UnicodeDecodeError as fault:
        raise TokenError(f"{WEB_TOKEN} is no text; remove it, and another is made") from fault
    except OSError as fault:
        raise TokenError(f"{WEB_TOKEN}: {fault.strerror}; set {TOKEN_VARIABLE}, or let its owner run this") from fault


def _long_enough(token: str, where: str) -> str:
    if len(token) < SHORTEST or not token.isascii():
        raise TokenError(f"{where} has {len(token)} characters; give {SHORTEST} or more, of ASCII")
    return token


def _kept(path: Path) -> str:
    """The token in a file; an empty one is filled, since whoever installs may make the file, and give it an owner."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as file:
        if found := file.read(1_000).strip():
            return found
        made = secrets.token_urlsafe(_BYTES)
        file.write(made + "\n")
        file.flush()
        os.fsync(file.fileno())
    return made


def login_user() -> str:
    """The name of whoever runs this process."""
    try:
        return getpass.getuser()[:_LONGEST_USER]
    except (KeyError, OSError):
        return "unknown"


def named_user(header: bytes) -> str:
    """Who asks, as a proxy has written it; "" if that is no name."""
    name = header.decode("utf-8", "replace").strip()
    return name if name.isprintable() and len(name) <= _LONGEST_USER else ""
