"""Telling the log's events again, to a ledger that is made anew: by the code that records them when they happen."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from typing import TYPE_CHECKING, Any

from winnowd.audit.reader import day_of
from winnowd.layout import ARCHIVE, INBOX, WORK
from winnowd.model import REST, DecisionRecord, KeptFile, Line, Outcome, Progress
from winnowd.operations.remade import Remade
from winnowd.operations.reprepare import GONE
from winnowd.pipeline.chain import End
from winnowd.pipeline.from_events import (
    ReplayChain,
    arrival_from_event,
    decided_at,
    is_decision,
    is_order,
    judged_from_event,
    order_from_event,
    record_from_event,
    row_after,
    superseding_from_event,
)
from winnowd.pipeline.order_planner import OrderPlanner
from winnowd.storage.clock import SystemClock
from winnowd.storage.disk import Disk
from winnowd.storage.files import KeptFiles
from winnowd.storage.inbox.tree import found_at
from winnowd.storage.ledger import PUBLISHED
from winnowd.storage.paths import Paths, Seeds, arrival_number
from winnowd.storage.records import LedgerRecords
from winnowd.storage.sealing import LAST_DIGEST
from winnowd.storage.texts import StoredTexts
from winnowd.views.index import row, row_json
from winnowd.wiring.kept import run_context

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from winnowd.audit.reader import Log, Logged
    from winnowd.model import Arrival, Judged, Prepared, StateChange, StoredDecision
    from winnowd.operations.reprepare import Repreparer
    from winnowd.settings import Loaded
    from winnowd.storage.ledger import Ledger


class _Then(SystemClock):
    """The time at which the event that is told again happened, and the id of the order that it tells of."""

    at: dt.datetime
    order: str = ""

    def now(self) -> dt.datetime:
        """Then."""
        return self.at

    def uuid7(self) -> str:
        """The order's id."""
        return self.order


class _There(Seeds):
    """The path that the event tells."""

    path: str = ""

    def path_for(self, name: str, day: dt.date) -> str:
        """There."""
        del name, day
        return self.path

    def set_aside(self, stored: StoredDecision, day: dt.date) -> str:
        """There."""
        del stored, day
        return self.path


class FilesThen(KeptFiles):
    """What was kept of a decision when an order changed it; a text that is gone is GONE, and not kept again."""

    def __init__(self, disk: Disk, ledger: Ledger, repreparer: Repreparer) -> None:
        super().__init__(disk, ledger, StoredTexts(disk, ledger.articles))
        self._of = ledger
        self.repreparer = repreparer
        self.event: Mapping[str, Any] = {}
        self.lost = False

    def text(self, number: int) -> str | None:
        """Its cleaned text; GONE if it is gone, which no order asks about."""
        if (text := super().text(number)) is not None:
            return text
        stored = self.stored(number)
        text = None if stored is None or stored.text_sha256 is None else self._made_again(stored, stored.text_sha256)
        self.lost = text is None
        return GONE if text is None else text

    def _made_again(self, stored: StoredDecision, sha256: str) -> str | None:
        decision = {
            "event": {"created": stored.decided_at.isoformat()},
            "file": {
                "name": stored.path.rpartition(b"/")[2].decode("utf-8", "backslashreplace"),
                "path": "",
                "size": 0,
            },
            "winnowd": {"arrival": {"id": stored.arrival, "record": stored.record}, "article": {}},
        }
        return self.repreparer.text((stored.arrival, stored.record), sha256, decision)

    def is_whole(self, stored: StoredDecision, text: str) -> bool:
        """It was, when the order was carried out."""
        del stored, text
        return True

    def kept(self, stored: StoredDecision) -> list[KeptFile]:
        """What was erased."""
        del stored
        gone = self.event["winnowd"].get("erased", ())
        return [KeptFile(one["path"], one["sha256"], one["bytes"], one.get("offset")) for one in gone]


