"""Where the time goes: processor time of a process by stage of the route, by samples that do not distort it.

The kernel sends SIGPROF after each few milliseconds of processor time; the frames of the main thread are then asked
from the innermost outwards, and the first that ``stages.toml`` knows names the stage: what numpy, json or a helper of
many rooms does counts for whoever called it. A sample weighs what the main thread has used since the one before, so a
signal that waits for the end of a call into C is no loss. A profiler that follows each call would double the price of
small functions, and a sampling thread would see mostly moments at which the interpreter's lock is let go.
"""

from __future__ import annotations

import functools
import signal
import time
import tomllib
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import CodeType, FrameType, TracebackType

TABLE: Final = Path(__file__).with_name("stages.toml")
EVERY: Final = 0.002  # s of processor time; the kernel rounds up to its own tick, mostly 4 ms
REST: Final = "rest"
OTHERS: Final = "other threads"
_PACKAGE: Final = "winnowd."


@functools.cache
def places() -> dict[str, str]:
    """Stage by place: a module or package below winnowd, or a function in one behind a colon."""
    return {place: stage for stage, named in tomllib.loads(TABLE.read_text("utf-8")).items() for place in named}


def _candidates(module: str, function: str) -> Iterator[str]:
    """A function's place and those around it, the narrowest first."""
    parts = function.split(".")
    yield from (f"{module}:{'.'.join(parts[:size])}" for size in range(len(parts), 0, -1))
    parts = module.split(".")
    yield from (".".join(parts[:size]) for size in range(len(parts), 0, -1))


@functools.cache
def stage_of(module: str, code: CodeType) -> str | None:
    """The stage of a function, if it has one of its own."""
    if not module.startswith(_PACKAGE):
        return None
    found = (places().get(place) for place in _candidates(module.removeprefix(_PACKAGE), code.co_qualname))
    return next((stage for stage in found if stage is not None), None)


class StageClock:
    """While entered, ``seconds`` grows by stage; in the main thread only, and for one clock at a time."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._before = (0.0, 0.0)

    def __enter__(self) -> Self:
        self._before = (time.thread_time(), time.process_time())
        signal.signal(signal.SIGPROF, self._tick)
        signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, signal.SIG_IGN)

    def _tick(self, _number: int, frame: FrameType | None) -> None:
        mine, whole = time.thread_time(), time.process_time()
        spent, by_all = mine - self._before[0], whole - self._before[1]
        self._before = (mine, whole)
        self.seconds[OTHERS] += by_all - spent
        while frame is not None:
            stage = stage_of(frame.f_globals.get("__name__", ""), frame.f_code)
            if stage is not None:
                self.seconds[stage] += spent
                return
            frame = frame.f_back
        self.seconds[REST] += spent
