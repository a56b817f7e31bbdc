"""What datatrove's four filters cost, run by a Python that has datatrove: texts in as JSON, microseconds out as JSON.

    PYTHON tests/bench/peer_datatrove.py < texts.json

Written for its release 0.10; imports nothing of this project, so that it runs in an environment of its own.
"""

import json
import statistics
import sys
import time

from datatrove.data import Document
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)


def main() -> None:
    """Run the four filters over each text once, as its pipeline does; print the median of each."""
    first, *texts = json.load(sys.stdin)
    filters = [GopherRepetitionFilter(), GopherQualityFilter(), C4QualityFilter(), FineWebQualityFilter()]
    taken: dict[str, list[float]] = {}
    for text in [first, first, *texts]:  # the first loads what they need
        document = Document(text=text, id="0")
        for one in filters:
            begun = time.perf_counter()
            one.filter(document)
            taken.setdefault(type(one).__name__, []).append(1e6 * (time.perf_counter() - begun))
    json.dump({name: statistics.median(values[1:]) for name, values in taken.items()}, sys.stdout)


if __name__ == "__main__":
    main()
