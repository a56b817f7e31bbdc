"""What the beginning of a page tells before it is parsed: that it is one, and its encoding. Pure."""

from __future__ import annotations

import re
from typing import Final

_HEAD_BYTES: Final = 1 << 18
"""How far a declaration is looked for, unless the body begins before: scripts and styles may stand first."""
_BODY: Final = re.compile(rb"<body[\s>]|</head\s{0,9}>", re.IGNORECASE)
_META: Final = re.compile(rb"""<meta\s[^<>]{0,500}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:-]{1,40})""", re.IGNORECASE)
_XML: Final = re.compile(rb"""\s{0,99}<\?xml\s[^<>]{0,200}?encoding\s{0,9}=\s{0,9}["']([\w.:-]{1,40})["']""")

_BEFORE: Final = re.compile(r"(?:\s+|<!--.*?(?:-->|\Z)|<\?xml\b[^<>]*(?:>|\Z))*", re.DOTALL | re.IGNORECASE)
_DOCUMENT: Final = re.compile(
    r"(?:\s+|<!--.*?-->|<(?!html[\s>])[?/]?[a-z][^<>]*>)*+(?:<!doctype\s+html\b|<html\s[^<>]*\Z|<html(?:\s[^<>]*)?>\s*(?:<|\Z))"
    r"|\s*<(?:head|body)(?:\s[^<>]*)?>\s*<[a-z!/]",
    re.DOTALL | re.IGNORECASE,
)
_HEAD: Final = re.compile(r"<(?:script|style|meta|link|base)\b", re.IGNORECASE)
_BLOCK_NAMES: Final = (
    "html|head|body|title|div|p|h[1-6]|article|section|main|header|footer|nav|aside|figure|figcaption|blockquote|"
    "ul|ol|li|dl|dt|dd|table|thead|tbody|tr|td|th|form|center|address"
)
_BLOCK: Final = re.compile(rf"<(/?)({_BLOCK_NAMES})(?![\w-])[^<>]*(?:>|\Z)", re.IGNORECASE)
_NO_BLOCK: Final = re.compile(
    rf"<!--.*?(?:-->|\Z)|<(script|style)\b.*?(?:</\1\s*>|\Z)|<(?:[bh]r\b|/(?!(?:{_BLOCK_NAMES})(?![\w-]))[a-z])[^<>]*(?:>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
"""Comments, scripts, line breaks and ends of elements within a line: what a block may begin behind."""
_OPENING: Final = re.compile(rf"<(?!(?:{_BLOCK_NAMES})(?![\w-]))[a-z][^<>]*(?:>|\Z)", re.IGNORECASE)


def declared_encodings(data: bytes) -> tuple[str, ...]:
    """The labels that a page gives to its encoding: in a ``meta`` of its head, then in its XML declaration."""
    head = data[:_HEAD_BYTES]
    body = _BODY.search(head)
    matches = (_META.search(head, 0, len(head) if body is None else body.start()), _XML.match(head))
    return tuple(match[1].decode("ascii", "replace") for match in matches if match is not None)


def is_page(beginning: str, *, fragments: bool = True) -> bool:
    """Whether a text that begins so is an HTML page, or with ``fragments`` a part of one.

    1. Comments and an XML declaration before it are left aside; no part of a page has that declaration.
    2. A doctype of HTML or ``<html>``, with nothing but tags before it, is a page's; so are ``<head>`` and ``<body>``
       before another tag.
    3. What begins with the tag of a block (``p``, ``div``, ``h1`` ...) is a part of one, if a block is closed in it, at
       most a tenth of the text stands outside of all, and at most one block in eight begins behind words of its line.
       A text about tags, or one that merely begins with a tag, is none.
    """
    before = _BEFORE.match(beginning)
    start = 0 if before is None else before.end()
    if not beginning.startswith("<", start):
        return False
    if _DOCUMENT.match(beginning, start):
        return True
    return fragments and "<?xml" not in beginning[:start].lower() and _is_fragment(beginning[start:])


def _is_fragment(text: str) -> bool:
    blocks = _OPENING.sub("", _NO_BLOCK.sub("\n", text)).strip()
    if not blocks:
        return _HEAD.match(text) is not None
    first, *rest = _BLOCK.split(blocks)
    if first or not rest:
        return False
    open_blocks: list[str] = []
    opened = closed = within = outside = 0
    before = ""
    for end, name, after in zip(rest[0::3], rest[1::3], rest[2::3], strict=True):
        tag = name.lower()
        if not end:
            opened += 1
            within += before.rpartition("\n")[2].strip() != ""
            open_blocks.append(tag)
        elif tag in open_blocks:
            closed += 1
            while open_blocks.pop() != tag:
                pass
        outside += 0 if open_blocks else len(after.strip())
        before = after
    whole = sum(len(piece.strip()) for piece in rest[2::3])
    return closed > 0 and outside * 10 <= whole and within * 8 <= opened
