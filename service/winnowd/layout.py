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
EVIDENCE: Final = f"{AUDIT}/evidence"

ORIGINALS: Final = (ARCHIVE, QUARANTINE, REJECTED)
"""Where originals are kept, by the outcome of their records; orders move them."""

WHY_MD: Final = ".why.md"
ORDER_MD: Final = ".order.md"
WHY: Final = (".why.json", WHY_MD, ORDER_MD)
"""Endings of what lies beside a held original and says why; today no ``.why.json`` is written, an older version did."""

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
