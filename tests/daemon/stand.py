"""A loop to drive turn by turn: a real instance and disk, its own clock, and ears for what it tells."""

from __future__ import annotations

import contextlib
import errno
import io
import json
from typing import TYPE_CHECKING, Any

from tests.e2e.instance import Instance as Folder

from winnowd.daemon.doorbell import Doorbell, Wakeup
from winnowd.daemon.loop import Loop
from winnowd.daemon.notify import Notify
from winnowd.daemon.reload import Reload, free_space_for, listened
from winnowd.daemon.schedule import Schedule
from winnowd.daemon.serve import owned
from winnowd.daemon.servicelog import service_log
from winnowd.daemon.signs import Signs
from winnowd.daemon.supervisor import WorkerSupervisor
from winnowd.daemon.work import Work
from winnowd.settings import load

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from winnowd.settings import Loaded
    from winnowd.wiring.instance import Instance


class Heard(Notify):
    """What the service manager would be told."""

    def __init__(self) -> None:
        super().__init__({})
        self.said: list[dict[str, str | int]] = []

    def send(self, **fields: str | int) -> None:
        """Keep it."""
        self.said.append(fields)


class Stand:
    """A service on a folder, never run: ``turn`` is called; files settle at once, the configuration is a file."""

    def __init__(self, folder: Folder, instance: Instance, supervisor: WorkerSupervisor, broken: list[str]) -> None:
        self.folder = folder
        self.broken = broken
        self.notify = Heard()
        self.now = 1_000.0
        self.written = io.StringIO()
        wakeup = Wakeup()
        self.work = Work(instance, service_log(self.written, {}))
        self.loop = Loop(
            work=self.work,
            wakeup=wakeup,
            doorbell=Doorbell(listened(instance), wakeup),
            schedule=Schedule(wakeup),
            notify=self.notify,
            health=Signs(self.work, lambda: 0, supervisor.confined),
            free_space=free_space_for(instance),
            reload=Reload(lambda: configured(folder), supervisor),
            monotonic=lambda: self.now,
            wall=lambda: self.now + 1e9,
        )
        self.work.start()
        self.loop.schedule.start(self.now, self.now + 1e9)

    def configure(self, text: str) -> None:
        """Write another configuration."""
        (self.folder.instance_dir / "config" / "winnowd.toml").write_text(text, encoding="utf-8")

    def reload(self) -> None:
        """SIGHUP, and the turn that follows it."""
        self.loop.request_reload()
        self.loop.turn()

    def decided(self, files: Mapping[str, str]) -> dict[str, str]:
        """Drop files and take a turn; gives what all files of the instance became."""
        self.folder.drop(files)
        self.loop.turn()
        return self.folder.outcomes()

    def logged(self) -> list[dict[str, Any]]:
        """The lines of the service's log."""
        return [json.loads(line) for line in self.written.getvalue().splitlines()]


def configured(folder: Folder) -> Loaded:
    """The configuration of a folder as it is now."""
    return load(folder.instance_dir, environ={}, overrides=folder.overrides, system=None)


@contextlib.contextmanager
def standing(instance_dir: Path, text: str = "", *, processes: int = 0, **settings: object) -> Iterator[Stand]:
    """A stand with a configuration; names of effects put into its ``broken`` fail as on a full disk.

    ``processes``: so many workers, and with any a renderer beside them.
    """
    folder = Folder(instance_dir, **settings)
    folder.overrides = tuple(one for one in folder.overrides if not one.startswith("disk."))  # the file says
    (instance_dir / "config").mkdir(parents=True, exist_ok=True)
    (instance_dir / "config" / "winnowd.toml").write_text(text, encoding="utf-8")
    broken: list[str] = []

    def on_effect(effect: str) -> None:
        if effect in broken:
            raise OSError(errno.ENOSPC, "No space left on device")

    supervisor = WorkerSupervisor(instance_dir, processes)
    with owned(instance_dir, configured(folder), on_effect, supervisor=supervisor) as instance:
        stand = Stand(folder, instance, supervisor, broken)
        try:
            yield stand
        finally:
            stand.loop.doorbell.stop()
            stand.loop.schedule.stop()
