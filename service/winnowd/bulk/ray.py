"""The engine of many machines: Ray Core tasks, without actors, whose state would be lost with them (``winnowd[ray]``).

Ray itself tries nothing again: it counts kills for want of memory apart, and repeats them for ever.
"""

from __future__ import annotations

import logging
import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Self

from winnowd import __version__
from winnowd.bulk.engine import (
    AHEAD,
    TRIES,
    EngineUnavailableError,
    JobFailedError,
    in_order,
    outcome_of,
    request_for,
    result_of,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable
    from types import TracebackType

    from winnowd.bulk.engine import Job, Result

_STORE: Final = 128 << 20  # bytes of Ray's object store on this machine: results go to the driver, and are small
_PATIENCE: Final = 5.0  # s until the head of a cluster must have answered
_QUIET: Final[dict[str, Any]] = {"log_to_driver": False, "logging_level": logging.ERROR}


@dataclass(slots=True, eq=False)
class _Task:
    """A job on its way: as it was given, as it is sent, Ray's reference to what comes of it, and its lost tries."""

    job: object
    request: bytes
    reference: Any
    deaths: int = 0


class RayEngine:
    """Tasks of one processor each, on the nodes of a cluster; ``Engine`` has all promises.

    Every node has the same Python, Ray and winnowd, and sees the files that jobs name under the same paths.
    """

    def __init__(self, workers: int, address: str | None = None) -> None:
        """Join the cluster at ``address`` ("auto": that of this node); None: begin Ray here, with so many workers.

        Raises:
            EngineUnavailableError: Ray is not installed, no cluster is there, or it is of another version.
        """
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # it would send what it counts to its makers
        try:
            import ray
        except ImportError:
            raise EngineUnavailableError("it needs Ray, on every node: pip install 'winnowd[ray]'") from None
        own: dict[str, Any] = {"num_cpus": workers, "include_dashboard": False, "object_store_memory": _STORE}
        try:
            if address is None:
                ray.init("local", **own, **_QUIET)
            else:
                _call(address)
                ray.init(address, **_QUIET)
        except (OSError, RuntimeError, ValueError) as fault:
            raise EngineUnavailableError(f"Ray: {fault}") from fault
        self._ray: Final = ray
        self._task: Final = ray.remote(num_cpus=1, max_retries=0)(outcome_of)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def workers(self) -> int:
        """The processors that the cluster has now."""
        return max(1, int(self._ray.cluster_resources().get("CPU", 0)))

    def map(self, function: Callable[[Job], Result], jobs: Iterable[Job]) -> Generator[Result, None, None]:
        """See ``Engine.map``."""
        return in_order(
            jobs,
            ahead=lambda: AHEAD * self.workers,
            begin=lambda job: self._begun(job, request_for(function, job)),
            result=self._result,
            drop=self._drop,
        )

    def close(self) -> None:
        """Leave the cluster, which ends its tasks of this process; Ray that was begun here ends."""
        self._ray.shutdown()

    def _begun(self, job: object, request: bytes) -> _Task:
        if not self._ray.is_initialized():  # else it would be begun anew, with settings of its own
            raise RuntimeError("the engine is closed")
        return _Task(job, request, self._task.remote(__version__, request))

    def _result(self, task: _Task) -> Any:  # noqa: ANN401 - whatever the function gave
        """What came of a task, when it has come; one whose process or machine was lost is sent again."""
        while True:
            try:
                outcome = self._ray.get(task.reference)
            except self._ray.exceptions.RayTaskError:
                raise  # the worker could not even begin: it says why
            except self._ray.exceptions.RayError as fault:
                task.deaths += 1
                if task.deaths == TRIES:
                    raise JobFailedError(task.job, " ".join(str(fault).split())) from fault
                task.reference = self._task.remote(__version__, task.request)
            else:
                return result_of(outcome)

    def _drop(self, tasks: Iterable[_Task]) -> None:
        """Have Ray forget what has not begun, and end the processes of what has."""
        if self._ray.is_initialized():
            for task in tasks:
                self._ray.cancel(task.reference, force=True)


def _call(address: str) -> None:
    """Ask whether somebody listens at HOST:PORT; Ray itself would ask for minutes, and then end the process.

    Raises:
        OSError: nobody does.
    """
    host, _, port = address.rpartition(":")
    if host and port.isdecimal():
        try:
            socket.create_connection((host.strip("[]"), int(port)), _PATIENCE).close()
        except OSError as fault:
            raise OSError(f"no cluster at {address}: {fault}") from fault
