"""Who may send over the network, and into which feed: tokens, of which digests are kept (state/senders.json, 0600).

A token is 256 bits drawn by chance: from a plain digest it can neither be guessed nor looked up. Without a sender there
is no way in.
"""

from __future__ import annotations

import contextlib
import datetime as dt  # noqa: TC003 - msgspec reads it
import fcntl
import hashlib
import hmac
import os
import re
import secrets
from typing import TYPE_CHECKING, Final

import msgspec

from winnowd.layout import SENDERS, STATE
from winnowd.storage.inbox.names import Names

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from winnowd.settings import Settings

LONGEST_FEED: Final = 100
_FEED: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*){0,7}")
_BEGINNING: Final = "wns"
_BYTES: Final = 32
_LONGEST: Final = 1 << 20
_READ: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC
_WRITE: Final = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC


class FeedNameError(ValueError):
    """It cannot be the folder of a feed; the text says why."""


class NoSuchSenderError(KeyError):
    """There is no sender of this id."""


class SendersDamagedError(Exception):
    """The file of senders cannot be read; the text says why."""


class Sender(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One who may send: ``id`` (8 hex digits) stands in the names of what they send, ``sha256`` is of their token."""

    id: str
    feed: str
    sha256: str
    made_at: dt.datetime


class _Kept(msgspec.Struct, forbid_unknown_fields=True):
    senders: list[Sender]


def senders(instance_dir: Path) -> list[Sender]:
    """All of them, oldest first.

    Raises:
        SendersDamagedError: their file cannot be read.
    """
    try:
        descriptor = os.open(instance_dir / SENDERS, _READ)
    except FileNotFoundError:
        return []
    except OSError as fault:
        raise SendersDamagedError(f"{SENDERS}: {fault.strerror}") from fault
    with os.fdopen(descriptor, "rb") as file:
        content = file.read(_LONGEST)
        if not content:  # whoever installs may make the file, and give it an owner
            return []
        try:
            return msgspec.json.decode(content, type=_Kept).senders
        except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
            raise SendersDamagedError(f"{SENDERS} is damaged: {fault}") from fault


def sender_of(instance_dir: Path, token: str) -> Sender | None:
    """Whose token this is; to say no takes as long as to say yes.

    Raises:
        SendersDamagedError: their file cannot be read.
    """
    digest = _digest(token)
    found = [one for one in senders(instance_dir) if hmac.compare_digest(one.sha256, digest)]
    return found[0] if found else None


def add_sender(instance_dir: Path, settings: Settings, feed: str, now: dt.datetime) -> tuple[Sender, str]:
    """Let somebody send into a feed; gives their token, which is kept nowhere and cannot be told again.

    Raises:
        FeedNameError: that is no feed's name, or the inbox passes such folders over.
        SendersDamagedError: their file cannot be read.
    """
    _must_be_feed(feed, Names(settings.inbox.ignore))
    identity = secrets.token_hex(4)
    token = f"{_BEGINNING}_{identity}_{secrets.token_hex(_BYTES)}"
    sender = Sender(identity, feed, _digest(token), now.replace(microsecond=0))
    with _changing(instance_dir):
        _keep(instance_dir, [*senders(instance_dir), sender])
    return sender, token


def remove_sender(instance_dir: Path, identity: str) -> Sender:
    """Let nobody send by this sender's token any more, nor ask what became of what they sent.

    Raises:
        NoSuchSenderError: there is none of this id.
        SendersDamagedError: their file cannot be read.
    """
    with _changing(instance_dir):
        every = senders(instance_dir)
        gone = [one for one in every if one.id == identity]
        if not gone:
            raise NoSuchSenderError(identity)
        _keep(instance_dir, [one for one in every if one.id != identity])
    return gone[0]


def _must_be_feed(feed: str, names: Names) -> None:
    if len(feed) > LONGEST_FEED or not _FEED.fullmatch(feed):
        raise FeedNameError(
            f"{feed[:LONGEST_FEED]!r} is no feed; give a folder of the inbox, of letters, digits and . _ - /, at most "
            f"{LONGEST_FEED} characters"
        )
    for step in feed.split("/"):
        if names.ignores(step):
            raise FeedNameError(f"{step!r} is a name that inbox.ignore passes over; give another")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


@contextlib.contextmanager
def _changing(instance_dir: Path) -> Iterator[None]:
    """One change after the other."""
    descriptor = os.open(instance_dir / STATE, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _keep(instance_dir: Path, every: Sequence[Sender]) -> None:
    """Write all senders: beside, on disk, then renamed; for the file's owner, or that of ``state/``, alone to read."""
    goal = instance_dir / SENDERS
    temp_path = goal.with_name(f".{goal.name}.part")
    descriptor = os.open(temp_path, _WRITE, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        if os.geteuid() == 0:  # who serves the page reads it, and may be another user
            owner = (goal if goal.exists() else goal.parent).stat()
            os.fchown(descriptor, owner.st_uid, owner.st_gid)
        file.write(msgspec.json.format(msgspec.json.encode(_Kept(list(every)))) + b"\n")
        file.flush()
        os.fsync(descriptor)
    temp_path.rename(goal)
