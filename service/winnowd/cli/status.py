"""``winnowd status``: who works on the instance, what waits, what the corpus holds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from winnowd.cli.faults import Exit
from winnowd.cli.owning import asking_ledger

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from winnowd.cli.context import Context
    from winnowd.operations.status import Status

_UNITS: Final = ("bytes", "KiB", "MiB", "GiB", "TiB")


@click.command("status")
@click.option("--health", is_flag=True, help="Print nothing; exit 1 if the service is not well.")
@click.pass_obj
def command(context: Context, *, health: bool) -> int:
    """Tell how the instance is: the service, the inbox, the corpus, the disk."""
    from winnowd.operations.status import status
    from winnowd.views.lines import Span

    with asking_ledger('see "winnowd verify"', "state/winnowd.db"):
        found = status(context.instance_dir)
    if health:
        return Exit.DONE if found.well else Exit.BAD
    if context.json:
        context.emit("status", **found.fields())
    else:
        context.show([(Span(f"{name:<12}", "bold"), Span(said)) for name, said in _rows(found)])
    return Exit.DONE


def _rows(found: Status) -> list[tuple[str, str]]:
    decided = ", ".join(f"{found.totals.get(name, 0):,} {name}" for name in ("admitted", "quarantined", "rejected"))
    last = f", last batch {found.last_batch}" if found.last_batch else ""
    return [
        ("instance", found.instance_dir),
        ("service", "; ".join(_service(found))),
        *_inbox(found.inbox),
        *_line(found.line or {}),
        *_held(found.quarantine or {}),
        ("in work", f"{found.unfinished:,} arrivals"),
        ("orders", f"{found.orders:,} waiting"),
        ("corpus", f"{found.corpus:,} articles"),
        ("decided", f"{decided}, of {found.totals.get('arrivals', 0):,} files"),
        ("log", f"{found.last_event:,} events{last}{_verified(found.verified or {})}"),
        ("disk", f"{_size(found.free_bytes)} free"),
    ]


def _held(quarantine: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """What waits for a person; nothing if the service has not said, as an older winnowd's did not."""
    if articles := quarantine.get("articles"):
        waits = _counted(articles, "record waits", "records wait")
        since = f", {'' if articles == 1 else 'the oldest '}for {_span(quarantine.get('oldest_seconds', 0))}"
        yield "quarantine", f"{waits}{since}"


def _verified(verified: dict[str, Any]) -> str:
    """When the log was verified last, and what came of it."""
    if not verified:
        return ""
    damage = verified["damage"]
    came = "found whole" if not damage else f"{_counted(damage, 'thing', 'things')} not as written"
    return f", {came} at {verified['at']}"


def _service(found: Status) -> Iterator[str]:
    """Whether it works, and how well."""
    if not found.running:
        yield 'stopped; "winnowd run" starts it'
        return
    yield f"{found.state}, pid {found.pid}"
    if found.because:
        yield f"{found.code} {found.because}"
    if found.watcher_down:
        yield f"hears no events ({found.watcher_down}), sweeps the inbox"
    if not found.well and not found.because:
        yield "no heartbeat for a while; it may hang"


def _inbox(inbox: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """How many files wait, why those are left alone that are, and some of them by name."""
    from winnowd.storage.inbox.waiting import REASONS

    waiting = ", ".join(
        f"{inbox[name]} {name.replace('_', ' ')}" for name in ("unsettled", "blocked", *REASONS) if inbox.get(name)
    )
    yield "inbox", f"{inbox['files']:,} files" + (f" ({waiting})" if waiting else "")
    yield from ((" left alone", said) for said in _left(inbox))
    yield from ((" left alone", _refused(one)) for one in inbox.get("refused", ()))


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
        "suspected": lambda path: f"{path}: crashed or blocked its worker; it will be retried alone",
        "late": lambda feed: (
            f"{feed or 'the inbox itself'}: a file took too long, so its files are taken one at a time"
        ),
    }
    for label, of in said.items():
        listing = line.get(label, {"count": 0, "first": []})
        yield from ((f" {label}", of(one)) for one in listing["first"])
        if left := listing["count"] - len(listing["first"]):
            yield f" {label}", f"and {left:,} more"


def _records_so_far(one: dict[str, Any]) -> str:
    said = f"{one['path']}: {_counted(one['records'], 'record', 'records')} so far"
    return f"{said}; nothing to judge in it, its rest is only counted" if one.get("counting") else f"{said}, has more"


def _counted(count: int, one: str, many: str) -> str:
    return f"{count:,} {one if count == 1 else many}"


def _refused(one: dict[str, Any]) -> str:
    """A file that may not be taken (SYS910): its path, escaped when it was told, why, and when it is tried again."""
    retry = f", tried again within {one['retry_in']} s" if one.get("retry_in") else ""
    return f"{one.get('path')}: {one.get('error')}{retry}"


def _size(number: float) -> str:
    for unit in _UNITS:
        if number < 1024 or unit == _UNITS[-1]:
            return f"{number:,.0f} {unit}"
        number /= 1024
    raise AssertionError(number)
