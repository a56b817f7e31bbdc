"""The ledger: what is true. SQLite in WAL mode, every commit on disk before it returns, one writing connection."""

from winnowd.storage.ledger.ledger import Ledger, LedgerDamagedError

__all__ = ["Ledger", "LedgerDamagedError"]
