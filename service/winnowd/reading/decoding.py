"""Bytes to text: the ladder of encodings, the first that fits (docs/design/reading.md, "Encodings"). Pure."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from winnowd.model import Note
from winnowd.reading.records import beyond, found, refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.model import Finding

_CONTROLS: Final = bytes(set(range(0x20)) - set(b"\t\n\r\f"))
_NOT_ASCII: Final = bytes(range(0x80, 0x100))
_NO_CP1252: Final = b"\x81\x8d\x8f\x90\x9d"
_MOST_CONTROLS: Final = 0.01
_LEAST_VALID: Final = 0.9
_WIDE_NULS: Final = 0.3
_MOST_NOT_ASCII: Final = 0.1
_SAMPLE: Final = 65_536

_BOMS: Final = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)

_WIDER: Final = {"gb2312": "gb18030", "gbk": "gb18030", "utf-16-le": "utf-8", "utf-16-be": "utf-8"}
"""Codecs for which the WHATWG takes another: one of all Chinese; UTF-8 for a wide one, which only bytes can show."""
_SHIFTING: Final = "iso2022_jp"
_SHIFTS: Final = b"\x1b$", b"\x1b("
"""How this encoding changes from ASCII to Japanese and back: all its bytes are ASCII, and would pass for UTF-8."""

_NOT_WESTERN: Final = re.compile(
    r"[a-z][ÐÑÕŽŠŒŸ‚„ƒ](?![A-ZÀ-Ý])"  # what follows no small letter
    r"|[a-z][†‡ˆ‰‹›•˜¡¢£¤¥¦§¨©¬¯±¶¸¿][a-z]"  # what stands between no two
    r"|[a-z.,!?][ÉÓ](?!\w)|(?<!\w)Ò[A-Z][a-z]|(?<!\S)[ÐÑ](?!\S)"  # ellipsis, quotation marks and dashes of Mac OS
)
"""What no Western text has, and text of Mac OS or DOS has when it is read as cp1252: é, ç or a quotation mark."""
_IN_THESE: Final = "ÉÐÑÒÓÕŽŠŒŸ‚„ƒ†‡ˆ‰‹›•˜¡¢£¤¥¦§¨©¬¯±¶¸¿".encode("cp1252")
"""Every byte that such a place has: most texts have none, and are not searched."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the encoding that gave it, and what there is to say of that."""

    text: str
    encoding: str
    notes: tuple[Note, ...] = ()
    findings: tuple[Finding, ...] = ()


def decode(data: bytes, *declared: str | None) -> Decoded:
    """Decode by the first that fits: BOM, UTF-16, UTF-8, each declared encoding, damaged UTF-8, cp1252.

    ``declared`` are the labels that a page has, the best first. From the second on, but for UTF-8, the encoding is
    noted as guessed (CLN302).

    Raises:
        RefusedError: INP104 for blanks only, INP105 for a NUL or more than 1 % control characters, INP106 if none fits.
    """
    decoded = _by_bom(data) or _by_content(data, tuple(filter(None, map(encoding_of, declared))))
    if not decoded.text or decoded.text.isspace():
        raise refused("INP104", "nothing but blanks")
    return decoded


def encoding_of(label: str | None) -> str | None:
    """The codec that the WHATWG has for a label; None for one that is not in its list, which is looked up nowhere."""
    if not label or not label.isascii():
        return None
    from webencodings import lookup

    found_encoding = lookup(label)
    if found_encoding is None or found_encoding.name in {"replacement", "x-user-defined"}:
        return None
    codec = found_encoding.codec_info.name
    return _WIDER.get(codec, codec)


def wide_encoding(head: bytes) -> str | None:
    """UTF-16 or UTF-32, if the beginning of a stream is that: by its BOM, or by the places of its NULs."""
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return None if encoding == "utf-8" else encoding
    return _wide(head) if b"\0" in head else None


