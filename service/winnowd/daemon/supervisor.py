"""Who prepares arrivals and renders decisions: processes, or the loop itself; made for each configuration."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, NamedTuple

from winnowd.daemon.confinement import Confinement
from winnowd.daemon.preparation import InLoop, Preparation
from winnowd.daemon.preparer import PortionPreparer
from winnowd.daemon.renderer import RendererProcess
from winnowd.daemon.workers import Workers
from winnowd.layout import WORK
from winnowd.settings import SettingsError
from winnowd.wiring.renderer import RendererConfig

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from winnowd.daemon.confinement import Confined
    from winnowd.pipeline.ports import Renderer
    from winnowd.pipeline.rendering import InProcessRenderer
    from winnowd.settings import Settings
    from winnowd.wiring.preparer import PreparerConfig


class _Made(NamedTuple):
    """What works for one configuration."""

    workers: Workers | InLoop
    renderer: RendererProcess | None


def _end(made: _Made) -> None:
    made.workers.close()
    if made.renderer is not None:
        made.renderer.close()


def confinement_for(settings: Settings, readable: str) -> Confinement:
    """What workers give up that read what lies below ``readable``.

    Raises:
        SettingsError: all of it is required, and cannot be had here.
    """
    workers = settings.workers
    made = Confinement(workers.confine, (readable,))
    fault = made.fault()
    if not fault and workers.confine == "require" and not workers.processes:
        fault = "workers.count is 0: hostile files are read in the service itself"
    if fault:
        raise SettingsError([f'workers.confine: is "require", but {fault}; give "auto" to do with less'])
    return made


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

        Raises:
            SettingsError: they would have to be confined, and cannot be here.
        """
        settings = plan.settings.workers
        count = settings.processes if self._processes is None else self._processes
        build = PortionPreparer(plan)
        confinement = confinement_for(plan.settings, str(self._instance_dir / WORK))
        if not count:
            self._made.append(_Made(InLoop(build), None))
            return self._preparation(), here
        seconds, memory = settings.seconds, settings.memory
        workers = Workers(build, count=count, seconds=seconds, memory=memory, confinement=confinement)
        renderer = RendererProcess(
            RendererConfig(plan.settings),
            here,
            seconds=seconds,
            memory=memory,
            confinement=Confinement(settings.confine),  # it opens no file
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

    def confined(self) -> Confined | None:
        """How far the workers are confined, as one of them said; None if there are none, or none has said so yet."""
        workers = self._made[-1].workers
        return workers.confined() if isinstance(workers, Workers) else None

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
