"""One round of one engine, in a process of its own: what so many articles cost it, its start taken off.

``stock`` is what a corpus tool does today: ``MinHash(128)`` of word-5-grams by ``update_batch`` (datasketch 2's scheme
affine32), ``MinHashLSH(0.8)``, and for each article one SQLite row, one commit, one synced file. ``winnowd`` is all of
it: claim, read, clean, all gates, originality with rewrites, ledger, files, log, index. ``trafilatura`` is its bare
extraction of a page, nothing kept.

Start is what a pass of a few articles costs, and is taken off: opening, recipe, models, starting workers.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import resource
import sqlite3
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from tests.bench.stages import StageClock
from tests.bench.texts import page
from tests.e2e.instance import Instance
from tests.e2e.processes import descendants

from winnowd.daemon.garbage import collect_seldom

if TYPE_CHECKING:
    from collections.abc import Sequence

    from datasketch import MinHash

GRAM: Final = 5
WARM: Final = 20
"""Articles judged before anything is measured: what is loaded once is loaded then."""
START: Final = 64
"""Articles of the pass that is taken off: enough for a second worker to start."""
SPARE: Final = WARM + 2 * START
"""So many texts more than are timed does a round take."""
_TICK: Final = os.sysconf("SC_CLK_TCK")
_USER_TIME: Final = 11
"""Place of utime in /proc/PID/stat behind the name; stime follows, and both of children that were waited for."""


class Cost(NamedTuple):
    """Seconds: by the clock, of processor time of this process, and of all that came from it."""

    wall: float
    own: float
    others: float

    def less(self, other: Cost) -> Cost:
        """What is left without the other."""
        return Cost(self.wall - other.wall, self.own - other.own, self.others - other.others)

    @property
    def all(self) -> float:
        """Processor time of all processes."""
        return self.own + self.others


class Round(NamedTuple):
    """What so many articles cost, what the start did, what became of the articles, seconds by stage if asked for."""

    articles: int
    cost: Cost
    start: Cost
    outcomes: Counter[str]
    stages: dict[str, float]


class Engine(Protocol):
    """Judges texts."""

    def give(self, texts: Sequence[str]) -> None:
        """Lay texts before it, as a sender does; not measured."""

    def work(self) -> None:
        """Judge what was given."""

    def outcomes(self, last: int) -> Counter[str]:
        """What became of the last so many."""


class Entrant(NamedTuple):
    """An engine as it takes part; ``form``: a file a text, one file of JSON Lines, or a page a text."""

    name: str
    engine: str = "winnowd"
    workers: int = 0
    form: str = "txt"

    def made(self, folder: Path) -> Engine:
        """Make it, with a folder of its own."""
        if self.engine == "winnowd":
            return Winnowd(folder, self.workers, self.form)
        return Stock(folder) if self.engine == "stock" else Trafilatura()


def one_round(entrant: Entrant, texts: Sequence[str], folder: Path, *, stages: bool = False) -> Round:
    """Run one; the last ``SPARE`` texts are what it warms up with."""
    count = len(texts) - SPARE
    engine = entrant.made(folder)
    _pass(engine, texts[count : count + WARM])
    at_start, clock = StageClock(), StageClock()
    start = _pass(engine, texts[count + WARM : count + WARM + START], at_start if stages else None)
    whole = _pass(engine, [*texts[:count], *texts[count + WARM + START :]], clock if stages else None)
    by_stage = {name: spent - at_start.seconds[name] for name, spent in clock.seconds.items()}
    return Round(count, whole.less(start), start, engine.outcomes(count + START), by_stage)


def _pass(engine: Engine, texts: Sequence[str], clock: StageClock | None = None) -> Cost:
    engine.give(texts)
    os.sync()  # what a sender wrote is the sender's cost
    before = used()
    with clock or contextlib.nullcontext():
        engine.work()
    return used().less(before)


def used() -> Cost:
    """What this process and those that came from it have used so far.

    Exact at rest: a process that has ended is in the sum of whoever waited for it, and that is one of these. The
    workers' parent, for one, is the server that forks them: what ``RUSAGE_CHILDREN`` tells here does not hold them.
    """
    own, waited = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    others = waited.ru_utime + waited.ru_stime + sum(map(spent_by, descendants(os.getpid())))
    return Cost(time.perf_counter(), own.ru_utime + own.ru_stime, others)


def spent_by(pid: int) -> float:
    """Seconds of processor time of a process and of all its children that it has waited for; 0 if it is gone."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    fields = stat.rpartition(")")[2].split()
    return sum(map(int, fields[_USER_TIME : _USER_TIME + 4])) / _TICK


