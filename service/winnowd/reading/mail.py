"""Mail to records: a message, and a web page that a browser saved as one (MHTML). Pure.

Of a message the HTML part is read as a page is, else its plain text; what is attached is counted and not read. The
package ``email`` takes the square of some headers and of nested parts, so both are bounded before it is asked.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from winnowd.reading.decoding import decode
from winnowd.reading.mail_headers import header, sent_at, subject, writers
from winnowd.reading.pages import page
from winnowd.reading.records import Record, RefusedError, beyond, refused

if TYPE_CHECKING:
    import datetime as dt
    from email.message import Message

    from winnowd.reading.limits import ReadingLimits

_MOST_PARTS: Final = 1_000
_PART_LINE: Final = re.compile(rb"\n--")
_HEADER: Final = re.compile(rb"^[!-9;-~]{1,100}:", re.MULTILINE)
_NESTING: Final = re.compile(rb"boundary\*?0?\*?\s{0,9}=|message/", re.IGNORECASE)
_MOST: Final = {_PART_LINE: 20_000, _HEADER: 200_000, _NESTING: 100, re.compile(rb"\n"): 1_000_000}
"""How often each may stand in a message: what may begin a part or a header, what may hold parts, and lines.

``email`` takes a second for 200,000 headers, half a minute for a million parts, 90 bytes for a line.
"""
_MOST_COMPARED: Final = 10_000_000
"""Lines times what may hold parts: each line is compared with the boundaries of all parts around it, 0.5 us each."""
_LONGEST_HEADER: Final = 8_192
_STRUCTURED: Final = re.compile(rb"^content-[a-z-]{1,40}:[^\n]*(?:\n[ \t][^\n]*)*", re.IGNORECASE | re.MULTILINE)

_LAYOUT: Final = re.compile(rb"<(/?)(?:table|thead|tbody|tfoot|tr|td|th|center)\b", re.IGNORECASE)
"""Newsletters are laid out with tables: read as such, an article of many paragraphs is one cell, and one line."""

_SIGNATURE: Final = re.compile(r"\r?\n-- \r?\n")


class _Parts(NamedTuple):
    html: Message | None
    plain: Message | None
    attached: int


def message(data: bytes, limits: ReadingLimits, received_at: dt.datetime) -> Record:
    """The record of one message.

    Raises:
        RefusedError: INP103-106 of its text, 120, 121 of its page, 130, 132, 134.
    """
    mail = _parsed(data, limits)
    parts = _parts(mail)
    fields: dict[str, Any] = {"title": subject(mail), "published_at": sent_at(mail), **writers(mail)}
    if language := header(mail, "Content-Language"):
        fields["language"] = language
    if address := header(mail, "Archived-At").strip("<>"):
        fields["url"] = address
    if parts.attached:
        fields["attachments"] = parts.attached
    body = _body(parts, limits, received_at)
    fields = {
        **({} if body.fields is None else body.fields),
        **{name: value for name, value in fields.items() if value},
    }
    return body._replace(fields=fields, parser="mail")


def saved_page(data: bytes, limits: ReadingLimits, received_at: dt.datetime) -> Record:
    """The record of a page that a browser saved with all that is in it; its address is where it was.

    Raises:
        RefusedError: INP103-106, 120, 121, 130, 132, 134.
    """
    mail = _parsed(data, limits)
    html = _parts(mail).html
    if html is None:
        raise refused("INP130", "no page in it")
    address = header(html, "Content-Location") or header(mail, "Snapshot-Content-Location")
    record = page(_payload(html), limits, received_at, charset=_charset(html), url=address or None)
    return record._replace(parser="mhtml")


def _parsed(data: bytes, limits: ReadingLimits) -> Message:
    """A message as ``email`` reads it, with headers as they are.

    Raises:
        RefusedError: INP103, too large; INP132, ``email`` failed; INP134, beyond what it is asked to read.
    """
    if len(data) > limits.mail_bytes:
        raise beyond("INP103", "bytes", len(data), limits.mail_bytes, "larger than a message may be")
    counts = {pattern: sum(1 for _ in pattern.finditer(data)) for pattern in _MOST}
    for pattern, most in _MOST.items():
        if counts[pattern] > most:
            raise beyond("INP134", "parts", counts[pattern], most, "more parts, headers or lines than are read")
    compared = counts[_NESTING] * data.count(b"\n")
    if compared > _MOST_COMPARED:
        raise beyond("INP134", "parts", compared, _MOST_COMPARED, "too many parts in parts for so many lines")
    longest = max((len(found[0]) for found in _STRUCTURED.finditer(data)), default=0)
    if longest > _LONGEST_HEADER:
        raise beyond("INP134", "bytes", longest, _LONGEST_HEADER, "a header of a part is too long")
    from email import message_from_bytes

    try:
        return message_from_bytes(data)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - it promises to raise nothing, and has broken that more than once
        raise refused("INP132", "it cannot be taken apart") from None


def _parts(mail: Message) -> _Parts:
    """The first part of HTML, the first of text, and how many are attached.

    Raises:
        RefusedError: INP134, more than 1,000 parts.
    """
    html = plain = None
    attached = 0
    waiting = [mail]
    for number in range(_MOST_PARTS + 1):
        if not waiting:
            return _Parts(html, plain, attached)
        part = waiting.pop()
        kind = part.get_content_type()
        if part.is_multipart() and kind.startswith("multipart/"):
            waiting.extend(reversed(cast("list[Message]", part.get_payload())))
        elif part.get_content_disposition() == "attachment" or kind not in {"text/html", "text/plain"}:
            attached += number > 0
        elif kind == "text/html":
            html = html or part
        else:
            plain = plain or part
    raise beyond("INP134", "parts", _MOST_PARTS + 1, _MOST_PARTS, f"more than {_MOST_PARTS:,} parts")


def _body(parts: _Parts, limits: ReadingLimits, received_at: dt.datetime) -> Record:
    """The text of a message: its page if there is one that gives enough, else its plain text."""
    failed: RefusedError | None = None
    if parts.html is not None:
        try:
            html = _LAYOUT.sub(rb"<\1div", _payload(parts.html))
            found = page(html, limits, received_at, charset=_charset(parts.html))
        except RefusedError as error:
            failed = error
        else:
            said = {} if found.fields is None else found.fields
            return found._replace(fields={name: said[name] for name in ("text", "language") if name in said})
    if parts.plain is not None:
        return _plain(parts.plain, limits)
    raise failed or refused("INP130", f"no text in it, and {parts.attached:,} parts that are attached")


def _plain(part: Message, limits: ReadingLimits) -> Record:
    data = _payload(part)
    if len(data) > limits.text_bytes:
        raise beyond("INP103", "bytes", len(data), limits.text_bytes, "its text is larger than a text may be")
    decoded = decode(data, _charset(part))
    text = _SIGNATURE.split(decoded.text, maxsplit=1)[0]
    if "flowed" in header(part, "Content-Type").lower():
        text = _unflowed(text)
    return Record({"text": text}, decoded.findings, decoded.notes, decoded.encoding, "mail")


def _unflowed(text: str) -> str:
    """A text whose lines go on where they end with a blank (RFC 3676)."""
    made: list[str] = []
    goes_on = False
    for whole in text.splitlines():
        line = whole.removeprefix(" ")
        if goes_on and line:
            made[-1] += line
        else:
            made.append(line)
        goes_on = line.endswith(" ")
    return "\n".join(made)


def _payload(part: Message) -> bytes:
    """The bytes of a part, its transfer encoding taken off."""
    try:
        data = part.get_payload(decode=True)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - base64 and uuencode of any bytes
        raise refused("INP132", "a part of it cannot be decoded") from None
    return data if isinstance(data, bytes) else b""


def _charset(part: Message) -> str | None:
    """The name that a part gives to its encoding."""
    from email.utils import collapse_rfc2231_value

    try:
        return collapse_rfc2231_value(part.get_param("charset") or "").strip() or None
    except (LookupError, ValueError, TypeError):
        return None
