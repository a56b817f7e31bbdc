"""A plain text or Markdown file to a record: decoded, its front matter taken off, its markup kept. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winnowd.reading.decoding import decode
from winnowd.reading.front_matter import split
from winnowd.reading.records import Record, found

if TYPE_CHECKING:
    from winnowd.reading.limits import ReadingLimits


def text(data: bytes, limits: ReadingLimits) -> Record:
    """The record of one text.

    Raises:
        RefusedError: INP104-106.
    """
    decoded = decode(data)
    if not decoded.text.startswith("---"):
        return Record({"text": decoded.text}, decoded.findings, decoded.notes, decoded.encoding, "text")
    fronted = split(decoded.text, limits.front_matter_bytes)
    findings = decoded.findings
    if fronted.fault:
        findings += (found("INP119", fronted.fault, block=fronted.block),)
    fields = {**fronted.fields, "text": fronted.text}
    return Record(fields, findings, decoded.notes, decoded.encoding, "front-matter" if fronted.fields else "text")
