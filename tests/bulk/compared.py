"""Two instances held against each other, record by record: every event, evidence, why-file, and row of the ledger."""

from __future__ import annotations

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
        "arrival.id", "arrival.dev", "arrival.ino", "done_order.id",
    }),
    "pid": frozenset({"process.pid"}),
    "prev": frozenset({"winnowd.chain.prev"}),
    "addresses of files": frozenset({
        "winnowd.evidence.path", "winnowd.evidence.offset", "winnowd.evidence.sha256", "page.sha256",
    }),
}  # fmt: skip
"""What may differ, and nothing else: by kind the fields of events and evidence, and columns of the ledger. The hash of
an evidence's line hangs on the arrival's id in it."""
_EXEMPT: Final = frozenset().union(*EXEMPT.values())
TABLES: Final = (
    "decision", "signature", "body", "paragraph", "held_text", "relation", "page", "page_row", "tombstone", "done_order",
    "binding", "total", "refused", "held_reason", "arrival", "recipe", "config", "effect",
)  # fmt: skip
_TIMES: Final = re.compile(r"20[0-9]{2}[-/][0-9]{2}[-/][0-9]{2}([T ](at )?[0-9:.]+(Z| UTC)?)?| at [0-9:]{8} UTC")
_OURS: Final = re.compile(r"[0-9a-f]{16}(?=[`. ])|[0-9a-f]{8}(?=[-*.~/]|$)|[0-9a-f-]{36}")


def differences(one: Path, other: Path, most: int = 5) -> list[str]:
    """What differs between two instances, but for what may; the first few of each kind."""
    found: list[str] = []
    for name, left, right in (
        ("events", _events(one), _events(other)),
        ("evidence", _evidence(one), _evidence(other)),
        ("why-files", _why(one), _why(other)),
        ("texts", _texts(one), _texts(other)),
        *((table, rows(one, table), rows(other, table)) for table in TABLES),
    ):
        if len(left) != len(right):
            found.append(f"{name}: {len(left)} in one, {len(right)} in the other")
        pairs = ((a, b) for a, b in zip(left, right, strict=False) if a != b)
        found += [f"{name}: {_first(a, b)}" for _, (a, b) in zip(range(most), pairs, strict=False)]
    return found


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


def _events(instance: Path) -> list[dict[str, Any]]:
    """What was decided, or changed, in order; sequences as they are."""
    events = [json.loads(line) for line in _lines(instance)]
    return [_kept(event) for event in events if "winnowd" in event and "outcome" in event["winnowd"]]


def _lines(instance: Path) -> list[bytes]:
    return [line for path in sorted((instance / "audit").glob("20*/*/*.jsonl")) for line in path.read_bytes().splitlines()]


def _kept(block: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """A block without what is exempt; paths without their days and arrivals."""
    kept = {}
    for key, value in block.items():
        if f"{prefix}{key}" not in _EXEMPT:
            kept[key] = _kept(value, f"{prefix}{key}.") if isinstance(value, dict) else _plain(value)
    return kept


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return _OURS.sub("*", value)
    return [_plain(one) if not isinstance(one, dict) else _kept(one) for one in value] if isinstance(value, list) else value


def _evidence(instance: Path) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = []
    for event in (json.loads(line) for line in _lines(instance)):
        at = event.get("winnowd", {}).get("evidence")
        if at:
            content = (instance / at["path"]).read_bytes()
            lines.append(_kept(json.loads(content[at.get("offset", 0) :][: at["bytes"]])))
    return lines


def _why(instance: Path) -> list[tuple[str, str]]:
    return sorted(
        (_plain(path.name), _plain(_TIMES.sub("@", path.read_text("utf-8"))))
        for folder in ("quarantine", "rejected")
        for path in (instance / folder).rglob("*.why.md")
    )


def _texts(instance: Path) -> list[tuple[str, bytes]]:
    """The corpus, and what was turned away."""
    seeds = ((str(path.relative_to(instance)), path.read_bytes()) for path in (instance / "seeds").rglob("*.txt"))
    held = (
        (_OURS.sub("*", path.name), path.read_bytes())
        for folder in ("quarantine", "rejected", "archive")
        for path in (instance / folder).rglob("*")
        if path.is_file() and not path.name.endswith(".md")
    )
    return [*sorted(seeds), *sorted(held)]


def rows(instance: Path, table: str) -> list[list[Any]]:
    """A table of the ledger, in the order of its columns, without what is exempt."""
    with closing(sqlite3.connect(f"file:{instance / 'state/winnowd.db'}?mode=ro", uri=True)) as connection:
        cursor = connection.execute(f"SELECT * FROM {table}")  # noqa: S608 - our own names
        names = [column[0] for column in cursor.description]
        return sorted((list(_columns(table, names, row)) for row in cursor), key=repr)


def _columns(table: str, names: list[str], row: tuple[Any, ...]) -> Iterator[Any]:
    for name, value in zip(names, row, strict=True):
        if f"{table}.{name}" not in _EXEMPT:
            yield f"{name}={_plain(value) if isinstance(value, str) else value!r}"


if __name__ == "__main__":
    import sys
    from pathlib import Path as _Path

    print(*differences(*map(_Path, sys.argv[1:3])), sep="\n")
