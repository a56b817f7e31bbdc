"""The service as ``winnowd run`` has it, on a machine that fails: it waits for nothing, and what it tells is kept."""

from __future__ import annotations

import contextlib
import io
import itertools
import os
import re
import time
from typing import TYPE_CHECKING, Final

from tests.crash.scenes import configured
from tests.daemon.stand import Heard
from tests.e2e.instance import Instance

from winnowd.daemon.doorbell import Doorbell, Wakeup
from winnowd.daemon.health import Health
from winnowd.daemon.loop import Loop
from winnowd.daemon.reload import free_space_for, listened
from winnowd.daemon.schedule import Schedule
from winnowd.daemon.serve import opened, owned
from winnowd.daemon.servicelog import service_log
from winnowd.daemon.work import Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from winnowd.daemon.pause import Pause

TRIES: Final = 3  # that a lasting fault outlives
_MOST_WAITS: Final = 200
_CODE: Final = re.compile(r"SYS9\d\d")


class Failing:
    """Announced effects, counted from 1: one of them fails, or all from one on until that has happened three times.

    ``purpose``: the name of those that come now, instead of their own; ``effects`` and ``failures``: those so far.
    """

    def __init__(self, at: int = 0, number: int = 0, *, lasting: bool = False) -> None:
        self.at, self.number, self.lasting = at, number, lasting
        self.purpose = ""
        self.effects: list[str] = []
        self.failures: list[str] = []

    def __call__(self, effect: str) -> None:
        """Fail, if it is this one's turn; that something was committed is only told, and cannot fail."""
        if effect == "committed":
            return
        self.effects.append(self.purpose or effect)
        count = len(self.effects)
        due = self.at and (count >= self.at if self.lasting else count == self.at)
        if due and len(self.failures) < (TRIES if self.lasting else 1):
            self.failures.append(self.effects[-1])
            raise OSError(self.number, os.strerror(self.number))

    @contextlib.contextmanager
    def meant(self, purpose: str) -> Iterator[None]:
        """Effects that are for something."""
        self.purpose = purpose
        try:
            yield
        finally:
            self.purpose = ""


class Rushed(Wakeup):
    """A bell at which no time is lost: what would be waited for passes at once; ``waited`` is called each time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = time.monotonic()
        self.waited: Callable[[], None] = lambda: None

    def wait(self, seconds: float) -> bool:
        """Let so much time pass."""
        self.now += seconds + 0.001
        self.waited()
        return False


class Service:
    """Serves one instance until nothing is left to do.

    ``mend`` is called at each wait, with its number; ``stopping``: it was told to stop, so that an error of the machine
    may end it now, and not before.
    """

    def __init__(
        self,
        instance_dir: Path,
        failing: Failing | None = None,
        mend: Callable[[int], object] = bool,
        **settings: object,
    ) -> None:
        self._folder = Instance(instance_dir, **settings)
        self._failing = failing or Failing()
        self._mend = mend
        self._waits = itertools.count()
        self._written = io.StringIO()
        self._notify = Heard()
        self._wakeup = Rushed()
        self.begun = self.stopping = False
        self.held_back = False

    def run(self) -> None:
        """Serve; an OSError or an error of SQLite's ends it as it would end the service."""
        log = service_log(self._written, {})
        loaded, instance_dir = configured(self._folder), self._folder.instance_dir
        self._wakeup.waited = self._wait_to_begin
        start = opened(
            lambda: owned(instance_dir, loaded, self._failing, processes=0), log, self._notify, pause=self._wakeup.wait
        )
        with start as held:
            self.begun = True
            work = Work(held, log)
            loop = Loop(
                work=work,
                wakeup=self._wakeup,
                doorbell=Doorbell(listened(held), self._wakeup),
                schedule=Schedule(self._wakeup),
                notify=self._notify,
                health=self._health(Health(work)),
                free_space=free_space_for(held),
                monotonic=lambda: self._wakeup.now,
                wall=lambda: self._wakeup.now,
                pause=lambda _: None,
            )
            self._wakeup.waited = lambda: self._look(loop)
            loop.run()

    def _health(self, health: Health) -> Callable[[str, Pause, str], None]:
        def told(state: str, pause: Pause, watcher_down: str) -> None:
            with self._failing.meant("health"):
                health(state, pause, watcher_down)

        return told

    def _wait_to_begin(self) -> None:
        self._mend(next(self._waits))

    def _look(self, loop: Loop) -> None:
        """At each wait: is anything left to do?"""
        self._mend(waited := next(self._waits))
        inbox, route = loop.work.instance.inbox, loop.work.instance.route
        self.held_back |= bool(inbox.waiting.refused or route.deferred)
        if waited > _MOST_WAITS or not (loop.work.unflushed or route.deferred or loop._pause.holds or self._waiting()):
            self.stopping = True
            loop.stop()

    def _waiting(self) -> bool:
        instance_dir, folders = self._folder.instance_dir, ("inbox", "state/work", "state/orders")
        found = (path for name in folders for path in (instance_dir / name).rglob("*.[tj]*"))
        try:
            return any(path.is_file() for path in found if "done" not in path.parts)
        except OSError:  # the machine fails us, too
            return True

    @property
    def told(self) -> set[str]:
        """The codes of what held it up, as ``systemctl status`` and its own log have them."""
        said = [str(fields["STATUS"]) for fields in self._notify.said if "STATUS" in fields]
        return {code for text in (*said, self._written.getvalue()) for code in _CODE.findall(text)}
