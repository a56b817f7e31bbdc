"""Templates that escape whatever they are given, for the page and for reports as files; they need no server."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from winnowd import __version__
from winnowd.web.texts import counted, visible

if TYPE_CHECKING:
    from collections.abc import Callable

STATIC: Final = Path(__file__).parent / "static"
_TEMPLATES: Final = Path(__file__).parent / "templates"


def templates(frame: str, address_of: Callable[[str], str]) -> Environment:
    """Templates within a frame: ``base.html`` of the page, or ``report.html`` of files, which have no actions.

    ``address_of``: where the page of a record or an article is, "" if it has none.
    """
    made = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    in_report = frame != "base.html"
    made.globals |= {"frame": frame, "in_report": in_report, "address_of": address_of, "version": __version__}
    made.globals |= {"asset": asset}
    made.filters |= {"visible": visible, "counted": counted, "markup": drawn}
    return made


@functools.cache
def asset(name: str) -> str:
    """The address of a file of ours; another content is another address, so that it may be kept."""
    return f"/static/{name}?v={hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]}"


def drawn(svg: str) -> Markup:
    """A picture of ``views.pictures`` as it stands: whatever came from outside is escaped in it."""
    return Markup(svg)  # noqa: S704 - made of our elements, each text of them escaped
