"""Two instances held against each other, record by record: every event, evidence, why-file, and row of the ledger."""

from __future__ import annotations

import bisect
import itertools
import json
import re
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

EXEMPT: Final = {
    "times": frozenset({
        "@timestamp", "event.created", "event.start", "event.end", "event.duration", "winnowd.timings_ns", "file.mtime",
        "decision.decided_at", "arrival.seen_at", "arrival.claimed_at", "recipe.made_at", "config.used_at",
        "tombstone.at", "done_order.at",
    }),
    "ids": frozenset({
        "event.id", "trace.id", "winnowd.run.id", "winnowd.arrival.id", "winnowd.order.id", "file.inode",
        "winnowd.kept.why", "winnowd.kept.page", "arrival.id", "arrival.dev", "arrival.ino", "done_order.id",
    }),
    "pid": frozenset({"process.pid"}),
    "prev": frozenset({"winnowd.chain.prev"}),
    "addresses of files": frozenset({
        "winnowd.evidence.path", "winnowd.evidence.offset", "winnowd.evidence.sha256", "page.sha256",
    }),
}  # fmt: skip
"""What may differ, and nothing else: by kind the fields of events and evidence, and columns of the ledger. The
hashes of an evidence's line and of a why-file hang on the arrival's id in it."""
_EXEMPT: Final = frozenset().union(*EXEMPT.values())
TABLES: Final = (
    "decision", "signature", "body", "paragraph", "held_text", "relation", "page", "page_row", "tombstone",
    "done_order", "binding", "total", "refused", "held_reason", "arrival", "recipe", "config", "effect",
)  # fmt: skip
_TIMES: Final = re.compile(r"20[0-9]{2}[-/][0-9]{2}[-/][0-9]{2}([T ](at )?[0-9:.]+(Z| UTC)?)?| at [0-9:]{8} UTC")
_OF_SEQUENCE: Final = "winnowd.kept.row"
"""A digest of what has a sequence in it."""
_SEQUENCE: Final = re.compile(r"(\"sequence\": ?|^- event: |by event )([0-9]+)", re.MULTILINE)
_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def differences(one: Path, other: Path, most: int = 5, *, begun_as_often: bool = True) -> list[str]:
    """What differs between two instances, but for what may; the first few of each kind.

    If one was begun more often than the other, events of starts come between those of decisions: these are held against
    each other by their order alone.
    """
    left, right = (_Read(path, by_sequence=begun_as_often) for path in (one, other))
    found: list[str] = []
    for name in (*_Read.KINDS, *TABLES):
        found += [f"{name}: {what}" for what in itertools.islice(_differing(left.of(name), right.of(name)), most)]
    return found


def _differing(left: list[Any], right: list[Any]) -> Iterator[str]:
    if len(left) != len(right):
        yield f"{len(left)} in one, {len(right)} in the other"
    yield from (_first(one, other) for one, other in zip(left, right, strict=False) if one != other)


