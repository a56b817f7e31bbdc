"""The tasks between preparing and judging: keys merged into runs, and what of these can matter. Files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from winnowd.bulk.blocks import keys_path, read_table
from winnowd.bulk.comparing import slots_name
from winnowd.bulk.runs import merge, write_slots

if TYPE_CHECKING:
    from winnowd.bulk.manifest import Run


class PartitionJob(NamedTuple):
    """One partition of a run's keys; its slots are made as a round (``Run.round_folder``) lets records stand."""

    run: Run
    partition: int
    judged: int = 0


def merge_keys(job: PartitionJob) -> None:
    """Merge what the blocks and the ledger have under the codes of a partition; what is there is not made again."""
    run, goal = job.run, job.run.run_path(job.partition)
    if goal.exists():
        return
    blocks = [(keys_path(run.prepared_folder, one.number), one.first) for one in read_table(run.epoch_folder)]
    below = [(run.below_keys, 0)] if run.has_below else []
    merge(job.partition, [*below, *blocks], goal)


def make_slots(job: PartitionJob) -> None:
    """Keep of a partition what can matter, if those are seeded that a round has found to be."""
    run, goal = job.run, job.run.slots_folder(job.judged) / slots_name(job.partition)
    if not goal.exists():
        write_slots(run.run_path(job.partition), np.fromfile(run.seeded_path(job.judged), dtype=np.uint8), goal)
