"""Whose fault it is: the machine's, after which the service pauses and tries again, or our own."""

from __future__ import annotations

import sqlite3
from typing import Final

MACHINE_FAULTS: Final = (OSError, sqlite3.OperationalError)
"""What no file is to blame for: a full or failing disk, no descriptors. The service pauses, and tries again."""
