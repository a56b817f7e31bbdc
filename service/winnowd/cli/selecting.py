"""The options by which records of the queue are chosen, the same for whatever shows or decides on them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click

from winnowd.cli.codes import CODE, codes_for_shell
from winnowd.cli.times import SINCE, UNTIL

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable

    from winnowd.model import Selection

SELECTING: Final = ("code", "feed", "since", "until", "older_than")
_OPTIONS: Final = (
    click.option(
        "--code",
        "code",
        multiple=True,
        metavar="CODE",
        type=CODE,
        shell_complete=codes_for_shell,
        help="Only those doubted by this rule, or one of these.",
    ),
    click.option("--feed", default="", metavar="NAME", help="Only from this feed, and those below it."),
    click.option(
        "--since", type=SINCE, metavar="TIME", help="Held from then on: 2026-11-22, 2026-11-22T03:47, today, 90m, 7d."
    ),
    click.option("--until", type=UNTIL, metavar="TIME", help="Held until then, this day or moment included."),
    click.option("--older-than", type=SINCE, metavar="AGE", help="Held for longer than this: 90m, 24h, 7d, 4w."),
)


def selecting(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that choose records."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def selection(
    *,
    code: tuple[str, ...],
    feed: str,
    since: dt.datetime | None,
    until: dt.datetime | None,
    older_than: dt.datetime | None,
) -> Selection:
    """What these options choose."""
    from winnowd.model import Selection

    ends = [end for end in (until, older_than) if end is not None]
    return Selection(feed.strip("/"), code, since, min(ends, default=None))
