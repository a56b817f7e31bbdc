"""What datatrove's filters cost, and what its signatures find, run by a Python that has datatrove.

    PYTHON tests/bench/peer_datatrove.py [filters|signatures] < texts.json

Texts in as JSON. Of its four filters the median microseconds of each come out; of its MinHash in four stages (14
buckets of 8) ``{"seconds": s, "twins": [place of the first of its cluster, or null if it is kept, ...]}``. Written for
its release 0.10; imports nothing of this project, so that it runs in an environment of its own.
"""

import json
import statistics
import sys
import tempfile
import time
from typing import Any

from datatrove.data import Document


def filters(texts: list[str]) -> dict[str, float]:
    """Run the four filters over each text once, as its pipeline does; the median of each."""
    from datatrove.pipeline.filters import (
        C4QualityFilter,
        FineWebQualityFilter,
        GopherQualityFilter,
        GopherRepetitionFilter,
    )

    made = [GopherRepetitionFilter(), GopherQualityFilter(), C4QualityFilter(), FineWebQualityFilter()]
    taken: dict[str, list[float]] = {}
    for text in [texts[0], *texts]:  # the first loads what they need
        document = Document(text=text, id="0")
        for one in made:
            begun = time.perf_counter()
            one.filter(document)
            taken.setdefault(type(one).__name__, []).append(1e6 * (time.perf_counter() - begun))
    return {name: statistics.median(values[1:]) for name, values in taken.items()}


def signatures(texts: list[str]) -> dict[str, Any]:
    """Sign all, sort them into buckets, cluster, filter: one process, one file."""
    from datatrove.pipeline.dedup import (
        MinhashDedupBuckets,
        MinhashDedupCluster,
        MinhashDedupFilter,
        MinhashDedupSignature,
    )
    from datatrove.pipeline.dedup.minhash import MinhashConfig

    documents = [Document(text=text, id=str(place)) for place, text in enumerate(texts)]
    config = MinhashConfig()
    begun = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        signed, sorted_in, clustered = (f"{folder}/{name}" for name in ("signatures", "buckets", "clusters"))
        MinhashDedupSignature(signed, config).run(documents)
        for bucket in range(config.num_buckets):
            MinhashDedupBuckets(signed, sorted_in, config=config).run(None, bucket, config.num_buckets)
        MinhashDedupCluster(sorted_in, clustered, config=config, save_cluster_id=True).run()
        kept = {one.id for one in MinhashDedupFilter(clustered, load_cluster_ids=True).run(documents)}
    seconds = time.perf_counter() - begun
    first: dict[int, int] = {}
    twins = []
    for place, one in enumerate(documents):
        source = first.setdefault(one.metadata.get("minhash_cluster_id", -1), place)
        twins.append(None if one.id in kept else source)
    return {"seconds": seconds, "twins": twins}


def main() -> None:
    """Answer as asked."""
    texts = json.load(sys.stdin)
    asked = sys.argv[1] if len(sys.argv) > 1 else "filters"
    json.dump((signatures if asked == "signatures" else filters)(texts), sys.stdout)


if __name__ == "__main__":
    main()
