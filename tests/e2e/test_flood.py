"""Ten thousand small articles at once: each is decided once, and ledger, log, folders and index add up."""

from __future__ import annotations

import random
import resource
from typing import TYPE_CHECKING

from tests.crash.check import faults, rows
from tests.e2e.instance import Instance

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

COUNT = 10_000
MOST_KIB = 12.0  # of memory an article, at its peak: the index keeps 1.6, and is copied when it grows
SYLLABLES = [
    a + b + c for a in "bdfgklmnprst" for b in ("a", "e", "i", "o", "ou", "ea") for c in ("n", "r", "l", "s", "t")
]
FRAMES = (
    "The {} of {} was taken to the {} by a {} who had been there with the {}.",
    "It was said that the {} would {} in the {}, and that they have {} from {}.",
    "A {} and a {} were with the {} which had been {} by the {}.",
)


def articles(count: int, seed: int = 3) -> Iterator[str]:
    """Short articles of made-up words in English frames, no two alike."""
    rng = random.Random(seed)  # noqa: S311 - the same articles each time
    for _ in range(count):
        lines = []
        for _ in range(4):
            words = [rng.choice(SYLLABLES) + rng.choice(SYLLABLES) for _ in range(15)]
            lines.append(" ".join(frame.format(*words[5 * at : 5 * at + 5]) for at, frame in enumerate(FRAMES)))
        yield "\n\n".join(lines) + "\n"


def test_ten_thousand_articles_add_up_and_memory_stays_flat(tmp_path: Path) -> None:
    """A hundredth of them are the same text again, so that there is something to reject, too."""
    instance = Instance(tmp_path)
    texts = list(articles(COUNT - COUNT // 100))
    texts += texts[: COUNT // 100]
    instance.drop({f"{number % 7}/{number:05d}.txt": text for number, text in enumerate(texts)})
    grown: list[int] = []

    def watch(effect: str) -> None:
        if effect == "committed":
            grown.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)

    decided = instance.pass_over(watch)

    assert decided == COUNT
    assert faults(tmp_path, sent=COUNT) == []
    totals = {row["name"]: row["n"] for row in rows(tmp_path, "SELECT * FROM total")}
    assert totals["arrivals"] == COUNT
    assert totals["rejected"] >= COUNT // 100
    assert len(instance.files("seeds/2026")) == totals["admitted"]
    early, late = grown[len(grown) // 4], grown[-1]
    per_article = (late - early) / (0.75 * COUNT)
    assert per_article < MOST_KIB, f"grew from {early} to {late} KiB"
