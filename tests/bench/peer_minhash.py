"""What a peer says of a stream of texts, each asked for before it is inserted; run by a Python that has the peer.

    PYTHON tests/bench/peer_minhash.py rensa|gaoya < texts.json

Texts in as JSON; out comes ``{"seconds": s, "twins": [place of the text it was taken for a copy of, or null, ...]}``.
Settings are those of the peers' documentation for 128 permutations and J >= .8. Imports nothing of this project, so
that it runs in an environment of its own.
"""

from __future__ import annotations

import json
import re
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

GRAM = 5


def rensa() -> Callable[[int, str], int | None]:
    """Of rensa 0.5 its deduplicator with LSH; what is a copy is not added."""
    from rensa import RMinHash, RMinHashDeduplicator

    index = RMinHashDeduplicator(0.8, 128, use_lsh=True)

    def taken_for(place: int, text: str) -> int | None:
        words = re.findall(r"\w+", text.lower())
        signature = RMinHash(128, 42)
        signature.update([" ".join(words[at : at + GRAM]) for at in range(max(1, len(words) - GRAM + 1))])
        found = index.get_duplicates(signature)
        if found:
            return int(found[0])
        index.add(str(place), signature)
        return None

    return taken_for


def gaoya() -> Callable[[int, str], int | None]:
    """Of gaoya 0.2 its index of strings, 16 bands of 8."""
    from gaoya.minhash import MinHashStringIndex

    index = MinHashStringIndex(32, 0.8, 16, 8, None, "word", True, (GRAM, GRAM))

    def taken_for(place: int, text: str) -> int | None:
        found = index.query(text)
        index.insert_document(place, text)
        return int(min(found)) if found else None

    return taken_for


def main() -> None:
    """Ask and insert one after the other."""
    peers: dict[str, Callable[[], Callable[[int, str], int | None]]] = {"rensa": rensa, "gaoya": gaoya}
    texts: list[str] = json.load(sys.stdin)
    taken_for = peers[sys.argv[1]]()
    begun = time.perf_counter()
    twins = [taken_for(place, text) for place, text in enumerate(texts)]
    answer: dict[str, Any] = {"seconds": time.perf_counter() - begun, "twins": twins}
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
