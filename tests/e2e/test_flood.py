"""Thousands of small articles at once, or a hundred thousand files: each is decided once, and all sums add up."""

from __future__ import annotations

import contextlib
import os
import random
import resource
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.crash.check import faults, rows
from tests.e2e.instance import Instance
from tests.e2e.processes import memory
from tests.e2e.served import index_bytes, served
from tests.needs import crash_run, needs, root

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

COUNT = 10_000 if os.environ.get("WINNOWD_CRASH") else 3_000
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


def test_thousands_of_articles_add_up_and_memory_stays_flat(tmp_path: Path) -> None:
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
    assert len(instance.articles()) == totals["admitted"]
    early, late = grown[len(grown) // 4], grown[-1]
    per_article = (late - early) / (0.75 * COUNT)
    assert per_article < MOST_KIB, f"grew from {early} to {late} KiB"


FLOOD, NEW = 100_000, 12_000
TINY = 64  # events that the kernel keeps until they are read; 16,384 as a rule
QUEUE = Path("/proc/sys/fs/inotify/max_queued_events")
MOST = 60 << 20  # bytes that a flood may cost apart from the index, which is there twice while it is laid out anew
LONGEST = 1_800.0  # s until it is given up


@contextlib.contextmanager
def tiny_queue() -> Iterator[None]:
    """Whoever begins to listen meanwhile hears little at once."""
    before = QUEUE.read_text(encoding="ascii")
    QUEUE.write_text(str(TINY), encoding="ascii")
    try:
        yield
    finally:
        QUEUE.write_text(before, encoding="ascii")


def deluge(inbox: Path) -> None:
    """Drop it, in fifty feeds: new articles first, then exact copies of them and fragments."""
    new = list(articles(NEW))
    rng = random.Random(4)  # noqa: S311 - the same files each time
    for number in range(FLOOD):
        feed = inbox / f"{number % 50:02d}"
        if number < 50:
            feed.mkdir()
        copied = rng.random() < 0.5
        text = new[number] if number < NEW else rng.choice(new) if copied else f"Fragment {number} of a page."
        (feed / f"{number:06d}.txt").write_text(text, encoding="utf-8")


@needs("P6", crash_run, root)
def test_a_hundred_thousand_at_once_are_decided_once_each_though_most_events_are_lost(
    record_property: Callable[[str, object], None],
) -> None:
    """To a service that listens, with room for 64 events: the sweep finds what no event told of, memory stays flat."""
    with contextlib.ExitStack() as stack:
        with tiny_queue():
            service = stack.enter_context(served(workers=1))
        pid, begun = service.process.pid, time.monotonic()
        at_first = memory(pid)
        deluge(service.instance_dir / "inbox")
        dropped = time.monotonic() - begun
        service.until_empty(LONGEST)
        took = time.monotonic() - begun
        (service.instance_dir / "inbox" / "one-more.txt").write_text("Fragment after the flood.", encoding="utf-8")
        service.until_empty()
        at_last, most = memory(pid), memory(pid, "VmHWM")
        lost = [line for line in service.said() if line["event"] == "events were lost"]
        ended = service.end()
        told = len(service.decided())
        wrong = faults(service.instance_dir, sent=FLOOD + 1)
        totals = {row["name"]: row["n"] for row in rows(service.instance_dir, "SELECT * FROM total")}
        index = index_bytes(service.instance_dir)[-1]

    grown = at_last - at_first - index
    mib = [f"{size / (1 << 20):.1f}" for size in (at_first, at_last, most, index, grown)]
    sizes = "memory {} MiB before, {} after, {} at most; index {}; grown by {} apart from it".format(*mib)
    record_property("figure", f"flood: {FLOOD} files, dropped in {dropped:.0f} s, decided in {took:.0f} s; {sizes}")
    assert lost
    assert ended == 0
    assert wrong == []
    assert (told, totals["arrivals"]) == (FLOOD + 1, FLOOD + 1)
    assert totals["admitted"] + totals["quarantined"] + totals["rejected"] == FLOOD + 1
    assert NEW - totals["admitted"] < NEW // 1_000
    assert grown < MOST
    assert most - at_first < MOST + 2 * index
