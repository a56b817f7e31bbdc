"""``winnowd notify``: hand what people should be told of to a command of theirs; apart from the service."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import click

from winnowd.cli.faults import Exit, stop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from winnowd.cli.context import Context
    from winnowd.operations.notify import Delivery
    from winnowd.settings import Loaded

_PATIENCE = 5.0  # s that it gets to end, as the service does


@click.command("notify")
@click.option("--once", is_flag=True, help="Hand over what waits, and end.")
@click.option("--ended", is_flag=True, help="Note that the service has ended for good; for the OnFailure= of its unit.")
@click.option("--with", "owner", type=int, hidden=True, help="End with the process of this number, which started it.")
@click.pass_obj
def command(context: Context, *, once: bool, ended: bool, owner: int | None) -> int:
    """Hand each summary in state/notify to notify.command, on its stdin, until Ctrl-C or SIGTERM.

    Exit 1 if one could not be handed over after five tries; it is kept in state/notify/failed.
    """
    from winnowd.operations.notify import SendingElsewhereError, deliver_until, deliver_waiting, note_ended

    if ended:
        note_ended(context.instance_dir, context.loaded, context.environ)
        return Exit.DONE
    stopping = threading.Event()
    if owner is not None and not _ends_with(owner):
        return Exit.DONE
    deliver = deliver_waiting if once else deliver_until
    with _on_signals(stopping.set):
        try:
            failed = _tell(context, deliver(context.instance_dir, _loader(context), stopping))
        except SendingElsewhereError as fault:
            what = "another process hands over what waits"
            raise stop("state/notify", what, "it is done there", exit=Exit.LOCKED) from fault
    return Exit.BAD if failed else Exit.DONE


def _loader(context: Context) -> Callable[[], Loaded]:
    """The settings as they are whenever they are needed; while a file of them has faults, those of before."""
    from winnowd import settings

    held = [context.loaded]

    def load() -> Loaded:
        with contextlib.suppress(settings.SettingsError):
            held[0] = settings.load(context.instance_dir, context.config, context.environ)
        return held[0]

    return load


def _tell(context: Context, deliveries: Iterable[Delivery]) -> int:
    """Tell of each as it comes; gives how many failed."""
    failed = 0
    for one in deliveries:
        failed += one.result == "failed"
        if context.json:
            context.emit("delivery", **one._asdict())
            context.stdout.flush()
        else:
            tries = "1 try" if one.tries == 1 else f"{one.tries} tries"
            context.say(f"{one.event}: {one.result} after {tries}" + (f"; {one.because}" if one.because else ""))
    return failed


@contextlib.contextmanager
def _on_signals(stop_it: Callable[[], None]) -> Iterator[None]:
    import signal

    before = {number: signal.signal(number, lambda *_: stop_it()) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _ends_with(owner: int) -> bool:
    """Have the kernel end this process with the one that started it; False if that has ended already."""
    import ctypes
    import signal

    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGTERM)
    return os.getppid() == owner


@contextlib.contextmanager
def running_notifier(context: Context) -> Iterator[None]:
    """Have ``winnowd notify`` run while the service does, if people are to be told and no service manager does it."""
    if not context.loaded.settings.notify.command or "NOTIFY_SOCKET" in context.environ:
        yield
        return
    named = ["--home", str(context.instance_dir)]
    if context.config is not None:
        named += ["--config", str(context.config)]
    words = [sys.executable, "-P", "-m", "winnowd", *named, "notify", "--with", str(os.getpid())]
    with subprocess.Popen(words, stdin=subprocess.DEVNULL, start_new_session=True) as notifier:  # noqa: S603 - ourselves
        try:
            yield
        finally:
            notifier.terminate()
            try:
                notifier.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                notifier.kill()
