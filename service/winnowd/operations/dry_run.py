"""A dry run: the route, with the preparer, the gates and the judge of the service, over files where they lie.

Nothing on disk changes: nothing is moved, recorded or logged. What is decided counts for the files that follow.
"""

from __future__ import annotations

import contextlib
import dataclasses
import fnmatch
import os
import re
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING, Final

from winnowd.audit.behind import must_know_the_log
from winnowd.daemon.preparation import InLoop, job_for
from winnowd.daemon.preparer import PortionPreparer
from winnowd.daemon.supervisor import confinement_for
from winnowd.daemon.workers import Workers
from winnowd.gates.originality import Originality
from winnowd.layout import LEDGER
from winnowd.model import Portion, Queued, Slice, Stopped
from winnowd.operations.null_ports import NoArticles, NoFileOps, NoTexts, Rehearsed
from winnowd.originality import new_recipe
from winnowd.originality.library import Library
from winnowd.pipeline.chain import Chain, End
from winnowd.pipeline.deciding import BatchDecider
from winnowd.pipeline.decision_writer import DecisionWriter
from winnowd.pipeline.events import ServiceEvents
from winnowd.pipeline.judge import Judge
from winnowd.pipeline.observer import Observer
from winnowd.pipeline.order_planner import OrderPlanner
from winnowd.pipeline.rendering import InProcessRenderer, RecordRenderer, no_text
from winnowd.pipeline.route import Route
from winnowd.reading.kinds import may_hold_many
from winnowd.storage.clock import SystemClock
from winnowd.storage.disk import Disk
from winnowd.storage.inbox.deposits import Deposit
from winnowd.storage.ledger import Ledger
from winnowd.storage.paths import Paths, Seeds
from winnowd.storage.texts import StoredTexts
from winnowd.views.passages import BESIDE
from winnowd.views.tally import Shown
from winnowd.wiring.kept import kept_recipe, run_context
from winnowd.wiring.preparer import PreparerConfig
from winnowd.wiring.rules import lexicon, rules_in_force

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from winnowd.model import Arrival, DecisionRecord, Judged
    from winnowd.originality import Recipe
    from winnowd.originality.library import Texts
    from winnowd.settings import Loaded

MANY: Final = 100
"""Files from which processes are worth their start."""
_SMALL: Final = 1 << 16
"""A larger file that may hold many records is judged alone: its records come before those of the next file."""


@dataclasses.dataclass(frozen=True, slots=True)
class Candidate:
    """A file to be judged: where it lies, and what people call it."""

    path: str
    name: str


class Candidates:
    """Port ``Preparation``: reads each file where it lies; remembers why one could not be read."""

    def __init__(self, workers: Workers | InLoop, on_read: Callable[[], None]) -> None:
        self._workers = workers
        self._on_read = on_read
        self.paths: dict[str, Candidate] = {}
        self.stopped: dict[str, str] = {}

    def close(self) -> None:
        """End what prepares them."""
        self._workers.close()

    def prepare(
        self, arrivals: Sequence[Arrival], portion: Portion, *, alone: bool = False
    ) -> Iterator[Slice | Stopped]:
        """From each file its next records."""
        jobs = [job_for(arrival, self.paths[arrival.id].path, portion) for arrival in arrivals]
        answers = (one for one in self._workers.prepare(jobs, alone=alone) if one is not None)
        for arrival, answer in zip(arrivals, answers, strict=True):
            if isinstance(answer, Stopped):
                self.stopped[arrival.id] = answer.because
            self._on_read()
            yield answer

    def keep_busy(self) -> None:
        """Workers go on while a file is judged."""
        self._workers.keep_busy()


class _Remembering(Originality):
    """Nothing is ever committed here: what was decided in this run stays remembered beside what the ledger has."""

    def committed(self) -> None:
        """Forget nothing."""


@dataclasses.dataclass(slots=True)
class _RehearsingJudge(Judge):
    """Names the files given beside by the names that they were given by: nothing lies in the corpus yet."""

    given: Mapping[str, Candidate] = dataclasses.field(default_factory=dict)

    def path_named(self, judged: Judged) -> str:
        """The file's name."""
        return self.given[judged.arrival.id].name


