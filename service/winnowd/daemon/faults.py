"""Whose fault it is: the machine's, after which the service pauses and tries again, or our own; and its code."""

from __future__ import annotations

import errno
from typing import Final

from winnowd.audit.behind import LedgerBehindError
from winnowd.storage.effects import WriteDiffersError
from winnowd.storage.free_space import TooLittleRoomError
from winnowd.storage.ledger import LedgerDamagedError, LedgerFault, LedgerNewerError, LedgerUnavailableError
from winnowd.storage.ledger import faults as ledger_faults
from winnowd.storage.lock import ReplacedError

MACHINE_FAULTS: Final = (OSError, LedgerUnavailableError)
"""What no file is to blame for: a full or failing disk, no descriptors. The service pauses, and tries again."""

ENDING: Final = {
    LedgerDamagedError: "SYS944",
    LedgerNewerError: "SYS944",
    LedgerBehindError: "SYS946",
    ReplacedError: "SYS947",
}
"""What ends a service, since going on would do harm; with its code."""

LOW_SPACE: Final = "SYS917"
_BY_NUMBER: Final = {
    errno.ENOSPC: "SYS911",
    errno.EDQUOT: "SYS911",
    errno.EROFS: "SYS913",
    errno.EMFILE: "SYS914",
    errno.ENFILE: "SYS914",
    errno.ENOMEM: "SYS915",
    errno.EACCES: "SYS918",
    errno.EPERM: "SYS918",
}

_PASSING: Final = frozenset({"SYS911", "SYS912", "SYS914", "SYS915"})
"""Codes of faults that may pass by themselves; a folder that is not ours to write to stays so."""


def may_pass(fault: BaseException) -> bool:
    """Whether it is worth waiting for the end of a fault, where nothing has begun yet."""
    if ledger_faults.is_not_now(fault):
        return True
    is_named = isinstance(fault, LedgerFault) or getattr(fault, "errno", None) in {errno.EIO, *_BY_NUMBER}
    return is_named and code_of(fault) in _PASSING


def code_of(fault: BaseException) -> str:
    """The code of a fault of the machine, SYS908 to SYS918; SYS912 for any other error of a disk."""
    if isinstance(fault, WriteDiffersError):
        return "SYS908"
    if isinstance(fault, TooLittleRoomError):
        return LOW_SPACE
    if isinstance(fault, LedgerFault):
        return ledger_faults.code_of(fault)
    return _BY_NUMBER.get(getattr(fault, "errno", None) or 0, "SYS912")
