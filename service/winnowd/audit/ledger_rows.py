"""The ledger's rows against the log: each decision as it is told, each order, and what both leave in the end.

A row is read as it stands today beside the event that made it. What differs then is odd, and no damage yet: an order,
or a ledger made anew, may tell of it later in the log. What nothing has told of when the log ends is damage. So no more
is remembered than what orders have changed.
"""

from __future__ import annotations

import dataclasses
import itertools
from typing import TYPE_CHECKING, Any, Final

from winnowd.audit.expected import DECISIONS, ORDERS, Damage
from winnowd.audit.row_differences import STANDINGS, erased_digest, not_as_told, odd_of
from winnowd.layout import LEDGER

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from winnowd.storage.ledger.audited import Audited, AuditedRow

_SAID: Final = {
    "stands": "how it stands is",
    "fingerprint": "its fingerprint is",
    "paragraphs": "its paragraphs are",
    "relations": "what it resembles is",
    "row": "its row of the index is",
    "text": "the text that is kept of it is",
    "reason": "why it is held is",
    "seeded": "whether it was ever admitted is",
}


@dataclasses.dataclass(slots=True)
class _Odd:
    """What of a row is not as its decision left it: by what, the digest that is found."""

    number: int
    sequence: int
    position: str
    recipe: str
    found: dict[str, Any]
    expected: Mapping[str, Any]


@dataclasses.dataclass(slots=True)
class _After:
    """What orders have made of a record, by the last of them that tells it."""

    sequence: int
    position: str
    outcome: str
    location: str
    stands: str | None
    row: str | None = None
    admitted: bool = False
    erased: Mapping[str, Any] | None = None