def nothing() -> None:
    """Tell nobody of a file that was read."""


class Rehearsal:
    """Judges files one after the other; ``decided`` gives what each would become."""

    def __init__(
        self, loaded: Loaded, ledger: Ledger | None, instance_dir: Path | None, candidates: Candidates
    ) -> None:
        settings, clock = loaded.settings, SystemClock()
        self._candidates = candidates
        self._clock = clock
        self._records = Rehearsed(ledger)
        self._entries: list[tuple[Candidate, DecisionRecord]] = []
        self._given: set[str] = set()
        texts: Texts = (
            NoTexts() if ledger is None or instance_dir is None else StoredTexts(Disk(instance_dir), ledger.articles)
        )
        originality = None
        if settings.originality is not None:
            articles = NoArticles() if ledger is None else ledger.articles
            originality = _Remembering(settings.originality, lexicon(), Library(articles, texts))
            if ledger is not None:
                originality.build(ledger.articles.signatures())
        chain = Chain(run_context(loaded, clock), clock.uuid7, End(0, "", "", 0))
        seeds = Seeds(lambda _: 0)
        self.rules = rules_in_force(settings)
        observer = Observer(decided=self._note)
        judge = _RehearsingJudge(
            originality, self._records, seeds, clock, settings.profile, Paths(), given=candidates.paths
        )
        text_of = originality.text if originality else no_text
        renderer = InProcessRenderer(RecordRenderer(lexicon, self.rules), text_of)
        writer = DecisionWriter(chain, renderer, self.rules, Paths())
        planner = OrderPlanner(self._records, originality, chain, clock, seeds)
        file_ops = NoFileOps()
        self._route = Route(
            records=self._records,
            file_ops=file_ops,
            log=file_ops,
            preparation=candidates,
            judge=judge,
            decider=BatchDecider(judge, writer, planner, self._records, candidates, chain, clock, observer),
            chain=chain,
            clock=clock,
            events=ServiceEvents(self._records, file_ops, chain, clock),
            observer=observer,
            require_free_space=lambda size: None,  # noqa: ARG005 - nothing is written
            limit=settings.batch.limit,
            portion=Portion(settings.batch.records),
        )

    def _note(self, entry: DecisionRecord) -> None:
        self._entries.append((self._candidates.paths[entry.judged.arrival.id], entry))

    def shown(self, candidate: Candidate, entry: DecisionRecord) -> Shown:
        """What was decided on a file, under the name that it was given by; one of many records with its number.

        What it is a copy of may be no article of the corpus, but a file given beside it.
        """
        event, evidence = entry.event, entry.evidence
        if "twin" in evidence and evidence["twin"]["path"] in self._given:
            evidence["twin"]["standing"] = BESIDE
        arrival = event["winnowd"]["arrival"]
        name = candidate.name if "records" in arrival else f"{candidate.name}#{arrival['record']}"
        return Shown(event, evidence, name)

    def judge(self, files: Sequence[Candidate]) -> Iterator[tuple[Candidate, DecisionRecord | str]]:
        """What each record would become, in the order of the files; of a file that cannot be read, why."""
        group: list[Arrival] = []
        for number, candidate in enumerate(files, 1):
            arrival = self._arrival(number, candidate)
            self._candidates.paths[arrival.id] = candidate
            self._given.add(candidate.name)
            alone = arrival.size > _SMALL and may_hold_many(candidate.name)
            if group and (alone or len(group) >= self._route.limit):
                yield from self._judged(group)
                group = []
            group.append(arrival)
            if alone:
                yield from self._judged(group)
                group = []
        if group:
            yield from self._judged(group)

    def _judged(self, group: Sequence[Arrival]) -> Iterator[tuple[Candidate, DecisionRecord | str]]:
        turns = deque([[Queued(arrival) for arrival in group]])
        while turns:
            turn = turns.popleft()
            for _ in self._route.bring([one.arrival for one in turn], alone=turn[0].alone):
                yield from self._entries
                self._entries.clear()
            yield from self._entries
            self._entries.clear()
            self._route.acknowledge_applied()
            waiting, self._route.waiting = self._route.waiting, []
            behind = [one for one in waiting if not one.long]
            turns.extend([one] for one in waiting if one.long)
            if behind:
                turns.appendleft(behind)
        unread = self._records.closed.keys() | {arrival.id for arrival in self._route.deferred}
        self._route.deferred.clear()
        for arrival in group:
            if arrival.id in unread:
                yield self._candidates.paths[arrival.id], self._candidates.stopped[arrival.id]

    def _arrival(self, number: int, candidate: Candidate) -> Arrival:
        """A file as if it had just been taken from the inbox; what cannot be looked at is found out when it is read."""
        name = os.fsencode(candidate.name)
        try:
            deposit = Deposit.of(name, os.lstat(candidate.path))
        except OSError:
            deposit = Deposit(name, 0, 0, 0, 0)
        return dataclasses.replace(deposit.claimed(number, 0, self._clock.now()), feed="")  # it lies in no inbox


