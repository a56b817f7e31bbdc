"""The service's signs to the world, as it wrote them last: health and metrics; nothing else is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from winnowd.layout import HEALTH, LOCK, METRICS
from winnowd.operations.status import health_told, is_fresh
from winnowd.storage.lock import holder

if TYPE_CHECKING:
    from pathlib import Path


class Health(NamedTuple):
    """How the service is: ``state`` is what it said last, "stopped" where nobody serves the instance; ``at``: when."""

    well: bool
    state: str
    code: str | None
    at: str | None


def health(instance_dir: Path) -> Health:
    """Whether it works, said so within a minute, and is not degraded."""
    said = health_told(instance_dir / HEALTH)
    state = str(said.get("state", "")) if holder(instance_dir / LOCK) is not None else "stopped"
    well = state not in {"", "stopped", "degraded"} and is_fresh(said)
    return Health(well, state or "unknown", said.get("code"), said.get("at"))


def metrics(instance_dir: Path) -> str | None:
    """The metrics in Prometheus' text format, as they were written within the last 15 s; None before the first."""
    try:
        return (instance_dir / METRICS).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
