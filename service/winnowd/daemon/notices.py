"""What the audit log, and the service's own, are told of the service itself: its start, what it found, its end."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

from winnowd.daemon.versions import catalogue_sha256, system, versions

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from structlog.typing import FilteringBoundLogger

    from winnowd.daemon.recovery import Finished
    from winnowd.model import Arrival, Judged, Line
    from winnowd.wiring.instance import Instance


def note_start(instance: Instance) -> Line:
    """Record that it has started, with all that decisions of this run depend on apart from the corpus."""
    depends_on = {
        "versions": versions(),
        "platform": system(),
        "catalogue": {"sha256": catalogue_sha256()},
        "recipe": {"id": instance.kept.recipe.id, "sha256": instance.kept.recipe.sha256},
        "limits": dict(instance.limits),
        "settings": json.loads(instance.loaded.canonical()),
    }
    return instance.route.events.note("startup", "winnowd started", carries=depends_on)


def tell_recovered(instance: Instance, log: FilteringBoundLogger, finished: Finished, arrivals: dict[str, int]) -> None:
    """Say what an earlier run had left undone; ``arrivals``: how many are claimed, and how many were orphans."""
    counts = {
        **arrivals,
        "files": finished.files,
        "originals": finished.originals,
        "lines": finished.log.lines,
        "torn_bytes": finished.log.torn,
        "foreign_bytes": finished.log.foreign,
        "lost_lines": finished.log.lost,
    }
    bad = bool(finished.log.foreign or finished.log.lost or finished.lost)
    carries = {"recovered": counts}
    instance.route.events.tell("recovered", "went on after an unfinished run", carries=carries, failed=bad)
    log.warning("recovered", **counts)


class DecisionLog:
    """Lines of the service's own log for decisions: one for each file, however many records it has."""

    def __init__(self) -> None:
        self._of_many: dict[int, Counter[str]] = {}

    def decided(self, log: FilteringBoundLogger, judged: Judged) -> None:
        """Tell of a decision; of one record of many to whoever wants all, and count it."""
        said: dict[str, Any] = {"file": judged.arrival.path, "id": judged.name}
        if judged.decision.codes:
            said["codes"] = " ".join(judged.decision.codes)
        if judged.nearest is not None and judged.nearest.twin:
            said["twin"] = judged.nearest.id
        outcome, prepared = judged.decision.outcome.value, judged.prepared
        if prepared.is_of_many:
            self._of_many.setdefault(judged.arrival.number, Counter())[outcome] += 1
            log.debug(outcome, record=prepared.provenance.record, **said)
        else:
            log.info(outcome, **said)

    def finished(self, log: FilteringBoundLogger, arrivals: Iterable[Arrival], waiting: Collection[int]) -> None:
        """Tell what became of the records of those files that do not wait (numbers) for another turn."""
        for arrival in arrivals:
            if arrival.number in waiting or (counts := self._of_many.pop(arrival.number, None)) is None:
                continue
            log.info("decided", file=arrival.path, arrival=arrival.id, records=counts.total(), **counts)


def tell_end(instance: Instance, because: str) -> None:
    """Say why it ends, and how many decisions of each kind there are."""
    counts = instance.ledger.decisions.totals()
    instance.route.events.tell("shutdown", f"winnowd ends: {because}", carries={"because": because, "counts": counts})
