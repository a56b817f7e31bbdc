"""What the headers of a message say of an article: its title, when it was sent, and who wrote or published it. Pure."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import decode_header
from typing import TYPE_CHECKING, Any, Final

from winnowd.reading.decoding import decode
from winnowd.reading.records import RefusedError

if TYPE_CHECKING:
    from email.message import Message

_LONGEST: Final = 2_000
_FORWARDED: Final = re.compile(r"^(?:(?:re|aw|sv|fw|fwd|wg|tr|rv|enc)\s?:\s*)+", re.IGNORECASE)
_OF_NOBODY: Final = re.compile(
    r"(?:no-?reply|do-?not-?reply|news(?:letters?)?|newsdesk|info|hello|hi|mail(?:er|ing)?|editors?|editorial|redaktion|"
    r"digest|updates?|alerts?|team|press|contact|support|office|weekly|daily|briefing|subscriptions?)\b",
    re.IGNORECASE,
)
"""Addresses that are of a house and of no person: whoever is named with them publishes."""
_NAMED: Final = re.compile(r"(?P<name>[^<>]*)<(?P<address>[^<>]*)>")
_COMMENTED: Final = re.compile(r"(?P<address>[^\s()<>]+) \((?P<name>[^()]*)\)")
"""``Name <address>``, and the old ``address (Name)``; ``email`` recurses over what may stand there besides."""
_PERSON_OF: Final = re.compile(r"(.{2,100}?)\s(?:at|from|von|via|of|\||@)\s(.{2,100})", re.IGNORECASE)


def header(mail: Message, name: str) -> str:
    """A header as text on one line, its encoded words decoded; at most 2,000 characters; "" for none."""
    value = mail.get(name)
    if value is None:
        return ""
    raw = str(value)[:_LONGEST]
    try:
        pieces = decode_header(raw)
    except (HeaderParseError, ValueError):
        pieces = [(raw, None)]
    return " ".join("".join(_text(piece, charset) for piece, charset in pieces).split())


def _text(piece: bytes | str, charset: str | None) -> str:
    if isinstance(piece, str):
        piece = (
            piece.encode("ascii", "surrogateescape") if piece.isascii() else piece.encode("utf-8", "surrogateescape")
        )
    try:
        return decode(piece, charset).text
    except RefusedError:
        return " " if piece.isspace() else ""


def subject(mail: Message) -> str:
    """Its subject, without what forwarding put before it."""
    return _FORWARDED.sub("", header(mail, "Subject"))


def sent_at(mail: Message) -> str:
    """When it says that it was sent, in ISO 8601 where that can be read."""
    from email.utils import parsedate_to_datetime

    text = header(mail, "Date")
    try:
        return parsedate_to_datetime(text).isoformat() if text else ""
    except (ValueError, TypeError, OverflowError, IndexError):
        return text


def writers(mail: Message) -> dict[str, Any]:
    """``authors`` and ``publisher`` of a message by whom it is from.

    1. A name of a person and a house ("Ann Lee at Coastal Post") is both.
    2. One that is sent to subscribers, or from an address that is a house's, names the publisher.
    3. All others name an author.
    """
    sender = _NAMED.match(header(mail, "From")) or _COMMENTED.match(header(mail, "From"))
    name = sender["name"].strip("\"' ") if sender is not None else ""
    if sender is None or not name:
        return {}
    if both := _PERSON_OF.fullmatch(name):
        return {"authors": [both[1]], "publisher": both[2]}
    bulk = mail.get("List-Unsubscribe") is not None and mail.get("List-Post") is None
    if bulk or _OF_NOBODY.match(sender["address"].rpartition("@")[0]):
        return {"publisher": name}
    return {"authors": [name]}