def _first(one: Any, other: Any, where: str = "") -> str:
    """Where two values begin to differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in [*one, *(key for key in other if key not in one)]:
            if one.get(key) != other.get(key):
                return _first(one.get(key), other.get(key), f"{where}.{key}")
    if isinstance(one, list | tuple) and isinstance(other, list | tuple) and len(one) == len(other):
        for at, (a, b) in enumerate(zip(one, other, strict=True)):
            if a != b:
                return _first(a, b, f"{where}[{at}]")
    return f"{where}: {str(one)[:200]} | {str(other)[:200]}"


class _Read:
    """All that one instance says, without what is exempt: its arrivals by their numbers, no times."""

    KINDS = ("events", "evidence", "why-files", "texts")

    def __init__(self, instance: Path, *, by_sequence: bool) -> None:
        self._instance = instance
        self._ids = {str(of["id"]): f"arrival-{of['number']}" for of in self._rows("arrival")}
        self._ids |= {one[:8]: name for one, name in self._ids.items()}
        self._pattern = re.compile("|".join(sorted(self._ids, key=len, reverse=True)) or "(?!)")
        files = sorted((instance / "audit").glob("20*/*/*.jsonl"))
        self._events = [json.loads(line) for path in files for line in path.read_bytes().splitlines()]
        self._decided = [event["event"]["sequence"] for event in self._events if "outcome" in event.get("winnowd", {})]
        self._by_sequence = by_sequence

    def of(self, kind: str) -> list[Any]:
        """All of one kind, or of one table, in order."""
        made = {"events": self._decisions, "evidence": self._evidence, "why-files": self._why, "texts": self._texts}
        return made[kind]() if kind in made else sorted(map(self._row, self._rows(kind, named=True)), key=repr)

    def _decisions(self) -> list[Any]:
        """What was decided, or changed, in order."""
        return [self._kept(event) for event in self._events if "outcome" in event.get("winnowd", {})]

    def _evidence(self) -> list[Any]:
        lines = []
        for event in self._events:
            if at := event.get("winnowd", {}).get("evidence"):
                content = (self._instance / at["path"]).read_bytes()
                line = content[at["offset"] :][: at["bytes"]]
                lines.append(self._kept(json.loads(line)) if line.strip() else "erased")
        return lines

    def _why(self) -> list[Any]:
        return sorted(
            (self._plain(path.name), self._plain(_TIMES.sub("@", path.read_text("utf-8"))))
            for folder in ("quarantine", "rejected")
            for path in (self._instance / folder).rglob("*.why.md")
        )

    def _texts(self) -> list[Any]:
        """The corpus, and the bytes of what was turned away."""
        return sorted(
            (self._plain(str(path.relative_to(self._instance))), self._said(path.read_text("utf-8", "surrogateescape")))
            for folder in ("seeds", "quarantine", "rejected", "archive")
            for path in (self._instance / folder).rglob("*")
            if path.is_file() and path.suffix != ".md" and path.parent.name != "index"
        )

    def _rows(self, table: str, *, named: bool = False) -> list[dict[str, Any]]:
        with closing(sqlite3.connect(f"file:{self._instance / 'state/winnowd.db'}?mode=ro", uri=True)) as connection:
            cursor = connection.execute(f"SELECT * FROM {table}")  # noqa: S608 - our own names
            prefix = f"{table}." if named else ""
            names = [f"{prefix}{column[0]}" for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def _row(self, row: dict[str, Any]) -> list[tuple[str, Any]]:
        return [(name, self._placed(name, value)) for name, value in row.items() if name not in _EXEMPT]

    def _kept(self, block: dict[str, Any], prefix: str = "") -> dict[str, Any]:
        kept = {}
        for key, value in block.items():
            name = f"{prefix}{key}"
            if name not in _EXEMPT and (self._by_sequence or name != _OF_SEQUENCE):
                kept[key] = self._kept(value, f"{name}.") if isinstance(value, dict) else self._placed(name, value)
        return kept

    def _placed(self, name: str, value: Any) -> Any:
        """A value; instead of an event's sequence how many decisions there are up to it, if that is what is held."""
        if name == "winnowd.kept.row" and not self._by_sequence:
            return None  # a digest of what has a sequence in it
        if name.endswith("sequence") and not self._by_sequence:
            return self._place(value)
        return self._plain(value)

    def _place(self, sequence: int) -> int:
        return bisect.bisect_right(self._decided, sequence)

    def _said(self, text: str) -> str:
        """A text with the sequences in it as ``_placed`` has them."""
        if self._by_sequence:
            return text
        return _SEQUENCE.sub(lambda found: f"{found[1]}{self._place(int(found[2]))}", text)

    def _plain(self, value: Any) -> Any:
        """A text with its arrivals by number; what hangs on nothing of this run."""
        if isinstance(value, str):
            return _UUID.sub("*", self._pattern.sub(lambda found: self._ids[found[0]], self._said(value)))
        if isinstance(value, list):
            return [self._kept(one) if isinstance(one, dict) else self._plain(one) for one in value]
        return value
