"""What the ledger adds up and remembers beside its decisions, against the log: sums, bindings, tombstones, lines."""

from __future__ import annotations

import dataclasses
import hashlib
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from winnowd.audit.expected import DECISIONS, ORDERS, Damage
from winnowd.audit.links import link_of
from winnowd.layout import LEDGER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from winnowd.audit.reader import Logged
    from winnowd.storage.ledger.audited import Audited

_BINDING: Final = frozenset({"confirm", "retract", "erase"})
_NO_WORDS: Final = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""Of no bytes: a text without words is known by its bytes alone."""


@dataclasses.dataclass(slots=True)
class _Bound:
    """What a person decided about a text, as the log tells it."""

    action: str
    person: str
    text_sha256: str
    raw: bytes | None
    words: bytes | None
    lifted: int | None = None
    rebound: int | None = None

    @property
    def row(self) -> tuple[str, str, str, bytes | None, bytes | None, int | None, int | None]:
        """As the ledger has it."""
        return self.action, self.person, self.text_sha256, self.raw, self.words, self.lifted, self.rebound


class LedgerSums:
    """``tell`` each event of the whole log; then ``finish`` gives the damage. Nothing behind ``until`` is counted.

    What orders bind is held to the log if all of these have digests: before, a ledger was brought to it by a migration.
    """

    def __init__(self, audited: Audited, until: int) -> None:
        self._audited = audited
        self._until = until
        self._outcomes: Counter[str] = Counter()
        self._refused: Counter[tuple[str, str]] = Counter()
        self._placed: Counter[str] = Counter()
        self._bound: dict[int, _Bound] = {}
        self._left: dict[int, str] = {}
        self._out: dict[str, set[int]] = {}
        self._configs: set[str] = set()
        self._is_new = True

    def tell(self, event: Mapping[str, Any]) -> None:
        """The next event."""
        action, sequence, ours = event["event"]["action"], event["event"]["sequence"], event["winnowd"]
        if sequence > self._until:
            return
        if "settings" in ours and "settings" not in ours.get("cut", {}):
            self._configs.add(str(ours["config"]["sha256"]))
        is_in = ours.get("outcome") == "admitted"
        if action in DECISIONS:
            self._outcomes[ours["outcome"]] += 1
            if not is_in and ours["codes"]:
                self._refused[event["@timestamp"][:10], ours["codes"][0]] += 1
        elif action not in ORDERS:
            return
        else:
            self._order(event, action, sequence, ours)
        if is_in and (action in ORDERS or "article" in ours):
            self._placed[event["@timestamp"][:7]] += 1
            self._out.pop(ours["article"]["id"], None)

    def _order(self, event: Mapping[str, Any], action: str, sequence: int, ours: Mapping[str, Any]) -> None:
        self._is_new = self._is_new and "kept" in ours
        if ours.get("was") == "admitted" and ours["outcome"] != "admitted":
            name = str(ours["article"]["id"])
            self._left[sequence] = name
            self._out.setdefault(name, set()).add(sequence)
        if (restores := ours.get("restores")) is not None:
            self._undo(restores, sequence)
        sha256 = ours["article"].get("text_sha256")
        remembered = ours.get("remembered", {})
        if ours["outcome"] == "admitted":
            self._lift(sequence, ours, sha256)
        elif action == "erase" and not remembered:
            self._bound = {of: one for of, one in self._bound.items() if one.text_sha256 != sha256}
        elif action in _BINDING and sha256 is not None:
            raw, words = (remembered.get(name) for name in ("raw_sha256", "words_sha256"))
            self._bound[sequence] = _Bound(
                action,
                event["user"]["name"],
                sha256,
                None if raw is None else bytes.fromhex(raw),
                None if words in {None, _NO_WORDS} else bytes.fromhex(words),
            )

    def _undo(self, undone: int, sequence: int) -> None:
        for of, one in self._bound.items():
            if one.lifted is None and undone in {of, one.rebound}:
                one.lifted = sequence
            elif one.lifted == undone:
                one.lifted, one.rebound = None, sequence

    def _lift(self, sequence: int, ours: Mapping[str, Any], sha256: str | None) -> None:
        arrival = ours["arrival"]
        row = self._audited.of(arrival["id"], arrival["record"]) if self._bound else None
        digests = (None, None) if row is None else (row["raw_digest"], row["word_digest"])
        for one in self._bound.values():
            is_same = one.text_sha256 == sha256 or any(
                mine is not None and mine == other for mine, other in zip((one.raw, one.words), digests, strict=True)
            )
            if one.lifted is None and is_same:
                one.lifted = sequence

    def finish(self, totals: Mapping[str, int]) -> list[Damage]:
        """``totals``: the ledger's sums by name."""
        return [Damage("ledger", LEDGER, what) for what in self._finish(totals)]

    def _finish(self, totals: Mapping[str, int]) -> Iterator[str]:
        for outcome in ("admitted", "quarantined", "rejected"):
            if totals.get(outcome, 0) != self._outcomes[outcome]:
                yield f"counts {totals.get(outcome, 0):,} decisions as {outcome}, the log {self._outcomes[outcome]:,}"
        refused = self._audited.refused()
        for day, code in sorted(refused.keys() | self._refused.keys()):
            counts = refused.get((day, code), 0), self._refused[day, code]
            if counts[0] != counts[1]:
                yield f"counts {counts[0]:,} turned away by {code} on {day}, the log {counts[1]:,}"
        for month in sorted(placed := self._audited.placed()):
            if placed[month] != self._placed[month]:
                yield f"has placed {placed[month]:,} articles in {month}, the log {self._placed[month]:,}"
        for page in self._audited.wrong_pages():
            yield f"says of page {page} of the index what its rows do not add up to"
        for table in self._audited.nobodys():
            yield f"has rows of no decision in its table {table}"
        yield from self._remembered()

    def _remembered(self) -> Iterator[str]:
        configs = self._audited.configurations()
        for sha256, found in configs.items():
            if sha256 != found:
                yield f"has a configuration {sha256[:16]} that is another: its hash is {found[:16]}"
        for sha256 in sorted(self._configs - configs.keys()):
            yield f"does not know the configuration {sha256[:16]}, which the log tells of"
        tombstones = self._audited.tombstones()
        for name, left in self._out.items():
            for sequence in sorted(left - tombstones.keys()):
                yield f"does not know that {name} left the corpus by event {sequence:,}"
        for sequence, (name, _) in tombstones.items():
            if sequence <= self._until and self._left.get(sequence) != name:
                yield f"says that {name} left the corpus by event {sequence:,}, of which the log does not tell"
        if self._is_new:
            yield from self._bindings()

    def _bindings(self) -> Iterator[str]:
        found = self._audited.bindings()
        for sequence in sorted(found.keys() | self._bound.keys()):
            bound = self._bound.get(sequence)
            if sequence <= self._until and found.get(sequence) != (None if bound is None else bound.row):
                yield f"what event {sequence:,} binds is not as the log tells"


