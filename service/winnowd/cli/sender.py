"""``winnowd sender``: who may send files over the network, and into which feed."""

from __future__ import annotations

import contextlib
import datetime as dt
from typing import TYPE_CHECKING

import click

from winnowd.cli.faults import Exit, stop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from winnowd.cli.context import Context
    from winnowd.operations.senders import Sender
    from winnowd.views.lines import Line


@click.group("sender")
def command() -> None:
    """Say who may send files over the network (POST /inbox of winnowd web), and into which feed."""


@command.command("add")
@click.argument("feed")
@click.pass_obj
def add(context: Context, feed: str) -> int:
    """Let somebody send into FEED, a folder of the inbox; prints their token, which is kept nowhere.

    They send it as "Authorization: Bearer TOKEN". From the first sender on, files are taken
    where the page is not read-only.
    """
    from winnowd.operations.senders import FeedNameError, add_sender

    with _reading():
        try:
            sender, token = add_sender(context.instance_dir, context.loaded.settings, feed, dt.datetime.now(dt.UTC))
        except FeedNameError as fault:
            raise stop("sender add", str(fault), exit=Exit.USAGE) from fault
    if context.json:
        _emit(context, sender, token=token)
        return Exit.DONE
    context.show([_text(token)])
    context.say(
        f"sender {sender.id} sends into {sender.feed}; the token is shown this once, and winnowd keeps only a digest"
    )
    return Exit.DONE


@command.command("list")
@click.pass_obj
def list_(context: Context) -> int:
    """Show who may send, into which feed, since when."""
    from winnowd.operations.senders import senders
    from winnowd.views.escape import printable

    with _reading():
        found = senders(context.instance_dir)
    if context.json:
        for one in found:
            _emit(context, one)
    elif found:
        context.show([_text(f"{one.id}  {one.made_at:%Y-%m-%d}  {printable(one.feed)}") for one in found])
    else:
        context.say('nobody may send over the network; "winnowd sender add FEED" lets somebody')
    return Exit.DONE


@command.command("remove")
@click.argument("sender")
@click.pass_obj
def remove(context: Context, sender: str) -> int:
    """Let nobody send by the token of SENDER (the id that sender list shows) any more, nor ask for its receipts."""
    from winnowd.operations.senders import NoSuchSenderError, remove_sender

    with _reading():
        try:
            gone = remove_sender(context.instance_dir, sender)
        except NoSuchSenderError as fault:
            raise stop(
                "sender remove",
                f"there is no sender {sender[:40]!r}",
                '"winnowd sender list" shows all',
                exit=Exit.NO_SUCH,
            ) from fault
    if context.json:
        _emit(context, gone)
    context.say(f"sender {gone.id} sends into {gone.feed} no more")
    return Exit.DONE


@contextlib.contextmanager
def _reading() -> Iterator[None]:
    """Stop with words where the file of senders cannot be read."""
    from winnowd.operations.senders import SendersDamagedError

    try:
        yield
    except SendersDamagedError as fault:
        raise stop("sender", str(fault), "mend it, or remove it and add all senders anew", exit=Exit.DISK) from fault


def _emit(context: Context, one: Sender, **more: str) -> None:
    context.emit("sender", id=one.id, feed=one.feed, made_at=one.made_at.isoformat(), **more)


def _text(line: str) -> Line:
    from winnowd.views.lines import Span

    return (Span(line),)