class LedgerRows:
    """``tell`` each event; then ``finish`` gives the damage.

    Events behind ``until`` (the last that the ledger knows) are not held against it. ``since``: the first event that is
    read; what was decided before it is looked at only where an order has changed it.
    """

    def __init__(self, audited: Audited, until: int) -> None:
        self._audited = audited
        self._until = until
        self._rows: Iterator[AuditedRow] = iter(())
        self._next: AuditedRow | None = None
        self._begun = False
        self._damage: list[Damage] = []
        self._odd: dict[tuple[str, int], _Odd] = {}
        self._after: dict[tuple[str, int], _After] = {}
        self._remade: dict[int, Mapping[str, Any]] = {}
        self._erased: set[str] = set()
        self._orders: set[int] = set()
        self._recipe = ""
        self._first = 0
        self.count = 0
        self.without_digests = 0
        """How many decisions and orders were told before there were digests."""
        self.other_recipe = 0
        """How many fingerprints were made by an earlier recipe than the ledger's."""

    def tell(self, event: Mapping[str, Any], position: str) -> None:
        """The next event of the log."""
        sequence, action = event["event"]["sequence"], event["event"]["action"]
        if not self._begun:
            self._begun, self._first = True, sequence
            self._rows = self._audited.rows(sequence)
            self._next = next(self._rows, None)
        if sequence > self._until:
            return
        ours = event["winnowd"]
        if action in DECISIONS:
            self._decided(event, position)
        elif action in ORDERS:
            self._ordered(event, position)
        elif "recipe" in ours:
            self._recipe = str(ours["recipe"]["sha256"])
        for one in ours.get("remade", ()):
            self._remade[one["sequence"]] = {**self._remade.get(one["sequence"], {}), **one}

    def _add(self, number: int | None, what: str) -> None:
        position = LEDGER if number is None else f"{LEDGER}, decision {number:,}:"
        self._damage.append(Damage("ledger", position, what))

    def _decided(self, event: Mapping[str, Any], position: str) -> None:
        sequence = event["event"]["sequence"]
        self.count += 1
        while self._next is not None and self._next["sequence"] < sequence:
            self._add(self._next["number"], f"event {self._next['sequence']:,} of the log tells of no such decision")
            self._next = next(self._rows, None)
        row = self._next
        if row is None or row["sequence"] != sequence:
            self._add(None, f"has no decision of {position}")
            return
        self._next = next(self._rows, None)
        ours = event["winnowd"]
        for what in not_as_told(row, event):
            self._add(row["number"], f"{what} is not as {position} tells")
        kept, sha256 = ours.get("kept"), ours.get("article", {}).get("text_sha256")
        self.without_digests += kept is None
        found = dict(odd_of(row, ours, kept or {}))
        if kept is not None and row.first_before(sha256) not in {None, kept["stands"]}:
            self._add(row["number"], f"how it stood before an order is not as {position} tells")
        if found:
            record = (str(ours["arrival"]["id"]), int(ours["arrival"]["record"]))
            self._odd[record] = _Odd(row["number"], sequence, position, self._recipe, found, kept or {})

    def _ordered(self, event: Mapping[str, Any], position: str) -> None:
        ours, sequence, action = event["winnowd"], event["event"]["sequence"], event["event"]["action"]
        record = (str(ours["arrival"]["id"]), int(ours["arrival"]["record"]))
        kept, before = ours.get("kept", {}), self._after.get(record)
        self.without_digests += not kept
        self._orders.add(sequence)
        row = self._audited.of(*record)
        if row is None:
            self._add(None, f"has no record of which {position} tells")
            return
        done = self._audited.order(sequence, ours["article"].get("text_sha256"))
        is_persons = action != "supersede"  # an article that takes the position of another gives an order of its own id
        is_it = done is not None and done.number == row["number"]
        if done is None or not is_it or (is_persons and done.id != ours["operator"]["order"]):
            self._add(row["number"], f"the order of {position} is not there, or is another")
        elif done.action != action:
            self._add(row["number"], f"the order of {position} is another one")
        elif before is not None and before.stands is not None and done.before != before.stands:
            self._add(row["number"], f"how it stood before {position} is not as the order before that left it")
        outcome = str(ours["outcome"])
        location = {"erased": f"erased/{row['number']}", "reopened": f"reopened/{row['number']}"}.get(outcome)
        after = _After(sequence, position, outcome, location or str(ours["destination"]["path"]), kept.get("stands"))
        after.row = kept.get("row") or (None if before is None else before.row)
        after.admitted = outcome == "admitted" or (before is not None and before.admitted)
        if outcome == "erased":
            after.erased = ours.get("remembered", {})
            self._erased.add(str(row["number"]))
        self._after[record] = after

    def finish(self, recipe: str, last: int) -> list[Damage]:
        """The log is at its end, with this event; ``recipe``: the hash of the ledger's own."""
        until = min(self._until, last)
        if self._recipe and recipe != self._recipe:
            self._add(None, "has another recipe of fingerprints than the last start of the log tells of")
        for row in itertools.chain([] if self._next is None else [self._next], self._rows):
            if row["sequence"] <= until:
                self._add(row["number"], f"event {row['sequence']:,} of the log tells of no such decision")
        for sequence in sorted(self._audited.orders(self._first, until) - self._orders):
            self._add(None, f"has an order of event {sequence:,}, of which the log does not tell")
        for record, odd in self._odd.items():
            self._resolve(odd, self._after.get(record), recipe)
        for record, after in self._after.items():
            self._stands(self._audited.of(*record), after)
        return self._damage

    def _resolve(self, odd: _Odd, after: _After | None, recipe: str) -> None:
        """Damage, unless an order or a ledger made anew has told of it."""
        remade = dict(self._remade.get(odd.sequence, {}))
        if after is not None and self._remade.get(after.sequence, {}).get("without_text"):
            remade["without_text"] = True
        for what, found in odd.found.items():
            if self._is_told(what, found, odd, after, remade):
                continue
            if what == "fingerprint" and odd.recipe and odd.recipe != recipe:
                self.other_recipe += 1
                continue
            gone = found in ("", None, {}) and what not in {"stands", "seeded"}
            because = "gone" if gone and what != "relations" else f"not as {odd.position} tells"
            self._add(odd.number, f"{_SAID[what]} {because}")

    def _is_told(self, what: str, found: Any, odd: _Odd, after: _After | None, remade: Mapping[str, Any]) -> bool:  # noqa: ANN401 - a digest, or several
        """Whether something later in the log tells of what is found now."""
        erased = None if after is None else after.erased
        is_lost = bool(remade.get("without_text"))
        match what:
            case "stands":
                explained = after is not None or found == remade.get("stands")
            case "row":
                is_ordered = after is not None and (after.row is not None or erased is not None)
                explained = is_ordered or found == remade.get("row") or (not found and is_lost)
            case "fingerprint":
                explained = found == remade.get("fingerprint") or (
                    erased is not None and found == erased_digest(erased)
                )
            case "relations":
                is_left = self._is_left(found, odd.expected.get("relations", {}))
                is_left = is_left or ("relations" in remade and self._is_left(found, remade["relations"]))
                explained = is_left or (erased is not None and not found)
            case "paragraphs":
                explained = erased is not None or found == remade.get("paragraphs")
            case "text":
                explained = is_lost or erased is not None
            case "seeded":
                explained = after is not None and after.admitted
            case _:
                explained = erased is not None
        return explained

    def _is_left(self, found: Mapping[str, str], expected: Mapping[str, str]) -> bool:
        """Whether all that is missing of what a record resembles was erased."""
        return found.items() <= expected.items() and expected.keys() - found.keys() <= self._erased

    def _stands(self, row: AuditedRow | None, after: _After) -> None:
        """Whether a record is what the last order has made of it."""
        if row is None:
            return
        number, position = row["number"], after.position
        remade = self._remade.get(after.sequence, {})
        is_so = (row["outcome"], row["home"]) == (after.outcome, after.location)
        if after.stands is not None:
            is_so = row.standing_digest in {after.stands, remade.get("stands")}
        if not is_so or row["standing"] not in STANDINGS[after.outcome]:
            self._add(number, f"how it stands is not as {position} tells")
        if after.erased is not None:
            if row["held"] is not None or row["page_row"] is not None or row["reason"] is not None:
                self._add(number, f"something is kept of it that {position} erased")
        elif (
            after.row is not None
            and row.row_digest not in {after.row, remade.get("row")}
            and not (row.row is None and remade.get("without_text"))
        ):
            self._add(number, f"its row of the index is not as {position} tells")
        if row["signed"] is not None and after.admitted != bool(row["seeded"]) and after.outcome == "admitted":
            self._add(number, f"whether it was ever admitted is not as {position} tells")
