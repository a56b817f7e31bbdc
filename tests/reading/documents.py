"""The readers of documents by the endings of their files, each as one function from bytes to records."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.reading.stand import RECEIVED

from winnowd.reading import ReadingLimits
from winnowd.reading.bytes_file import BytesFile
from winnowd.reading.mail import message, saved_page
from winnowd.reading.mailboxes import mailbox
from winnowd.reading.news_xml import news
from winnowd.reading.office import office
from winnowd.reading.pdf import pdf
from winnowd.reading.records import RefusedError
from winnowd.reading.tables import arrow, parquet

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from winnowd.reading.records import Record

SAMPLES: Final = Path(__file__).parent / "samples"
READERS: Final[dict[str, Callable[[bytes, ReadingLimits], Iterable[Record]]]] = {
    "eml": lambda data, limits: [message(data, limits, RECEIVED)],
    "mhtml": lambda data, limits: [saved_page(data, limits, RECEIVED)],
    "mbox": lambda data, limits: mailbox((data[at : at + 700] for at in range(0, len(data), 700)), limits, RECEIVED),
    **dict.fromkeys(("docx", "odt", "epub"), lambda data, limits: office(data, limits, RECEIVED)),
    "pdf": lambda data, limits: [pdf(data, limits, RECEIVED)],
    "parquet": lambda data, limits: parquet(BytesFile.of(data), limits),
    "arrow": lambda data, limits: arrow(BytesFile.of(data), limits),
    **dict.fromkeys(("xml", "nitf", "newsml"), lambda data, limits: news(data, limits, RECEIVED)),
}


def records(data: bytes, ending: str, limits: ReadingLimits | None = None) -> list[Record]:
    """What the reader of an ending makes of some bytes.

    Raises:
        RefusedError: what it raises.
    """
    return list(READERS[ending](data, limits or ReadingLimits()))


def codes(data: bytes, ending: str, limits: ReadingLimits | None = None) -> list[str]:
    """``article`` for each record that has fields, the code of its finding for others, and of what ended reading."""
    said: list[str] = []
    try:
        made = READERS[ending](data, limits or ReadingLimits())
        said.extend("article" if record.fields is not None else record.findings[0].code for record in made)
    except RefusedError as refusal:
        said.append(refusal.finding.code)
    return said
