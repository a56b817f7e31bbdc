"""Whoever reads seeds/ while the service works, and while it is killed, sees whole files only (P3)."""

from __future__ import annotations

import os
import random
import signal
from typing import TYPE_CHECKING

from tests.crash.check import faults, torn
from tests.e2e.instance import Instance
from tests.e2e.test_flood import articles
from tests.needs import needs

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ARTICLES = 240
RUNS = 12
LEAST_LOOKS = 100


def looked_at_while(home: Path, child: int, patience: int) -> tuple[list[str], int, bool]:
    """Look at seeds/ again and again until a child ends, or is killed after so many looks; gives what was torn."""
    found: list[str] = []
    looks = 0
    while os.waitpid(child, os.WNOHANG) == (0, 0):
        found += torn(home)
        looks += 1
        if looks == patience:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            return found + torn(home), looks, True
    return found, looks, False


@needs("P3")
def test_a_reader_never_meets_half_a_file(fast_path: Path, record_property: Callable[[str, object], None]) -> None:
    """Articles, pages, INDEX.md: whole or not there, at any moment, also after a kill and before its recovery."""
    instance = Instance(fast_path, batch__limit=8, index__articles=8)
    texts = [text.encode() for _, text in zip(range(ARTICLES), articles(ARTICLES, 3), strict=False)]
    instance.drop({f"{number:03d}.txt": text for number, text in enumerate(texts)})
    rng = random.Random(7)  # noqa: S311 - the same kills each time
    found: list[str] = []
    looks = kills = 0

    for run in range(RUNS):
        child = os.fork()
        if child == 0:
            try:
                instance.pass_over()
            finally:
                os._exit(0)
        torn_now, looked, killed = looked_at_while(fast_path, child, rng.randrange(4, 40) if run < RUNS - 1 else -1)
        found, looks, kills = found + torn_now, looks + looked, kills + killed

    record_property("figure", f"readers: {looks} looks at seeds/ during {RUNS} runs, {kills} killed, {len(found)} torn")
    assert found == []
    assert looks > LEAST_LOOKS
    assert faults(fast_path, texts) == []
