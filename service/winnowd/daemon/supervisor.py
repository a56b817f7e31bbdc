"""Who prepares arrivals and renders decisions: processes, or the loop itself; made for each configuration."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

from winnowd.daemon.preparation import InLoop, Preparation
from winnowd.daemon.preparer import PortionPreparer
from winnowd.daemon.renderer import RendererProcess
from winnowd.daemon.workers import Workers
from winnowd.layout import WORK
from winnowd.wiring.renderer import RendererConfig

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from winnowd.pipeline.ports import Renderer
    from winnowd.pipeline.rendering import InProcessRenderer
    from winnowd.wiring.preparer import PreparerConfig


class _Made(NamedTuple):
    """What works for one configuration."""

    workers: Workers | InLoop
    renderer: RendererProcess | None


def _end(made: _Made) -> None:
    made.workers.close()
    if made.renderer is not None:
        made.renderer.close()


class WorkerSupervisor:
    """Makes what prepares for one instance, and renders; ``processes``: workers, instead of what the settings say.

    With no worker there is no renderer beside them either. ``alive`` is called at least once a second while they are
    waited for.
    """

    def __init__(self, instance_dir: Path, processes: int | None = None) -> None:
        self._instance_dir = instance_dir
        self._processes = processes
        self._made: list[_Made] = []
        self.alive: Callable[[], None] = lambda: None

    def __call__(self, plan: PreparerConfig, here: InProcessRenderer) -> tuple[Preparation, Renderer]:
        """Make both for a configuration; ``here`` renders without a process.

        What was made before works on until ``change``. No process starts yet.
        """
        settings = plan.settings.workers
        count = settings.processes if self._processes is None else self._processes
        build = PortionPreparer(plan)
        if not count:
            self._made.append(_Made(InLoop(build), None))
            return self._preparation(), here
        workers = Workers(build, count=count, seconds=settings.seconds, memory=settings.memory)
        renderer = RendererProcess(
            RendererConfig(plan.settings), here, seconds=settings.seconds, memory=settings.memory
        )
        workers.alive, renderer.alive = self._alive, functools.partial(self._alive_beside, workers)
        self._made.append(_Made(workers, renderer))
        return self._preparation(), renderer

    def _preparation(self) -> Preparation:
        return Preparation(self._made[-1].workers, self._instance_dir / WORK)

    def warm(self) -> None:
        """Start the first worker now, and the renderer."""
        workers, renderer = self._made[-1]
        workers.warm()
        if renderer is not None:
            renderer.warm()

    def _alive(self) -> None:
        self.alive()

    def _alive_beside(self, workers: Workers) -> None:
        self.alive()
        workers.keep_busy()

    def change(self) -> None:
        """End all but those made last."""
        *before, last = self._made
        for made in before:
            _end(made)
        self._made = [last]

    def close(self) -> None:
        """End all."""
        for made in self._made:
            _end(made)
        self._made.clear()
