"""The ledger: what is true. SQLite in WAL mode, every commit on disk before it returns, one writing connection."""

from winnowd.storage.ledger.faults import LedgerFault, LedgerUnavailableError, is_damage, is_not_now
from winnowd.storage.ledger.ledger import PUBLISHED, Ledger
from winnowd.storage.ledger.schema import LedgerDamagedError, LedgerNewerError

__all__ = [
    "PUBLISHED",
    "Ledger",
    "LedgerDamagedError",
    "LedgerFault",
    "LedgerNewerError",
    "LedgerUnavailableError",
    "is_damage",
    "is_not_now",
]
