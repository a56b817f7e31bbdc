"""``winnowd backfill``: many records of large files, decided by many processes or machines."""

from __future__ import annotations

import contextlib
import resource
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import click

from winnowd.cli.faults import Exit, stop
from winnowd.cli.owning import owning

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from winnowd.bulk.backfill import Done
    from winnowd.bulk.engine import Engine
    from winnowd.bulk.manifest import Order
    from winnowd.cli.context import Context
    from winnowd.cli.progress import Progress
    from winnowd.settings import Settings

IN_ORDER: Final = frozenset({"resolve", "record"})
"""The stages whose work in the driver cannot be shared out."""
AGAIN: Final = "give the same command again: it goes on from where it was"
ROOM: Final = f"free some there, then {AGAIN}"
"""With a lower limit it would be a run under other settings."""


@click.command("backfill")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--engine",
    type=click.Choice(["local", "ray"]),
    default="local",
    help="Who does the work: processes here, or a Ray cluster.",
)
@click.option(
    "--workers", type=click.IntRange(min=1), help="Processes; without it as many as the settings have workers."
)
@click.option("--address", help="Of a Ray cluster; without it Ray runs on this machine.")
@click.option(
    "--block", type=click.IntRange(min=1, max=100_000), default=1_000, show_default=True, help="Records in one block."
)
@click.option(
    "--key-bits",
    type=click.Choice(["32", "64"]),
    default="32",
    show_default=True,
    help="Of a key of the index; 64 beyond some 100 million articles.",
)
@click.option(
    "--originals",
    type=click.Choice(["copy", "move"]),
    default="copy",
    show_default=True,
    help="How the files come into the archive.",
)
@click.option(
    "--packed", is_flag=True, help="Put texts, evidence and why-files of a block into one file: for tens of millions."
)
@click.pass_obj
def command(
    context: Context, files: tuple[Path, ...], *, engine: str, workers: int | None, address: str | None, block: int,
    key_bits: str, originals: str, packed: bool,
) -> int:  # fmt: skip
    """Decide all records of large files, as "run" would, by many processes.

    The files are read where they lie, in the order given: JSON Lines, WARC, Parquet, packed or not, and whatever else
    the inbox takes. Nobody may serve the instance meanwhile. Killed anywhere, it goes on when it is given the same
    files again.
    """
    from winnowd.bulk.manifest import Order

    begun = time.monotonic()
    order = Order(block, 64 if key_bits == "64" else 32, move=originals == "move", packed=packed)
    count = workers or _processes(context.loaded.settings)
    with owning("backfill", room=ROOM), _engine(engine, count, address) as made:
        done = _decided(context, files, order, made)
    seconds = time.monotonic() - begun
    if context.json:
        _emit(context, done, seconds)
    else:
        _show(context, done, seconds)
    return Exit.DONE


def _processes(settings: Settings) -> int:
    """As many as the service would have, and one at least."""
    return max(1, settings.workers.processes)


@contextlib.contextmanager
def _engine(kind: str, workers: int, address: str | None) -> Iterator[Engine]:
    from winnowd.bulk.engine import EngineUnavailableError

    if address is not None and kind != "ray":
        raise stop("--address", "is of a Ray cluster", 'add "--engine ray"', exit=Exit.USAGE)
    try:
        with _made(kind, workers, address) as engine:
            yield engine
    except EngineUnavailableError as fault:
        raise stop("backfill", str(fault), exit=Exit.CONFIG) from fault


def _made(kind: str, workers: int, address: str | None) -> contextlib.AbstractContextManager[Engine]:
    if kind == "ray":
        from winnowd.bulk.ray import RayEngine

        return RayEngine(workers, address)
    from winnowd.bulk.local import LocalEngine

    return LocalEngine(workers)