class LedgerLines:
    """What the ledger knows of each line of the log, against the line; ``tell`` each, ``finish`` gives the damage."""

    def __init__(self, audited: Audited, until: int) -> None:
        self._audited = audited
        self._until = until
        self._last = (0, "")
        self._lines: Iterator[tuple[int, str, str, int, int, bytes | None]] | None = None
        self._damage: list[Damage] = []

    def tell(self, logged: Logged, sequence: int, day: str) -> None:
        """The next line, and its event's number and day."""
        if self._lines is None:
            self._lines = self._audited.lines(sequence)
        if sequence > self._until:
            return
        self._last = (sequence, logged.sha256)
        found = next(self._lines, None)
        if found is None or found[0] != sequence:
            self._lines = self._audited.lines(sequence + 1)
            self._add(sequence, f"does not know the line of {logged.position}")
            return
        line = logged.line + b"\n"
        if found[1:5] != (logged.sha256, day, logged.offset, len(line)) or found[5] not in {None, line}:
            self._add(sequence, f"knows another line than {logged.position}")

    def _add(self, sequence: int, what: str) -> None:
        self._damage.append(Damage("ledger", f"{LEDGER}, event {sequence:,}:", what))

    def finish(self) -> list[Damage]:
        """What was found; lines that are not in the log yet must follow from its last."""
        last, prev = self._last
        for sequence, sha256, _, _, _, line in self._lines or ():
            is_told = line is not None and hashlib.sha256(line.removesuffix(b"\n")).hexdigest() == sha256
            if not is_told or link_of((line or b"").removesuffix(b"\n")) != (last + 1, prev):
                self._add(sequence, "keeps a line that does not follow from the last of the log")
                break
            last, prev = sequence, sha256
        return self._damage
