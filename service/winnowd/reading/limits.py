"""How much is read of what, and how strict the schema is: the settings of reading. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

_KIB = 1 << 10
_MIB = 1 << 20
_ENDLESS = 1 << 62


@dataclass(frozen=True, slots=True)
class ReadingLimits:
    """The largest things that are read, in bytes unless the name tells another unit (docs/design/reading.md).

    ``stream_bytes`` bounds what is streamed (JSON Lines, CSV, web archives, tar) and all that is unpacked; ``ratio`` is
    unpacked to packed bytes; ``members`` are files of an archive; ``page_characters`` is the least that an HTML page's
    body must have; ``warc`` lets web archives in.
    ``document_bytes`` bounds an office file, a book, a PDF or news in XML, and all that is unpacked from one.
    """

    text_bytes: int = 8 * _MIB
    json_bytes: int = 64 * _MIB
    json_depth: int = 64
    line_bytes: int = 8 * _MIB
    records: int = 1_000_000
    page_bytes: int = 4 * _MIB
    page_characters: int = 250
    front_matter_bytes: int = 64 * _KIB
    feed_bytes: int = 16 * _MIB
    archive_bytes: int = 256 * _MIB
    members: int = 10_000
    stream_bytes: int = 64 << 30
    ratio: int = 200
    warc: bool = True
    mail_bytes: int = 32 * _MIB
    document_bytes: int = 32 * _MIB
    table_bytes: int = 128 * _MIB

    def for_any_size(self) -> ReadingLimits:
        """The same, for files of any size whose records are many: what bounds one record, or memory, bounds it still.

        Of a table too: it is read where it lies, and not held.
        """
        return replace(self, records=_ENDLESS, members=_ENDLESS, stream_bytes=_ENDLESS, table_bytes=_ENDLESS)


Answer = Literal["pass", "doubt", "fail"]


@dataclass(frozen=True, slots=True)
class SchemaPolicy:
    """What is thought of a faulty field, of reserved rights (SCH212), of text said to be machine-made (SCH213).

    A faulty field (SCH205-208, 210) is noted, doubted or fails; one that states rights is doubted at least.
    """

    invalid_field: Literal["note", "doubt", "reject"] = "note"
    rights_reserved: Answer = "pass"
    synthetic: Answer = "pass"