def _decided(context: Context, files: Sequence[Path], order: Order, engine: Engine) -> Done:
    """What the run has decided; stops with words for what keeps it from its end."""
    from winnowd.bulk.backfill import backfill
    from winnowd.bulk.claiming import OtherRunError, UnfitFileError
    from winnowd.bulk.engine import JobFailedError
    from winnowd.bulk.files import DamagedFileError
    from winnowd.bulk.manifest import DamagedRunError
    from winnowd.bulk.preparing import InputError

    try:
        with _ended_by_signals(), Stages(context) as stages:
            return backfill(context.instance_dir, context.loaded, files, order, engine, stages)
    except KeyboardInterrupt:
        what = "it was told to end; what is recorded stands"
        raise stop("backfill", what, AGAIN, exit=Exit.INTERRUPTED) from None
    except OtherRunError as fault:
        what = f"an unfinished backfill is there, begun with other files, options or settings; its files: {fault}"
        advice = 'give its command again, or end it, one record after the other, by "winnowd run --once"'
        raise stop("backfill", what, advice, exit=Exit.BAD) from fault
    except DamagedFileError as fault:
        advice = '"winnowd run --once" goes on with its files, one record after the other'
        raise stop("backfill", str(fault), advice, exit=Exit.DISK) from fault
    except UnfitFileError as fault:
        raise stop("FILE...", str(fault), exit=Exit.USAGE) from fault
    except DamagedRunError as fault:
        advice = "what it was to do cannot be read: take its folder away, and give the files again"
        raise stop("backfill", str(fault), advice, exit=Exit.BAD) from fault
    except (InputError, JobFailedError) as fault:
        raise stop("backfill", str(fault), AGAIN, exit=Exit.BAD) from fault


@contextlib.contextmanager
def _ended_by_signals() -> Iterator[None]:
    """SIGTERM ends it as Ctrl-C does, at once: whatever is half done is done again."""

    def end(*_: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Stages:
    """Tells how far a run is: one line on a terminal, a stage at a time."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._progress: Progress | None = None
        self._count = self._judged = 0

    def stage(self, name: str, total: int | None) -> None:
        """A stage begins."""
        from winnowd.cli.progress import Progress

        self._end()
        what = "partitions" if name == "propose" else "records"
        self._count = self._judged = 0
        self._progress = Progress(self._context, f"{what} ({name})", total).__enter__()

    def step(self, count: int, judged: int = 0) -> None:
        """So many more are done; so many of them in order, since a guess was wrong."""
        self._count += count
        self._judged += judged
        if self._progress is not None:
            share = f"{self._judged / self._count:.1%} judged in order" if self._judged else ""
            self._progress.step(share, count)

    def _end(self) -> None:
        if self._progress is not None:
            self._progress.__exit__(None, None, None)
        self._progress = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()


def _emit(context: Context, done: Done, seconds: float) -> None:
    for stage in done.stages:
        context.emit("stage", stage=stage.name, seconds=round(stage.seconds, 3), cpu=round(stage.cpu, 3))
    ordered = sum(stage.cpu for stage in done.stages if stage.name in IN_ORDER)
    context.emit(
        "done", records=done.records, **done.outcomes, judged_in_order=done.judged_in_order,
        ordered_pass_cpu=round(ordered, 3), seconds=round(seconds, 3),
        peak_rss=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    )  # fmt: skip


def _show(context: Context, done: Done, seconds: float) -> None:
    if not done.records:
        context.say("all records of these files are decided already")
        return
    outcomes = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(done.outcomes.items()))
    pace = done.records / max(seconds, 0.001)
    records = f"{done.records:,} record{'s' * (done.records != 1)}"
    context.say(f"{records} decided ({outcomes}) in {seconds:,.0f} s, {pace:,.0f} a second")
    for stage in done.stages:
        context.say(f"  {stage.name:<10} {stage.seconds:9,.1f} s")
    share = done.judged_in_order / done.records
    context.say(f"  judged in order because a guess was wrong: {done.judged_in_order:,} ({share:.1%})")
