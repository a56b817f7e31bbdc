"""A plain text or Markdown file to a record: decoded, its head taken off, its markup kept. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from winnowd.reading.dates import moment
from winnowd.reading.decoding import decode
from winnowd.reading.front_matter import split
from winnowd.reading.name_table import NAMES
from winnowd.reading.records import Record, found

if TYPE_CHECKING:
    from winnowd.reading.limits import ReadingLimits
    from winnowd.reading.yaml_text import Value

_FENCES: Final = ("---", "+++")
_HEADING: Final = re.compile(r"\s*#[ \t]+(?P<title>[^\n]{1,500}?)[ \t]*#*[ \t]*\r?(?:\n\s*|\Z)")
_BYLINE: Final = re.compile(
    r"(?P<mark>[*_]{0,3})by:?[ \t]+(?P<names>[^\n]{1,200}?)(?P=mark)[ \t]*\r?(?:\n[ \t\r]*(?=\n)\s*|\Z)", re.IGNORECASE
)
_LINKED: Final = re.compile(r"\[([^\[\]\n]{1,100})\]\([^()\s]{1,500}\)")
_BETWEEN: Final = re.compile(r",[ \t]+(?:and[ \t]+)?|[ \t]+(?:and|&)[ \t]+")
_APART: Final = re.compile(r"\s*[,|·•–—][ \t]+")
_NAME: Final = re.compile(r"[^\W\d_a-z][\w.'’-]*(?: [\w.'’-]+){1,4}")


def text(data: bytes, limits: ReadingLimits) -> Record:
    """The record of one text.

    Raises:
        RefusedError: INP104-106.
    """
    decoded = decode(data)
    findings = decoded.findings
    body, fields = decoded.text, dict[str, "Value"]()
    if (begins := body.lstrip("\r\n")).startswith(_FENCES):
        fronted = split(begins, limits.front_matter_bytes)
        if fronted.fault:
            findings += (found("INP119", fronted.fault, block=fronted.block),)
        body, fields = fronted.text, fronted.fields
    body, fields = headed(body, fields)
    return Record(
        {**fields, "text": body}, findings, decoded.notes, decoded.encoding, "front-matter" if fields else "text"
    )


def headed(body: str, fields: dict[str, Value]) -> tuple[str, dict[str, Value]]:
    """A text without the head that Markdown gives it, and its fields with what that says.

    The head is a first line ``# Title``, and ``By Name and Name`` behind it, in stars or not, perhaps with a day, as a
    paragraph of its own; a line that says more is left. What front matter says stands, a heading that differs stays.
    """
    heading = _HEADING.match(body)
    title = "" if heading is None else _shown(heading["title"])
    if heading is None or heading.end() == len(body) or fields.get("title", title) != title:
        return body, fields
    rest, fields = body[heading.end() :], {**fields, "title": title}
    byline = _BYLINE.match(rest)
    said, day = ("", "") if byline is None else _dated(_shown(byline["names"]))
    names = _BETWEEN.split(said)
    if byline is None or not all(_NAME.fullmatch(name) for name in names):
        return rest, fields
    if not {"author", "authors", "byline", "by"} & fields.keys():
        fields["authors"] = list(names)
    if day and not fields.keys() & set(NAMES["published_at"]):
        fields["published_at"] = day
    return rest[byline.end() :], fields


def _dated(byline: str) -> tuple[str, str]:
    """The names of a byline, and the day that stands behind them: ``Ann Lee, 14 March 2026``."""
    for apart in _APART.finditer(byline):
        if moment(day := byline[apart.end() :]) is not None:
            return byline[: apart.start()], day
    return byline, ""


def _shown(markdown: str) -> str:
    """What a line of Markdown shows: links by their words, no stars around it."""
    return _LINKED.sub(r"\1", markdown).strip().strip("*_").strip()
