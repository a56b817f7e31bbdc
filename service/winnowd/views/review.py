"""One record of the queue as a person reviews it: what it is, why it waits, what was found with its limits. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from winnowd.views.escape import printable
from winnowd.views.findings import finding_lines
from winnowd.views.lines import Line, Span, wrapped
from winnowd.views.passages import standing_words
from winnowd.views.queue import age, reason, title_name, twin_name
from winnowd.views.tally import Frame, Shown

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator

    from winnowd.model import Waiting
    from winnowd.views.account import Account

KEYS: Final = {
    "c": ("confirm", "turn it away for good"),
    "r": ("release", "admit it"),
    "s": ("replace", "admit it, and retract the article that it is a copy of"),
    "j": ("next", "go on without deciding; the arrow down, too"),
    "k": ("back", "go to the one before; the arrow up, too"),
    "u": ("undo", "take your last decision back"),
    "n": ("reason", "give the reason for what you decide from now on"),
    "o": ("all", "show all that is known of it"),
    "?": ("help", "show this"),
    "q": ("quit", "end; what is decided stays decided"),
}
"""The keys of a review: what each is called, and what it does."""
_LABEL: Final = 8


def head_lines(item: Waiting, position: tuple[int, int], outcome: str, *, now: dt.datetime, width: int) -> list[Line]:
    """Which record it is: the how manieth of how many, its title, why it waits, its twin; ``outcome`` if it has one."""
    at, count = position
    since = age((now - item.decided_at).total_seconds())
    rule = f"── {at:,} of {count:,} "
    lines: list[Line] = [(Span(rule + "─" * max(0, width - len(rule)), "dim"),)]
    lines += wrapped((Span(title_name(item), "bold"),), width)
    lines += _fact("waits", f"for {since}: {reason(item)}", width)
    if item.twin is not None:
        where = standing_words(item.twin.outcome)
        named = twin_name(item)
        lines += _fact(
            "twin", f"{named} ({where})" if named == item.twin.id else f"{named} ({item.twin.id}, {where})", width
        )
    lines += _fact("file", f"{printable(item.file)}, {item.id}", width)
    if outcome:
        lines += _fact("now", f"{outcome}, by this review", width)
    return lines


def _fact(label: str, said: str, width: int) -> list[Line]:
    rows = wrapped((Span(said),), width - _LABEL)
    return [(Span(f"{'' if at else label:<{_LABEL}}", "dim"), *row) for at, row in enumerate(rows)]


def body_lines(account: Account, width: int) -> list[Line]:
    """What was found: each measure beside its limits, and what both texts share."""
    rules = account.rules
    shown = Shown(account.decision, account.evidence, account.decision["file"]["name"])
    return [(), *finding_lines([shown], Frame(rules, width))]


def keys_line(width: int) -> list[Line]:
    """The keys in short."""
    spans: list[Span] = []
    for key, (name, _) in KEYS.items():
        spans += [*([Span(" · ", "dim")] if spans else []), Span(key, "bold"), Span(f" {name}", "dim")]
    return wrapped(spans, width)


def help_lines() -> Iterator[Line]:
    """What each key does."""
    for key, (name, does) in KEYS.items():
        yield (Span(f"  {key}  ", "bold"), Span(f"{name:<9}"), Span(does, "dim"))
