"""datatrove's MinHash over a file of JSON Lines, in its four stages, run by a Python that has datatrove.

    PYTHON -P tests/bench/datatrove_minhash.py FILE FOLDER [WORKERS]

Its own executor, reader and writer, as its example of deduplication has them, with its defaults (14 buckets of 8). A
line of JSON comes out for each stage (``{"type": "stage", "stage": name, "seconds": s}``), and a last one of what it
decided. It reads one file as one task, so the file is first cut into as many as there are workers, in a stage of its
own. Written for its release 0.10; imports nothing of this project, so that it runs in an environment of its own.
"""

import json
import sys
import time
from pathlib import Path
from typing import Any

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers.jsonl import JsonlWriter


def cut(source: Path, folder: Path, parts: int) -> None:
    """The lines of a file in so many files."""
    folder.mkdir(parents=True)
    files = [(folder / f"{part:05d}.jsonl").open("wb") for part in range(parts)]
    with source.open("rb") as lines:
        for number, line in enumerate(lines):
            files[number % parts].write(line)
    for file in files:
        file.close()


def counted(folder: Path) -> int:
    """Records in all files of a folder."""
    return sum(path.read_bytes().count(b"\n") for path in folder.glob("*.jsonl"))


def main(source: Path, folder: Path, workers: int) -> None:
    """Run the stages one after the other."""
    config = MinhashConfig()
    given, signed, sorted_in, clustered, kept, removed = (
        folder / name for name in ("given", "signatures", "buckets", "clusters", "kept", "removed")
    )
    reader = JsonlReader(str(given), compression=None)
    stages: dict[str, tuple[int, list[Any]]] = {
        "signatures": (workers, [reader, MinhashDedupSignature(str(signed), config)]),
        "buckets": (config.num_buckets, [MinhashDedupBuckets(str(signed), str(sorted_in), config=config)]),
        "cluster": (1, [MinhashDedupCluster(str(sorted_in), str(clustered), config=config)]),
        "filter": (
            workers,
            [
                reader,
                MinhashDedupFilter(
                    str(clustered), exclusion_writer=JsonlWriter(str(removed), "${rank}.jsonl", compression=None)
                ),
                JsonlWriter(str(kept), "${rank}.jsonl", compression=None),
            ],
        ),
    }
    begun = time.perf_counter()
    cut(source, given, workers)
    told("cut", time.perf_counter() - begun)
    for name, (tasks, pipeline) in stages.items():
        begun = time.perf_counter()
        LocalPipelineExecutor(pipeline, tasks=tasks, workers=workers, logging_dir=str(folder / "logs" / name)).run()
        told(name, time.perf_counter() - begun)
    print(json.dumps({"type": "done", "kept": counted(kept), "removed": counted(removed)}), flush=True)


def told(stage: str, seconds: float) -> None:
    """Say what a stage took."""
    print(json.dumps({"type": "stage", "stage": stage, "seconds": round(seconds, 3)}), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 1)
