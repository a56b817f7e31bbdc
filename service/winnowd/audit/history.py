"""The history of one record from the log's files; a ledger, where there is one, only says where to look.

Without it, or where it does not say what the log says, the whole log is read: the answer is the same.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from winnowd.audit.evidence import evidence_at, is_blank
from winnowd.audit.find import best_fitting, find, name_of
from winnowd.audit.pieces import holding
from winnowd.audit.reader import Log, day_of
from winnowd.layout import LEDGER, below_inbox, log_file
from winnowd.storage import packed
from winnowd.storage.ledger import Ledger, LedgerDamagedError, LedgerFault

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from winnowd.audit.reader import Logged

_MOST: Final = 2_000
"""Lines looked up one by one; beyond, reading the log whole is quicker."""


def normalise_key(key: str) -> str:
    r"""What somebody typed as it stands in events: bytes that are no UTF-8 as ``\xNN``, without ``inbox/``."""
    return below_inbox(key.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace"))


class History:
    """Of the instance at ``instance_dir``, or by the copy of its log at ``audit_dir`` alone; ``close`` it."""

    def __init__(self, instance_dir: Path, audit_dir: Path | None = None) -> None:
        self._instance_dir = instance_dir
        self._log = Log(instance_dir, audit_dir)
        self._ledger: Ledger | None = None
        if audit_dir is None:
            with contextlib.suppress(FileNotFoundError, LedgerDamagedError):
                self._ledger = Ledger.read(instance_dir / LEDGER)

    def close(self) -> None:
        """Close the ledger."""
        if self._ledger is not None:
            self._ledger.close()

    def find(self, key: str) -> dict[str, list[Logged]]:
        """The events of each record that a key (as ``named``) fits, oldest first, by the record's name."""
        return (key and self._looked_up(key)) or find(self._log, key)

    def find_by_ledger(self, key: str) -> dict[str, list[Logged]]:
        """The same without ever reading the log whole: nothing where the ledger leads to nothing.

        A whole name, or a whole ``<arrival>-<record>``, is looked up as such, whatever else has a piece like it.
        """
        return (self._looked_up(key, is_whole=True) or self._looked_up(key)) if key else {}

    def _looked_up(self, key: str, *, is_whole: bool = False) -> dict[str, list[Logged]]:
        """The same where the ledger leads to it; nothing where it does not."""
        if self._ledger is None or "\\" in key:  # bytes that are no UTF-8 stand otherwise in the ledger
            return {}
        try:
            ask = self._ledger.history.named if is_whole else self._ledger.history.fitting
            sequences = ask(key, _MOST)
            if len(sequences) == _MOST:
                return {}
            names = best_fitting((one.event() for one in self._lines(sequences)), key)
            found: dict[str, list[Logged]] = {name: [] for name in names}
            for line in self._lines(self._ledger.history.of(names)):
                found[str(name_of(line.event()))].append(line)
        except (OSError, EOFError, ValueError, KeyError, LedgerFault):
            return {}
        return found

    def _lines(self, sequences: Iterable[int]) -> Iterator[Logged]:
        """The lines of these events.

        Raises:
            ValueError: one is not where the ledger says.
        """
        if self._ledger is None:
            return
        for sequence in sequences:
            position = self._ledger.outbox.position(sequence)
            line = None if position is None else self._log.at(log_file(position[0]), position[1])
            if line is None or f'"sequence":{sequence},'.encode() not in line.line:
                raise ValueError(f"event {sequence} is not where the ledger says")
            yield line

    def limits(self, config: str, day: str) -> Mapping[str, Any] | None:
        """The limits of a configuration by code, as the log told them when it came into force; None if it did not.

        ``day``: a day on which it was in force. Days before it are read first, the last of them before all others.
        """
        since = None if self._ledger is None else self._ledger.history.used_since(config)
        days = self._log.days()
        if since is None:
            until = sum(day_of(file) <= day for file in days)
            days = [*reversed(days[:until]), *days[until:]]
        else:
            days.sort(key=lambda file: day_of(file) < since)  # one that was made anew may know it for later only
        wanted = f'"config":{{"sha256":"{config}"}}'.encode()
        for line in holding(self._log, days, [b'"limits":{']):
            if wanted in line.line:
                with contextlib.suppress(ValueError):
                    found: dict[str, Any] = line.event()["winnowd"]["limits"]
                    return found
        return None

    def evidence(self, event: Mapping[str, Any]) -> tuple[Mapping[str, Any], str]:
        """The evidence of a decision, or nothing and why not."""
        named = event["winnowd"].get("evidence")
        if named is None:
            return {}, ""
        try:
            content = evidence_at(self._log.path(named["path"]), named)
        except packed.DamagedBlockError:
            content = b"another"
        if content is None:
            return {}, f"{named['path']} is gone"
        if is_blank(content):
            return {}, f"its line in {named['path']} is blank"
        if hashlib.sha256(content).hexdigest() != named["sha256"]:
            return {}, f"{named['path']} is not what was written; see winnowd verify"
        found: dict[str, Any] = json.loads(content)
        return found, ""

    def text(self, text_sha256: str, locations: Sequence[str]) -> str | None:
        """A cleaned text: from one of these places if it lies there unchanged, else as the ledger keeps it."""
        for position in locations:
            with contextlib.suppress(OSError):
                content = packed.read(self._instance_dir / position)
                if hashlib.sha256(content).hexdigest() == text_sha256:
                    return content.decode()
        return None if self._ledger is None else self._ledger.history.text(text_sha256)
