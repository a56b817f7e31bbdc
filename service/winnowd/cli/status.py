"""``winnowd status``: who works on the instance, what waits, what the corpus holds."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING, Any, Final

import click

from winnowd.cli.faults import Exit, stop
from winnowd.cli.owning import knowing_the_log

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from winnowd.cli.context import Context

STALE: Final = 60.0  # s after which a silent service is not well
_UNITS: Final = ("bytes", "KiB", "MiB", "GiB", "TiB")


@click.command("status")
@click.option("--health", is_flag=True, help="Print nothing; exit 1 if the service is not well.")
@click.pass_obj
def command(context: Context, *, health: bool) -> int:
    """Tell how the instance is: the service, the inbox, the corpus, the disk."""
    found = look(context.home)
    if health:
        return Exit.DONE if found["well"] else Exit.BAD
    if context.json:
        context.emit("status", **found)
    else:
        from winnowd.views.lines import Span

        context.show([(Span(f"{name:<12}", "bold"), Span(said)) for name, said in _told(found)])
    return Exit.DONE


def look(home: Path) -> dict[str, Any]:
    """All that ``status`` tells, without changing anything."""
    import shutil

    from winnowd.layout import HEALTH, INBOX, LOCK, ORDERS
    from winnowd.storage.lock import holder

    knowing_the_log(home)
    pid = holder(home / LOCK)
    health = _health(home / HEALTH)
    counts = _counts(home)
    age = _age(health)
    running = pid is not None
    return {
        "home": str(home),
        "running": running,
        "pid": pid or None,
        "state": health.get("state") if running else "stopped",
        "code": health.get("code"),
        "because": health.get("because"),
        "deaf": health.get("deaf"),
        "well": running and age is not None and age <= STALE and health.get("state") != "degraded",
        "last_batch": health.get("last_batch"),
        "inbox": {"files": _files(home / INBOX), **health.get("inbox", {})},
        "line": health.get("line") if running else None,
        "orders": sum(1 for path in (home / ORDERS).glob("*.json")),
        **counts,
        "free_bytes": shutil.disk_usage(home).free,
    }


def _counts(home: Path) -> dict[str, Any]:
    """What the ledger counts; zeros before there is one."""
    from winnowd.layout import LEDGER
    from winnowd.storage.ledger import Ledger, LedgerDamagedError

    try:
        ledger = Ledger.read(home / LEDGER)
        claimed = len(ledger.arrivals.claimed())
        counts = {
            "corpus": ledger.decisions.in_corpus(),
            "totals": ledger.decisions.totals(),
            "unfinished": claimed + len(ledger.arrivals.recorded()),
            "last_event": ledger.outbox.end().sequence,
        }
        ledger.close()
    except FileNotFoundError:
        return {"corpus": 0, "totals": {}, "unfinished": 0, "last_event": 0}
    except LedgerDamagedError as fault:
        advice = 'see "winnowd verify"'
        raise stop("state/winnowd.db", str(fault), advice, exit=Exit.DISK, code="SYS944") from fault
    return counts


def _files(folder: Path) -> int:
    """How many files lie in a folder, its sub-folders not being ours to follow."""
    import os

    count = 0
    for _, _, names in os.walk(folder):
        count += len(names)
    return count


def _health(path: Path) -> dict[str, Any]:
    try:
        read = json.loads(path.read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def _age(health: dict[str, Any]) -> float | None:
    try:
        at = dt.datetime.fromisoformat(str(health["at"]))
    except (KeyError, ValueError):
        return None
    return (dt.datetime.now(dt.UTC) - at).total_seconds()


def _told(found: dict[str, Any]) -> list[tuple[str, str]]:
    from winnowd.storage.inbox.waiting import REASONS

    totals, inbox = found["totals"], found["inbox"]
    service = f"{found['state']}, pid {found['pid']}" if found["running"] else 'stopped; "winnowd run" starts it'
    if found["running"] and found["because"]:
        service += f"; {found['code']} {found['because']}"
    if found["running"] and found["deaf"]:
        service += f"; hears no events ({found['deaf']}), sweeps the inbox"
    if found["running"] and not found["well"] and not found["because"]:
        service += "; it has not told of itself for a while"
    waiting = ", ".join(
        f"{inbox[name]} {name.replace('_', ' ')}" for name in ("unsettled", "blocked", *REASONS) if inbox.get(name)
    )
    decided = ", ".join(f"{totals.get(name, 0):,} {name}" for name in ("admitted", "quarantined", "rejected"))
    last = f", last batch {found['last_batch']}" if found["last_batch"] else ""
    return [
        ("instance", found["home"]),
        ("service", service),
        ("inbox", f"{inbox['files']:,} files" + (f" ({waiting})" if waiting else "")),
        *((" left alone", said) for said in _left(inbox)),
        *((" left alone", _refused(one)) for one in inbox.get("refused", ())),
        *_line(found["line"] or {}),
        ("in work", f"{found['unfinished']:,} arrivals"),
        ("orders", f"{found['orders']:,} waiting"),
        ("corpus", f"{found['corpus']:,} articles"),
        ("decided", f"{decided}, of {totals.get('arrivals', 0):,} files"),
        ("log", f"{found['last_event']:,} events" + last),
        ("disk", f"{_size(found['free_bytes'])} free"),
    ]  # fmt: skip


def _left(inbox: dict[str, Any]) -> Iterator[str]:
    """What waits in the inbox, and for what; but not what is never taken."""
    from winnowd.storage.inbox.waiting import REASONS

    if count := inbox.get("writing"):
        are = "1 file is" if count == 1 else f"{count:,} files are"
        oldest = _span(inbox.get("oldest_writing", 0))
        yield f"{are} still being written, {'' if count == 1 else 'the oldest '}for {oldest}"
    for reason, some in inbox.get("named", {}).items():
        if reason != "ignored":
            yield from (f"{path}: {REASONS.get(reason, reason)}" for path in some)


def _span(seconds: float) -> str:
    """``12 s``, ``4 min``, ``3 h``."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7_200 else f"{seconds / 3_600:.0f} h"


def _line(line: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What waits for its turn; names were escaped when they were told. Nothing of an older winnowd's health.json."""
    if files := line.get("files"):
        yield "in line", f"{_counted(files, 'file waits for its', 'files wait for their')} turn"
    said: dict[str, Callable[[Any], str]] = {
        "long": _records_so_far,
        "suspected": lambda path: f"{path}: has ended or held up what prepared it; it is tried alone, after others",
        "late": lambda feed: (
            f"{feed or 'the inbox itself'}: a file took too long, so its files are taken one at a time"
        ),
    }
    for label, of in said.items():
        told = line.get(label, {"count": 0, "first": []})
        yield from ((f" {label}", of(one)) for one in told["first"])
        if left := told["count"] - len(told["first"]):
            yield f" {label}", f"and {left:,} more"


def _records_so_far(one: dict[str, Any]) -> str:
    said = f"{one['path']}: {_counted(one['records'], 'record', 'records')} so far"
    return f"{said}; nothing to judge in it, its rest is only counted" if one.get("counting") else f"{said}, has more"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _refused(one: dict[str, Any]) -> str:
    """A file that may not be taken (SYS910): its path, escaped when it was told, why, and when it is tried again."""
    again = f", tried again within {one['retry_in']} s" if one.get("retry_in") else ""
    return f"{one.get('path')}: {one.get('error')}{again}"


def _size(number: float) -> str:
    for unit in _UNITS:
        if number < 1024 or unit == _UNITS[-1]:
            return f"{number:,.0f} {unit}"
        number /= 1024
    raise AssertionError(number)
