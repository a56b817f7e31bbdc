"""Bytes to text: the ladder of encodings, the first that fits (docs/design/reading.md, "Encodings"). Pure."""

from __future__ import annotations

import codecs
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

_LABELS: Final = {
    **dict.fromkeys(("utf-8", "utf8", "unicode-1-1-utf-8"), "utf-8"),
    **dict.fromkeys(("windows-1252", "cp1252", "iso-8859-1", "iso8859-1", "latin1", "latin-1", "l1"), "cp1252"),
    **dict.fromkeys(("us-ascii", "ascii"), "cp1252"),
    **dict.fromkeys(("windows-1254", "iso-8859-9", "latin5"), "cp1254"),
    **{f"windows-{page}": f"cp{page}" for page in (1250, 1251, 1253, 1255, 1256, 1257, 1258)},
    **{f"iso-8859-{part}": f"iso8859-{part}" for part in (2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16)},
    **dict.fromkeys(("gb2312", "gbk", "gb18030"), "gb18030"),
    **dict.fromkeys(("shift_jis", "shift-jis", "sjis", "windows-31j"), "cp932"),
    **dict.fromkeys(("euc-kr", "ks_c_5601-1987"), "cp949"),
    "iso-8859-11": "cp874",
    "windows-874": "cp874",
    "big5": "big5hkscs",
    "euc-jp": "euc_jp",
    "koi8-r": "koi8-r",
    "koi8-u": "koi8-u",
    "macintosh": "mac-roman",
}
"""Names that pages give to encodings, as the WHATWG reads them; a name that is not here is not looked up anywhere."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text, the encoding that gave it, and what there is to say of that."""

    text: str
    encoding: str
    notes: tuple[Note, ...] = ()
    findings: tuple[Finding, ...] = ()


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """Decode by the first that fits: BOM, UTF-8, the declared encoding, UTF-16, damaged UTF-8, cp1252.

    ``declared`` is the name a page gives. From the third on the encoding is noted as guessed (CLN302).

    Raises:
        RefusedError: INP104 for blanks only, INP105 for a NUL or more than 1 % control characters, INP106 if none fits.
    """
    decoded = _by_bom(data) or _by_content(data, declared)
    if not decoded.text or decoded.text.isspace():
        raise refused("INP104", "nothing but blanks")
    return decoded


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


def _by_content(data: bytes, declared: str | None) -> Decoded:
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" in data:
        wide = _wide(data[:_SAMPLE])
        if wide is None:
            raise refused("INP105", "it holds NUL bytes, and not as UTF-16 does")
        return _textual(_guessed(_tolerant(data, wide)))
    _free_of_controls(data)
    named = _LABELS.get((declared or "").strip().lower())
    decoded = _utf8(data) or _declared(data, named) or _damaged_utf8(data) or _cp1252(data)
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


def _declared(data: bytes, named: str | None) -> Decoded | None:
    if named in {None, "utf-8"}:
        return None
    try:
        return _guessed(Decoded(data.decode(str(named)), str(named)))
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
    text = data.decode("utf-8", "replace")
    ascii_bytes = len(data.translate(None, _NOT_ASCII))
    sequences = len(text) - ascii_bytes
    damaged = text.count("\ufffd") - data.count(b"\xef\xbf\xbd")
    if sequences - damaged < _LEAST_VALID * sequences:
        return None
    return _guessed(Decoded(text, "utf-8"))


def _cp1252(data: bytes) -> Decoded | None:
    """Windows' Western text: no byte that it leaves open, few beyond ASCII, and nothing that looks like mojibake."""
    beyond_ascii = len(data) - len(data.translate(None, _NOT_ASCII))
    if beyond_ascii > _MOST_NOT_ASCII * len(data) or len(data.translate(None, _NO_CP1252)) < len(data):
        return None
    from ftfy.badness import is_bad

    text = data.decode("cp1252")
    return None if is_bad(text) else _guessed(Decoded(text, "cp1252"))


def _guessed(decoded: Decoded) -> Decoded:
    return Decoded(decoded.text, decoded.encoding, (Note("CLN302", 0, 1, decoded.encoding),))


def _contradicting(decoded: Decoded, named: str | None) -> Decoded:
    """Tell it if the page names another encoding than the one that fits; ASCII bytes contradict none."""
    if named is None or named == decoded.encoding or decoded.text.isascii():
        return decoded
    finding = found("INP107", f"declared as {named}, read as {decoded.encoding}")
    return Decoded(decoded.text, decoded.encoding, decoded.notes, (finding,))