class Winnowd:
    """The whole durable route, one pass after the other over one instance."""

    def __init__(self, folder: Path, workers: int, form: str) -> None:
        self._instance, self._workers, self._form, self._given = Instance(folder), workers, form, 0
        collect_seldom()  # as the command does

    def give(self, texts: Sequence[str]) -> None:
        """Drop files into the inbox."""
        numbered = list(enumerate(texts, start=self._given))
        self._given += len(texts)
        if self._form == "jsonl":
            lines = "".join(json.dumps({"text": text}) + "\n" for text in texts)
            self._instance.drop({f"{self._given:07d}.jsonl": lines})
        elif self._form == "html":
            self._instance.drop({f"{number:07d}.html": page(number, text) for number, text in numbered})
        else:
            self._instance.drop({f"{number:07d}.txt": text for number, text in numbered})

    def work(self) -> None:
        """One pass: started, all decided, ended."""
        self._instance.pass_over(processes=self._workers)

    def outcomes(self, last: int) -> Counter[str]:
        """By the audit log."""
        return Counter(event["winnowd"]["outcome"] for event in self._instance.decisions()[-last:])


def stock_signature(text: str) -> MinHash:
    """As datasketch's documentation has it."""
    from datasketch import MinHash

    words = re.findall(r"\w+", text.lower())
    signature = MinHash(num_perm=128)
    grams = (" ".join(words[at : at + GRAM]) for at in range(max(1, len(words) - GRAM + 1)))
    signature.update_batch([gram.encode() for gram in grams])
    return signature


class Stock:
    """Stock datasketch, durable article by article."""

    def __init__(self, folder: Path) -> None:
        from datasketch import MinHashLSH

        folder.mkdir(parents=True, exist_ok=True)
        self._folder, self._texts = folder, list[str]()
        self._index, self._found = MinHashLSH(threshold=0.8, num_perm=128), list[bool]()
        self._ledger = sqlite3.connect(folder / "ledger.db", isolation_level=None)
        for pragma in ("journal_mode = WAL", "synchronous = FULL"):
            self._ledger.execute(f"PRAGMA {pragma}")
        self._ledger.execute("CREATE TABLE article (id INTEGER PRIMARY KEY, twin INTEGER, text TEXT)")

    def give(self, texts: Sequence[str]) -> None:
        """Keep them in memory: it need not even read."""
        self._texts = list(texts)

    def work(self) -> None:
        """Sign, ask, remember, commit, write and sync each."""
        for text in self._texts:
            signature = stock_signature(text)
            near, number = self._index.query(signature), len(self._found)
            self._index.insert(number, signature)
            self._found.append(bool(near))
            self._ledger.execute("INSERT INTO article VALUES (?, ?, ?)", (number, near[0] if near else None, text))
            with (self._folder / f"{number}.txt").open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())

    def outcomes(self, last: int) -> Counter[str]:
        """An LSH hit is all it knows."""
        return Counter("rejected" if found else "admitted" for found in self._found[-last:])


class Trafilatura:
    """Bare extraction of each page, as its documentation has it."""

    def __init__(self) -> None:
        self._pages, self._found = list[str](), list[bool]()

    def give(self, texts: Sequence[str]) -> None:
        """Make the pages."""
        self._pages = [page(number, text) for number, text in enumerate(texts)]

    def work(self) -> None:
        """Extract each."""
        from trafilatura import bare_extraction

        self._found += [bare_extraction(one, include_comments=False) is not None for one in self._pages]

    def outcomes(self, last: int) -> Counter[str]:
        """Whether a body was found."""
        return Counter("admitted" if found else "rejected" for found in self._found[-last:])
