"""Elements of SVG: every text and attribute escaped, every number with two decimals: equal input, equal bytes. Pure.

Written into a page of HTML, and well-formed XML too. No element has a style or an id: a page with a strict content
security policy shows it, and holds several of them.
"""

from __future__ import annotations

import html
import math
import re
from typing import TYPE_CHECKING, Final, NamedTuple

from winnowd.views.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

_SEEN: Final = 0.5  # units of a hatch, at least
_NO_CHARACTERS: Final = re.compile("[\ufffe\uffff]")
"""What XML cannot hold, and ``printable`` lets through."""
_INTERNAL: Final = re.compile(r"(?!//)[A-Za-z0-9._~!$&'()*+,;=@%/?#-]+")


class Element(NamedTuple):
    """An element; of its children a ``str`` is text. ``str()`` gives the markup."""

    name: str
    attributes: tuple[tuple[str, str], ...]
    children: tuple[Element | str, ...] = ()

    def __str__(self) -> str:
        start = "".join([self.name, *(f' {name}="{value}"' for name, value in self.attributes)])
        inside = "".join([escaped(one) if isinstance(one, str) else str(one) for one in self.children])
        return f"<{start}>{inside}</{self.name}>" if inside else f"<{start}/>"


def element(name: str, *children: Element | str, **attributes: str | float) -> Element:
    """An element; ``class_`` is written ``class``, ``text_anchor`` is ``text-anchor``; an empty attribute is left out.

    Raises:
        ValueError: a number is not finite.
    """
    given = {
        key.rstrip("_").replace("_", "-"): escaped(value) if isinstance(value, str) else number(value)
        for key, value in attributes.items()
        if value != ""
    }
    return Element(name, tuple(given.items()), children)


def escaped(text: str) -> str:
    """Text for between tags and within quotes: what is control, bidi or private is named ``<U+202E>``."""
    return html.escape(_NO_CHARACTERS.sub("\ufffd", printable(text)))


def number(value: float) -> str:
    """At most two decimals, no zeros behind them, no minus before 0.

    Raises:
        ValueError: it is not finite.
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} cannot be drawn")
    written = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written


def group(children: Iterable[Element], class_: str = "") -> Element:
    """Elements as one."""
    return element("g", *children, class_=class_)


def rect(x: float, y: float, width: float, height: float, class_: str, said: str = "") -> Element:
    """A rectangle; ``said`` is shown where a pointer rests on it."""
    hint = (element("title", said),) if said else ()
    return element("rect", *hint, x=x, y=y, width=width, height=height, class_=class_)


def circle(x: float, y: float, r: float, class_: str, said: str = "") -> Element:
    """A circle around (x, y)."""
    hint = (element("title", said),) if said else ()
    return element("circle", *hint, cx=x, cy=y, r=r, class_=class_)


def line(x1: float, y1: float, x2: float, y2: float, class_: str) -> Element:
    """A line between two points."""
    return element("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=class_)


def path(commands: str, class_: str) -> Element:
    """A path of these commands."""
    return element("path", d=commands, class_=class_)


def hatching(x: float, y: float, width: float, height: float, *, gap: float = 4.0) -> str:
    """The commands of slanting lines that fill a rectangle: a pattern that needs no id. "" if it is too small for one.

    Lines of neighbours meet: they stand where x + y is a multiple of ``gap``.
    """
    right, bottom = x + width, y + height
    first, last = math.floor((x + y) / gap) + 1, math.ceil((right + bottom) / gap) - 1
    commands = []
    for along in (gap * at for at in range(first, last + 1)):
        left, end = max(x, along - bottom), min(right, along - y)
        if end - left > _SEEN:
            commands.append(f"M{number(left)} {number(along - left)}L{number(end)} {number(along - end)}")
    return "".join(commands)


def link(to: str, children: Iterable[Element]) -> Element:
    """Elements that lead to another page of ours; as they are where ``to`` is "".

    Raises:
        ValueError: it could lead elsewhere: it has a scheme, a host, or signs that are not percent-encoded.
    """
    if not to:
        return group(children)
    if not _INTERNAL.fullmatch(to):
        raise ValueError(f"{to!r} is no path within these pages")
    return element("a", *children, href=to)