def candidates_for(loaded: Loaded, recipe: Recipe, count: int, on_read: Callable[[], None] = nothing) -> Candidates:
    """What reads ``count`` files where they lie: processes for many, else the one that we are; close it."""
    build, limits = PortionPreparer(PreparerConfig(loaded.settings, recipe)), loaded.settings.workers
    if count < MANY or not limits.processes:
        return Candidates(InLoop(build), on_read)
    workers = Workers(
        build,
        count=limits.processes,
        seconds=limits.seconds,
        memory=limits.memory,
        confinement=confinement_for(loaded.settings, "/"),  # they lie anywhere
    )
    return Candidates(workers, on_read)


@contextlib.contextmanager
def rehearsal(
    loaded: Loaded, instance_dir: Path | None, count: int, on_read: Callable[[], None] = nothing
) -> Iterator[Rehearsal]:
    """Prepare a dry run over ``count`` files against an instance's corpus, or against none; ``on_read``: one was read.

    Raises:
        LedgerBehindError: the ledger does not know all of the log.
        LedgerDamagedError: the ledger cannot be trusted.
        ForeignRecipeError: its fingerprints cannot be compared with those of this version.
    """
    with contextlib.ExitStack() as held:
        ledger = None
        if instance_dir is not None:
            must_know_the_log(instance_dir)
            with contextlib.suppress(FileNotFoundError):  # before the first run nothing is in the corpus
                ledger = Ledger.read(instance_dir / LEDGER)
                held.callback(ledger.close)
        recipe = (kept_recipe(ledger) if ledger else None) or new_recipe(lexicon().sha256)
        candidates = candidates_for(loaded, recipe, count, on_read)
        held.callback(candidates.close)
        yield Rehearsal(loaded, ledger, instance_dir, candidates)


class NoSuchFileError(Exception):
    """Nothing is where a file was said to be."""


def candidates_at(name: str, ignored: Sequence[str]) -> list[Candidate]:
    """A file, or all files in a folder, by name.

    Raises:
        NoSuchFileError: there is neither.
        OSError: a folder may not be read.
    """
    path = Path(name)
    if path.is_dir():
        return [Candidate(found, found) for found in files_in(name, ignored)]
    if not path.exists():
        raise NoSuchFileError(name)
    return [Candidate(str(path.resolve()), name)]  # a link that somebody names is meant


def files_in(folder: str, ignored: Sequence[str]) -> Iterator[str]:
    """All that is no folder, by name in each folder; ``ignored`` are glob patterns of names.

    Raises:
        OSError: a folder may not be read.
    """
    is_ignored = re.compile("|".join(fnmatch.translate(one) for one in ignored) or r"(?!)").match
    with os.scandir(folder) as entries:
        found = sorted(entries, key=lambda entry: os.fsencode(entry.name))
    below: list[str] = []
    for entry in found:
        if is_ignored(entry.name):
            continue
        if entry.is_dir(follow_symlinks=False):
            below.append(entry.path)
        else:
            yield entry.path
    for path in below:
        yield from files_in(path, ignored)
