"""What the service counts of its own work, cheap enough to be counted for each article: counters and histograms.

They begin at zero with the process, as Prometheus expects of them: it knows a restart by that. Labels are words of
ours: outcomes, codes, stages; never an id, a path or a name from outside.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING, Final

from winnowd.model import REST, Grade
from winnowd.views.exposition import Family, Sample, bucketed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from winnowd.model import DecidedBatch, Judged

STAGES: Final = ("read", "clean", "gates", "fingerprint", "originality")
"""Parts of the work on one record, as the audit log names them in ``timings_ns``."""
MILLISECOND: Final = 1_000_000
SECOND: Final = 1_000 * MILLISECOND
_DURATIONS: Final = tuple(
    round(milliseconds * MILLISECOND) for milliseconds in (1, 2.5, 6, 16, 40, 100, 250, 600, 1_600, 4_000, 10_000)
)
_BATCHES: Final = (1, 4, 16, 64, 256, 1_024)
_STAGE_OF: Final = {
    "SYS90": "files",
    "SYS91": "machine",
    "SYS92": "watching",
    "SYS931": "configuration",
    "SYS93": "orders",
    "SYS94": "ledger",
    "SYS95": "files",
}


def stage_of(code: str) -> str:
    """The part of the service that a failure's code belongs to; "other" if it has none of ours."""
    return _STAGE_OF.get(code) or _STAGE_OF.get(code[:5], "other")


class Histogram:
    """How often what was observed lay at or below each bound, and its sum; ``unit``: so many are 1 of the metric's."""

    __slots__ = ("_bounds", "_counts", "_total", "_unit")

    def __init__(self, bounds: Sequence[int], unit: int = 1) -> None:
        self._bounds, self._unit = bounds, unit
        self._counts = [0] * (len(bounds) + 1)
        self._total = 0

    def observe(self, value: int) -> None:
        """Count one."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._total += value

    def samples(self, **labels: str) -> Iterator[Sample]:
        """What it holds, in the metric's unit."""
        bounds = [bound / self._unit for bound in self._bounds]
        return bucketed(labels, bounds, self._counts, self._total / self._unit)


class Metrics:
    """Counts since the start of this process; ``codes`` are those of failures, which are there from the beginning.

    A counter that first shows itself when it is one already has, to Prometheus, never risen.
    """

    def __init__(self, codes: Iterable[str] = ()) -> None:
        self._articles: Counter[tuple[str, str]] = Counter({("admitted", ""): 0})
        self._failures: Counter[str] = Counter(dict.fromkeys(codes, 0))
        self._article_seconds = Histogram(_DURATIONS, SECOND)
        self._stage_seconds = {stage: Histogram(_DURATIONS, SECOND) for stage in STAGES}
        self._commit_seconds = Histogram(_DURATIONS, SECOND)
        self._batch_articles = Histogram(_BATCHES)

    def decided(self, judged: Judged) -> None:
        """Count a decision: its outcome and first code, what its stages took, and each code that tells of our fault."""
        first = ""
        for finding in judged.decision.findings:  # worst first
            if finding.grade is Grade.PASS:
                break
            code = finding.code
            first = first or code
            if code.startswith("SYS") and code != REST:
                self._failures[code] += 1
        self._articles[judged.decision.outcome.value, first] += 1
        stages, total = self._stage_seconds, judged.originality_ns
        if total:
            stages["originality"].observe(total)
        for stage, took in judged.prepared.timings.items():
            if (histogram := stages.get(stage)) is not None:
                histogram.observe(took)
            total += took
        self._article_seconds.observe(total)

    def committed(self, nanoseconds: int) -> None:
        """Count the transaction of a batch."""
        self._commit_seconds.observe(nanoseconds)

    def recorded(self, batch: DecidedBatch) -> None:
        """Count the records that one transaction has decided; one of an order decides none."""
        if batch.entries:
            self._batch_articles.observe(len(batch.entries))

    def failed(self, code: str) -> None:
        """Count a failure that the audit log tells."""
        self._failures[code] += 1

    def families(self, overflows: int) -> Iterator[Family]:
        """All of them; ``overflows``: how often the kernel has lost events of the inbox."""
        articles = [
            Sample({"outcome": outcome, "code": code}, count)
            for (outcome, code), count in sorted(self._articles.items())
        ]
        failures = [
            Sample({"stage": stage_of(code), "code": code}, count) for code, count in sorted(self._failures.items())
        ]
        stages = [sample for stage, held in self._stage_seconds.items() for sample in held.samples(stage=stage)]
        yield Family("winnowd_articles_total", "counter", "Records decided, by outcome and first code.", articles)
        yield Family(
            "winnowd_failures_total", "counter", "Failures told in the audit log, by stage and code.", failures
        )
        yield Family(
            "winnowd_watch_overflows_total", "counter", "Times that the kernel lost events of the inbox.",
            [Sample({}, overflows)],
        )  # fmt: skip
        yield Family(
            "winnowd_article_duration_seconds", "histogram", "Work on one record, from its bytes to its decision.",
            list(self._article_seconds.samples()),
        )  # fmt: skip
        yield Family("winnowd_stage_duration_seconds", "histogram", "Work on one record, by stage.", stages)
        yield Family(
            "winnowd_commit_seconds", "histogram", "The ledger's transaction of a batch, synced to disk.",
            list(self._commit_seconds.samples()),
        )  # fmt: skip
        yield Family(
            "winnowd_batch_articles", "histogram", "Records decided in one transaction.",
            list(self._batch_articles.samples()),
        )  # fmt: skip