class Replayer:
    """Tells events to a new ledger, each as what it was."""

    def __init__(self, instance_dir: Path, loaded: Loaded, ledger: Ledger, repreparer: Repreparer) -> None:
        self._ledger = ledger
        self._repreparer = repreparer
        self._instance_dir = instance_dir
        self._clock = _Then()
        self._records = LedgerRecords(ledger, ledger_recipe(ledger), self._clock)
        self._chain = ReplayChain(run_context(loaded, SystemClock()), self._clock.uuid7, End(0, "", "", 0))
        self._files = FilesThen(Disk(instance_dir), ledger, repreparer)
        self._seeds = _There(lambda _: 0)
        self._planner = OrderPlanner(self._files, None, self._chain, self._clock, self._seeds)
        self._paths = Paths()
        self._in_work = (
            {path.name for path in (instance_dir / WORK).iterdir()} if (instance_dir / WORK).is_dir() else set()
        )
        self._untrue: set[int] = set()
        self.remade = Remade()
        self.last = 0

    def tell(self, logged: Logged, event: Mapping[str, Any], prepared: Mapping[tuple[str, int], Prepared]) -> None:
        """Record one event, and what it made of the ledger."""
        self.last = int(event["event"]["sequence"])
        line = Line(self.last, day_of(logged.file), logged.offset, logged.line + b"\n", logged.sha256)
        self._clock.at = decided_at(event)
        if is_decision(event):
            self._decision(event, line, prepared[record_from_event(event)])
        elif is_order(event):
            self._order(event, line)
        else:
            self._records.tell([line])
            if event["event"]["action"] == "changed-after":
                self._ledger.arrivals.changed(arrival_number(event["winnowd"]["arrival"]["id"]))
            self._config(event)

    def _decision(self, event: Mapping[str, Any], line: Line, prepared: Prepared) -> None:
        record = record_from_event(event)
        arrival = arrival_from_event(event, arrival_number(record[0]))
        if continues := event["winnowd"]["arrival"].get("continues"):
            arrival = dataclasses.replace(arrival, continues=(arrival_number(continues), continues))
        if not self._ledger.history.has_arrival(arrival.id):
            self._records.claim([arrival])
        judged = self._judged(event, arrival, prepared)
        listed = None if judged.prepared.article is None else row_json(row(judged, line.sequence))
        instance_dir = self._original_location(event, arrival, judged.location, judged.decision.outcome)
        if REST in judged.decision.codes:
            done = Progress(arrival, record[1] - int(event["winnowd"]["measured"][REST]), instance_dir)
        else:
            barren = 0 if instance_dir is not None else row_after(self._ledger.arrivals.barren(arrival.number), event)
            done = Progress(arrival, record[1] + 1, instance_dir, barren)
        self._records.record([DecisionRecord(judged, line, (), listed)], [done], [])
        if arrival.id not in self._in_work:
            self._ledger.arrivals.done([arrival.number])
        if record in self._repreparer.without_text:
            self._untrue.add(judged.number)
        self.remade.decided(event, judged, listed, has_text=record not in self._repreparer.without_text)
        self._recorded(judged)

    def _judged(self, event: Mapping[str, Any], arrival: Arrival, prepared: Prepared) -> Judged:
        """The decision of an event."""
        number = self._ledger.decisions.next_number()
        return judged_from_event(event, arrival, prepared, number=number, at=self._ledger.history.number_at)

    def _recorded(self, judged: Judged) -> None:
        """A decision was recorded; here nobody asks."""

    def _original_location(self, event: Mapping[str, Any], arrival: Arrival, held: str, outcome: Outcome) -> str | None:
        """Where the original went; None for one with many records that is still being decided."""
        is_one = event["winnowd"]["arrival"].get("records") == 1
        if arrival.id in self._in_work and not is_one:
            return None
        if (is_one and outcome is not Outcome.ADMITTED) or REST in event["winnowd"]["codes"]:
            return held
        archived = self._paths.archived(arrival, self._clock.at.date())
        kept = self._repreparer.originals.get(arrival.id[:8], "")
        is_elsewhere = kept.startswith(f"{ARCHIVE}/") and not (self._instance_dir / archived).exists()
        return kept if is_elsewhere else archived

    def _order(self, event: Mapping[str, Any], line: Line) -> None:
        number = self._ledger.history.number_of(*record_from_event(event))
        stored = None if number is None else self._files.stored(number)
        if stored is None:
            raise ValueError(f"event {line.sequence} changes a record that no event before has decided")
        order = order_from_event(event)
        self._chain.line, self._files.event, self._files.lost = line, event, False
        self._clock.order = order.id
        self._seeds.path = str(event["winnowd"].get("destination", {}).get("path", ""))
        changes = self._changes(event, stored)
        self._records.change(changes)
        self._ledger.decisions.placed([effect.path for change in changes for effect in change.effects])
        if self._files.lost:
            self._untrue.add(stored.number)
        self.remade.ordered(event, changes, is_lost=self._files.lost)
        self._changed(changes)

    def _changed(self, changes: Sequence[StateChange]) -> None:
        """Decisions were changed by an order; here nobody asks."""

    def _changes(self, event: Mapping[str, Any], stored: StoredDecision) -> list[StateChange]:
        if event["event"]["action"] != "supersede":
            return self._planner.changes_of(order_from_event(event), stored)
        by = self._ledger.history.latest(event["winnowd"]["operator"]["supersedes"]["new"])
        due = self._planner.supersession(stored, superseding_from_event(event, by))
        return [self._planner.supersede(due, self._files.text(stored.number))]

    def _config(self, event: Mapping[str, Any]) -> None:
        """A configuration that came into force, whole, if the event tells all of it."""
        settings, sha256 = event["winnowd"].get("settings"), event["winnowd"]["config"]["sha256"]
        if settings is not None:
            whole = json.dumps(settings, sort_keys=True, separators=(",", ":"), allow_nan=False)
            if hashlib.sha256(whole.encode()).hexdigest() == sha256:
                self._ledger.note_config(sha256, whole, self._clock.at)

    def finish(self, log: Log) -> None:
        """The log is told: note what is sealed and published, keep no text that is not the one decided on."""
        for number in self._untrue:
            self._ledger.articles.drop_text(number)
        self._look_again()
        sealed = [file for file in log.days() if file.endswith(".gz")]
        for file in sealed:
            self._ledger.outbox.seal(day_of(file))
        if sealed:
            digest = self._instance_dir / f"{sealed[-1].removesuffix('.jsonl.gz')}.digest.json"
            self._ledger.set(LAST_DIGEST, hashlib.sha256(digest.read_bytes()).hexdigest())
        self._ledger.set(PUBLISHED, str(self.last))

    def _look_again(self) -> None:
        """Know by what lies there the files that are to be judged again: in the inbox, or about to be put there."""
        for arrival in self._ledger.arrivals.to_come_again():
            found = found_at(self._instance_dir / WORK, arrival.id.encode()) or found_at(
                self._instance_dir / INBOX, arrival.path
            )
            if found is not None:
                self._ledger.arrivals.lies_as(arrival.number, found.st_dev, found.st_ino)


def ledger_recipe(ledger: Ledger) -> str:
    """The id of a ledger's recipe."""
    recipe = ledger.articles.recipe()
    if recipe is None:
        raise ValueError("a ledger without a recipe")
    return recipe.id
