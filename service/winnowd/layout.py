"""Every path of an instance, below its folder. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import datetime as dt

INBOX: Final = "inbox"
SEEDS: Final = "seeds"
QUARANTINE: Final = "quarantine"
REJECTED: Final = "rejected"
ARCHIVE: Final = "archive"
AUDIT: Final = "audit"
STATE: Final = "state"

WORK: Final = f"{STATE}/work"
ORDERS: Final = f"{STATE}/orders"
BACKFILL: Final = f"{STATE}/backfill"
INCOMING: Final = f"{STATE}/incoming"
"""Where copies of a backfill's files lie until they are claimed: beside WORK, so that they are there in one step."""
LEDGER: Final = f"{STATE}/winnowd.db"
LOCK: Final = f"{STATE}/lock"
HEALTH: Final = f"{STATE}/health.json"
METRICS: Final = f"{STATE}/metrics.prom"
NOTIFY: Final = f"{STATE}/notify"
RAISED: Final = f"{STATE}/raised.json"
VERIFIED: Final = f"{STATE}/verified.json"
WEB_TOKEN: Final = f"{STATE}/web-token"
SENDERS: Final = f"{STATE}/senders.json"
SETTINGS: Final = "config/winnowd.toml"

INDEX: Final = f"{SEEDS}/INDEX.md"
CARD: Final = f"{SEEDS}/README.md"
INDEX_PAGES: Final = f"{SEEDS}/index"
TOMBSTONES: Final = f"{INDEX_PAGES}/tombstones.jsonl"

HEAD: Final = f"{AUDIT}/HEAD.json"
TORN: Final = f"{AUDIT}/torn"
ANCHORED: Final = ".head"
"""Ending of the head of a day in the folder of ``audit.anchor_dir``, which lies elsewhere."""
EVIDENCE: Final = f"{AUDIT}/evidence"

ORIGINALS: Final = (ARCHIVE, QUARANTINE, REJECTED)
"""Where originals are kept, by the outcome of their records; orders move them."""

WHY_MD: Final = ".why.md"
ORDER_MD: Final = ".order.md"
WHY: Final = (".why.json", WHY_MD, ORDER_MD)
"""Endings of what lies beside a held original and says why; today no ``.why.json`` is written, an older version did."""

PACKED: Final = ".tar.zst"
"""The ending of a packed block: a file that is read as a folder of files (``storage/packed.py``)."""

TEMPORARY: Final = ".tmp-"
"""Begins the name of a file that is being written, beside its goal."""

FOLDERS: Final = (INBOX, SEEDS, QUARANTINE, REJECTED, ARCHIVE, AUDIT, STATE, WORK, ORDERS, "config")
"""What a start makes, outermost first."""
FOLDER_MODES: Final = {STATE: 0o750, WORK: 0o700}
"""Those that not everybody may look into, however the instance was begun."""


def log_file(day: str) -> str:
    """The audit log's file of a day (``YYYY-MM-DD``); a sealed day's is packed: ``.gz`` behind it."""
    return f"{AUDIT}/{day.replace('-', '/')}.jsonl"


def rollup_file(file: str) -> str:
    """Where that lies which the lines of a sealed day (``DD.jsonl.gz``) add up to."""
    return f"{file.removesuffix('.jsonl.gz')}.rollup"


def evidence_file(day: dt.date, arrival: str, record: int) -> str:
    """The evidence of a batch, named by the first record that has some, in the folder of the day it was decided on.

    Each record has a line. Older versions wrote a file for each record, of the same name with ``.json``.
    """
    return f"{EVIDENCE}/{day:%Y/%m/%d}/{arrival}-{record}.jsonl"


def index_rows(page: str) -> str:
    """A page of the corpus index, for programs."""
    return f"{INDEX_PAGES}/{page}.jsonl"


def index_table(page: str) -> str:
    """A page of the corpus index, for people."""
    return f"{INDEX_PAGES}/{page}.md"


def below_seeds(path: str) -> str:
    """A path of the corpus as the index names it: below ``seeds/``."""
    return path.removeprefix(f"{SEEDS}/")


def below_inbox(path: str) -> str:
    """A path of the inbox as its sender would name it: below ``inbox/``."""
    return path.removeprefix(f"{INBOX}/")


def in_block(path: str, block: str) -> str:
    """The same file in a packed block of its folder: ``seeds/2026/11/BLOCK.tar.zst/0123456789abcdef.txt``."""
    folder, _, name = path.rpartition("/")
    return f"{folder}/{block}{PACKED}/{name}" if block else path


def split_block(path: str) -> tuple[str, str]:
    """A path as the packed block in which it lies, and its name there; no block if it is spelled as a plain file."""
    folder, _, name = path.rpartition("/")
    return (folder, name) if folder.endswith(PACKED) else ("", path)


def out_of_block(path: str) -> str:
    """Where a file of a packed block goes when it leaves that: beside the block. Any other path as it is."""
    block, name = split_block(path)
    return f"{block.rpartition('/')[0]}/{name}" if block else path
