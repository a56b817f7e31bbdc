"""What an event of the log tells, as the values that it was made from: a ledger is made anew out of them. Pure.

Nothing is decided again. What the log does not hold (text, fingerprint) comes with the prepared record.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import TYPE_CHECKING, Any, Final

from winnowd.event import Operator
from winnowd.gates.originality import quality_key, standing_after
from winnowd.layout import below_inbox
from winnowd.model import (
    Arrival,
    Decision,
    Examination,
    Finding,
    Grade,
    Judged,
    Nearest,
    Note,
    Outcome,
    Prepared,
    Provenance,
    Relation,
    Standing,
)
from winnowd.pipeline.barren import LEAST_WORDS, OF_RECORDS
from winnowd.pipeline.chain import Chain
from winnowd.pipeline.order import Order

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from winnowd.event import Context
    from winnowd.model import Line

_OUTCOMES: Final = {"admit": Outcome.ADMITTED, "quarantine": Outcome.QUARANTINED, "reject": Outcome.REJECTED}
_NOTED: Final = frozenset({"DUP608", "DUP609", "DUP612"})
"""Rules that pass and are flagged in the index all the same."""


def is_decision(event: Mapping[str, Any]) -> bool:
    """Whether an event is the decision on a record."""
    return event["event"]["action"] in _OUTCOMES


def is_order(event: Mapping[str, Any]) -> bool:
    """Whether an event changed how a decision stands."""
    return "operator" in event["winnowd"]


def record_from_event(event: Mapping[str, Any]) -> tuple[str, int]:
    """The arrival and the number of the record that an event speaks of."""
    arrival = event["winnowd"]["arrival"]
    return str(arrival["id"]), int(arrival["record"])


def is_of_many(event: Mapping[str, Any]) -> bool:
    """Whether a decision is on one of many records of its file."""
    return "records" not in event["winnowd"]["arrival"]


def row_after(row: int, event: Mapping[str, Any]) -> int:
    """How many records of its file in a row had nothing to judge, after this one; as ``barren.row_after``."""
    ours = event["winnowd"]
    if not is_of_many(event) or row < 0:
        return min(row, 0)
    if "article" in ours:
        fails = any(one["grade"] == "fail" and one["gate"] != "originality" for one in ours.get("findings", ()))
        return row + 1 if fails and ours["article"]["words"] < LEAST_WORDS else 0
    return row + 1 if all(code.startswith(OF_RECORDS) for code in ours["codes"]) else 0


def arrival_from_event(event: Mapping[str, Any], number: int) -> Arrival:
    """The arrival of a decision; where its file lay on disk nobody knows any more."""
    ours, file, happened = event["winnowd"], event["file"], event["event"]
    claimed = dt.datetime.fromisoformat(happened["created"])
    settling = dt.timedelta(microseconds=ours.get("timings_ns", {}).get("settle", 0) // 1_000)
    changed = dt.datetime.fromisoformat(file["mtime"]) if "mtime" in file else None
    return Arrival(
        id=str(ours["arrival"]["id"]),
        number=number,
        feed=str(ours["arrival"].get("feed", "")),
        path=_path(ours["arrival"], file),
        dev=0,
        ino=0,
        size=int(file["size"]),
        mtime_ns=0 if changed is None else _nanoseconds(changed),
        seen_at=claimed - settling,
        claimed_at=claimed,
    )


def _path(arrival: Mapping[str, Any], file: Mapping[str, Any]) -> bytes:
    if "name_hex" in arrival:
        return bytes.fromhex(arrival["name_hex"])
    return below_inbox(str(file["path"])).encode()


def _nanoseconds(at: dt.datetime) -> int:
    since = at - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1_000


def decided_at(event: Mapping[str, Any]) -> dt.datetime:
    """When it happened."""
    return dt.datetime.fromisoformat(event["@timestamp"])


def provenance_from_event(event: Mapping[str, Any]) -> Provenance:
    """How the record came, as far as the log tells."""
    file = event["file"]
    sha256 = str(file.get("hash", {}).get("sha256", ""))
    return Provenance(record_from_event(event)[1], sha256, int(file["size"]), str(file.get("mime_type", "")))


def judged_from_event(
    event: Mapping[str, Any],
    arrival: Arrival,
    prepared: Prepared,
    *,
    number: int,
    at: Callable[[str], tuple[int, int | None] | None],
) -> Judged:
    """The decision of an event on a record that was prepared once more.

    ``at`` gives number and root of the known article that lay at a path then. Outcome, codes and standing are those of
    the event, whatever this program would decide.
    """
    ours = event["winnowd"]
    decision = Decision(_OUTCOMES[event["event"]["action"]], _findings(ours))
    nearest = _nearest(ours, at)
    standing, root = None, None
    if prepared.article is not None:
        standing, root = standing_after(decision, Examination((), nearest))
    return Judged(
        number=number,
        arrival=arrival,
        prepared=dataclasses.replace(prepared, notes=_notes(ours)),
        decision=decision,
        name=str(ours["article"]["id"]) if "article" in ours else "-".join(map(str, record_from_event(event))),
        location=str(ours["destination"]["path"]),
        begun_at=dt.datetime.fromisoformat(event["event"]["start"]),
        decided_at=decided_at(event),
        nearest=nearest,
        relations=_relations(ours, nearest),
        standing=standing,
        root=root,
        quality_key=None if prepared.article is None else quality_key(prepared),
        corpus_sequence=int(ours["corpus"]["sequence"]),
        corpus_articles=int(ours["corpus"]["articles"]),
    )


def _findings(ours: Mapping[str, Any]) -> tuple[Finding, ...]:
    metadata_count = [
        Finding(one["code"], one["gate"], Grade(one["grade"]), one.get("measured"), because=one.get("because", ""))
        for one in ours.get("findings", ())
    ]
    noted = [
        Finding(code, "originality", Grade.PASS, value)
        for code, value in ours.get("measured", {}).items()
        if code in _NOTED
    ]
    fields = [
        Finding(code, "schema", Grade.PASS, because=because)
        for code, because in ours.get("unmeasured", {}).items()
        if code.startswith("SCH")
    ]
    return (*metadata_count, *noted, *fields)


def _notes(ours: Mapping[str, Any]) -> tuple[Note, ...]:
    return tuple(Note(one["code"], 0, one["count"], "") for one in ours.get("notes", ()))


def _nearest(ours: Mapping[str, Any], at: Callable[[str], tuple[int, int | None] | None]) -> Nearest | None:
    fields = ours.get("nearest")
    indexed = None if fields is None else at(fields["path"])
    if fields is None or indexed is None:
        return None
    number, root = indexed
    return Nearest(
        id=fields["id"],
        number=number,
        path=fields["path"],
        text_sha256=fields["text_sha256"],
        standing=Standing.ADMITTED,
        twin=fields["twin"],
        measures={},
        shared_runs=float(fields["shared_runs"]) if "shared_runs" in fields else None,
        runs=fields.get("runs", 0),
        longest_run_words=fields.get("longest_run_words", 0),
        candidates=fields["candidates"],
        root=root,
    )


def _relations(ours: Mapping[str, Any], nearest: Nearest | None) -> tuple[Relation, ...]:
    """What the log tells of relations: by which rules it was stopped as a copy of its twin."""
    if nearest is None or not nearest.twin:
        return ()
    return tuple(
        Relation(nearest.number, one["code"], Grade(one["grade"]), float(one["measured"]), nearest.standing)
        for one in ours.get("findings", ())
        if one["gate"] == "originality" and isinstance(one.get("measured"), int | float)
    )


def order_from_event(event: Mapping[str, Any]) -> Order:
    """The order of an event; one that was carried out was sure, and asked for no other."""
    fields = event["winnowd"]["operator"]
    uid = event["user"].get("id")
    operator = Operator(
        event["user"]["name"], fields["reason"], fields["via"], fields["order"], uid=None if uid is None else int(uid)
    )
    forget = "remembered" not in event["winnowd"]
    return Order(fields["order"], event["event"]["action"], operator, forget=forget, sure=True)


def superseding_from_event(event: Mapping[str, Any], by: int) -> Judged:
    """The better version whose coming an event of a supersede tells, as far as that event needs it."""
    details = event["winnowd"]["operator"]["supersedes"]
    (code,) = event["winnowd"]["codes"]
    note = Finding(code, "originality", Grade.PASS, evidence=details)
    at = decided_at(event)
    arrival = Arrival("", 0, "", b"", 0, 0, 0, 0, at, at)
    prepared = Prepared(Provenance(0, "", 0, ""), None, (), ())
    decision = Decision(Outcome.ADMITTED, (note,))
    return Judged(by, arrival, prepared, decision, details["new"], "", at, at)


@dataclasses.dataclass(slots=True)
class ReplayChain(Chain):
    """The chain while its events are told again: an order's event has its line already, at the time it was given."""

    line: Line | None = None

    def next(
        self, at: dt.datetime, make: Callable[[Context], Mapping[str, Any]], context: Context | None = None
    ) -> tuple[Mapping[str, Any], Line]:
        """The line that there is; what ``make`` would make of it now is not asked."""
        del at, make, context
        if self.line is None:
            raise ValueError("no line of the log is being told")
        return {}, self.line
