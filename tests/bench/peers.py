"""Peers on the same injected copies in the same run: texts a second, never without recall and precision.

    python -m tests.bench.peers [--copies 2000] [--environments build/peers] [NAME ...]

``make bench-peers`` makes an environment for each. A peer that is not installed is named as such, and is no fault. The
texts are made (``injected.py``); the limits are those by which each calls a text a copy at J >= .8. Rates are of one
process and the wall clock, signatures included, nothing kept on disk.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from tests.bench.engines import stock_signature
from tests.bench.injected import injected, made_articles, scored
from tests.bench.originality import nearest_copy
from tests.bench.turns import table
from tests.originality.stand import Stand, lexicon, recipe

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.bench.injected import Arriving

HERE: Final = Path(__file__).parent
SEED: Final = 1


class Answer(NamedTuple):
    """Seconds, and for each text the place of the one it was taken for a copy of; None where nothing is found so."""

    seconds: float
    twins: list[int | None] | None


class Peer(NamedTuple):
    """A peer's environment, and the script and its argument that ask it."""

    environment: str
    script: str
    argument: str

    def answer(self, environments: Path, texts: Sequence[str]) -> Answer | None:
        """What it says; None if it is not installed."""
        python = environments / self.environment / "bin" / "python"
        found = python.exists() and self._run([python, "-c", f"import {self.environment}"], "").returncode == 0
        if not found:
            return None
        asked = self._run([python, "-P", HERE / self.script, self.argument], json.dumps(texts))
        if asked.returncode:
            raise RuntimeError(f"{self.environment}: {asked.stderr[-2_000:]}")
        said: dict[str, Any] = json.loads(asked.stdout)
        if "twins" in said:
            return Answer(said["seconds"], said["twins"])
        return Answer(len(texts) * sum(said.values()) / 1e6, None)

    @staticmethod
    def _run(command: Sequence[str | Path], given: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, input=given, capture_output=True, text=True, check=False)


PEERS: Final = {
    "rensa, RMinHashDeduplicator(.8, 128)": Peer("rensa", "peer_minhash.py", "rensa"),
    "gaoya, MinHashStringIndex 16x8": Peer("gaoya", "peer_minhash.py", "gaoya"),
    "datatrove, MinHash 14x8 in four stages": Peer("datatrove", "peer_datatrove.py", "signatures"),
    "datatrove, four filters": Peer("datatrove", "peer_datatrove.py", "filters"),
}


def stock(texts: Sequence[str]) -> Answer:
    """Stock datasketch, asked before each insert."""
    from datasketch import MinHashLSH

    index, twins = MinHashLSH(threshold=0.8, num_perm=128), list[int | None]()
    begun = time.perf_counter()
    for place, text in enumerate(texts):
        signature = stock_signature(text)
        twins.append(min(index.query(signature), default=None))
        index.insert(place, signature)
    return Answer(time.perf_counter() - begun, twins)


def ours(texts: Sequence[str]) -> Answer:
    """The gate of originality alone, with rewrites, evidence and all."""
    lexicon(), recipe()
    stand, twins = Stand(), list[int | None]()
    begun = time.perf_counter()
    for text in texts:
        twins.append(nearest_copy(stand.take(text)[1]))
        stand.commit()
    return Answer(time.perf_counter() - begun, twins)


OWN: Final[dict[str, Callable[[Sequence[str]], Answer]]] = {
    "datasketch, MinHashLSH(.8)": stock,
    "winnowd, originality alone": ours,
}


def row(name: str, stream: Sequence[Arriving], answer: Answer | None) -> list[str]:
    """The cells of one peer."""
    if answer is None:
        return [name, "not installed", "", ""]
    rate = f"{len(stream) / answer.seconds:,.0f}"
    if answer.twins is None:
        return [name, rate, "", ""]
    score = scored(stream, answer.twins)
    return [name, rate, f"{score.recall:.3f}", f"{score.precision:.3f}"]


def main() -> None:
    """Ask all, or those whose names begin so, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--copies", type=int, default=2_000)
    parser.add_argument("--environments", type=Path, default=Path("build/peers"))
    given = parser.parse_args()
    articles = made_articles(given.copies + given.copies // 4, SEED)
    stream = list(injected(articles, given.copies, SEED))
    texts, cells = [one.text for one in stream], list[list[str]]()
    for name, answer in OWN.items():
        if name.startswith(tuple(given.names)) or not given.names:
            cells.append(row(name, stream, answer(texts)))
    for name, peer in PEERS.items():
        if name.startswith(tuple(given.names)) or not given.names:
            cells.append(row(name, stream, peer.answer(given.environments.absolute(), texts)))
    load = os.getloadavg()[0]
    sys.stdout.write(f"{len(texts)} made texts, {given.copies} of them copies at J >= .8; one run, load {load:.1f}\n\n")
    sys.stdout.write(table(("", "texts/s", "recall", "precision"), cells))


if __name__ == "__main__":
    main()
