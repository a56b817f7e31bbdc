"""Who prepares arrivals: worker processes, or the loop itself, made for each configuration and ended with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from winnowd.daemon.preparation import InLoop, Preparation
from winnowd.daemon.preparer import PortionPreparer
from winnowd.daemon.workers import Workers
from winnowd.layout import WORK

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from winnowd.wiring.preparer import PreparerConfig


class WorkerSupervisor:
    """Makes the preparation of one instance; ``processes``: workers, instead of what the settings say (0: none).

    ``alive`` is called once a second while workers are waited for.
    """

    def __init__(self, instance_dir: Path, processes: int | None = None) -> None:
        self._instance_dir = instance_dir
        self._processes = processes
        self._made: list[Workers | InLoop] = []
        self.alive: Callable[[], None] = lambda: None

    def __call__(self, plan: PreparerConfig) -> Preparation:
        """Make it for a configuration; what was made before works on until ``change``. No process starts yet."""
        settings = plan.settings.workers
        count = settings.processes if self._processes is None else self._processes
        build = PortionPreparer(plan)
        if count:
            workers = Workers(build, count=count, seconds=settings.seconds, memory=settings.memory)
            workers.alive = self._alive
            self._made.append(workers)
        else:
            self._made.append(InLoop(build))
        return Preparation(self._made[-1], self._instance_dir / WORK)

    def warm(self) -> None:
        """Start the first worker now."""
        self._made[-1].warm()

    def _alive(self) -> None:
        self.alive()

    def change(self) -> None:
        """End all but those made last."""
        *before, last = self._made
        for workers in before:
            workers.close()
        self._made = [last]

    def close(self) -> None:
        """End all."""
        for workers in self._made:
            workers.close()
        self._made.clear()