def as_utf8(chunks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """A stream in a wide encoding as UTF-8, its BOM kept, what is damaged replaced."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    for chunk in chunks:
        yield decoder.decode(chunk).encode()
    yield decoder.decode(b"", final=True).encode()


def _by_bom(data: bytes) -> Decoded | None:
    for bom, encoding in _BOMS:
        if data.startswith(bom):
            rest = data[len(bom) :]
            if encoding != "utf-8":
                return _textual(_tolerant(rest, encoding))
            return _utf8(_free_of_controls(rest))
    return None


def _by_content(data: bytes, named: tuple[str, ...]) -> Decoded:
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" in data:
        wide = _wide(data[:_SAMPLE])
        if wide is None:
            raise refused("INP105", "it holds NUL bytes, and not as UTF-16 does")
        return _textual(_guessed(_tolerant(data, wide)))
    if _SHIFTING in named and any(sequence in data for sequence in _SHIFTS) and (decoded := _as(data, _SHIFTING)):
        return _textual(decoded)
    _free_of_controls(data)
    ways = (_utf8, lambda data: _declared(data, named), _damaged_utf8, lambda data: _damaged(data, named), _cp1252)
    decoded = next(filter(None, (way(data) for way in ways)), None)
    if decoded is None:
        raise refused("INP106", "no encoding fits its bytes")
    return _contradicting(decoded, named)


def _free_of_controls(data: bytes) -> bytes:
    controls = len(data) - len(data.translate(None, _CONTROLS))
    if controls > _MOST_CONTROLS * len(data) or b"\0" in data:
        share = controls / len(data)
        raise beyond(
            "INP105", "control_bytes", share, _MOST_CONTROLS, f"{share:.0%} of its bytes are control characters"
        )
    return data


def _textual(decoded: Decoded) -> Decoded:
    """Ask of a wide text what ``_free_of_controls`` asks of bytes."""
    _free_of_controls(decoded.text.encode())
    return decoded


def _utf8(data: bytes) -> Decoded | None:
    try:
        return Decoded(data.decode(), "utf-8")
    except UnicodeDecodeError:
        return None


def _declared(data: bytes, named: tuple[str, ...]) -> Decoded | None:
    return next(filter(None, (_as(data, encoding) for encoding in named if encoding != "utf-8")), None)


def _as(data: bytes, encoding: str) -> Decoded | None:
    try:
        return _guessed(Decoded(data.decode(encoding), encoding))
    except UnicodeDecodeError:
        return None


def _wide(sample: bytes) -> str | None:
    """UTF-16 by its NULs: at least 30 % of the places of one parity, and less at the other, where letters stand."""
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    half = len(sample) // 2 or 1
    if max(even, odd) < _WIDE_NULS * half or min(even, odd) * 4 > max(even, odd):
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _tolerant(data: bytes, encoding: str) -> Decoded:
    """Decode, replacing what is damaged, if that is at most a tenth."""
    text = data.decode(encoding, "replace")
    lost = text.count("\ufffd")
    if lost * 10 > len(text):
        raise refused("INP106", f"it seems to be {encoding}, but more than a tenth of it is no character")
    return Decoded(text, encoding)


def _damaged_utf8(data: bytes) -> Decoded | None:
    """UTF-8 with U+FFFD for what is damaged, if at least 90 % of its sequences beyond ASCII are whole."""
    return _mostly(data, "utf-8", data.count(b"\xef\xbf\xbd"))


def _damaged(data: bytes, named: tuple[str, ...]) -> Decoded | None:
    """The same for what is declared."""
    return next(filter(None, (_mostly(data, encoding) for encoding in named)), None)


def _mostly(data: bytes, encoding: str, lost_before: int = 0) -> Decoded | None:
    text = data.decode(encoding, "replace")
    ascii_bytes = len(data.translate(None, _NOT_ASCII))
    sequences = len(text) - ascii_bytes
    damaged = text.count("\ufffd") - lost_before
    return None if sequences - damaged < _LEAST_VALID * sequences else _guessed(Decoded(text, encoding))


def _cp1252(data: bytes) -> Decoded | None:
    """Windows' Western text: no byte that it leaves open, few beyond ASCII, and nothing that looks like another's."""
    beyond_ascii = len(data) - len(data.translate(None, _NOT_ASCII))
    if beyond_ascii > _MOST_NOT_ASCII * len(data) or len(data.translate(None, _NO_CP1252)) < len(data):
        return None
    from ftfy.badness import is_bad

    text = data.decode("cp1252")
    if len(data.translate(None, _IN_THESE)) < len(data) and _NOT_WESTERN.search(text):
        raise refused("INP106", "it says nothing of its encoding, and seems to be text of Mac OS or DOS")
    return None if is_bad(text) else _guessed(Decoded(text, "cp1252"))


def _guessed(decoded: Decoded) -> Decoded:
    return Decoded(decoded.text, decoded.encoding, (Note("CLN302", 0, 1, decoded.encoding),))


def _contradicting(decoded: Decoded, named: tuple[str, ...]) -> Decoded:
    """Tell it if the page names another encoding than the one that fits; ASCII bytes contradict none."""
    if not named or named[0] == decoded.encoding or decoded.text.isascii():
        return decoded
    finding = found("INP107", f"declared as {named[0]}, read as {decoded.encoding}")
    return Decoded(decoded.text, decoded.encoding, decoded.notes, (finding,))
