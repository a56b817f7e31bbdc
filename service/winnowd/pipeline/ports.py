"""What the route needs from the world: ports, each as small as its caller."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from winnowd.model import (
        Arrival,
        Binding,
        DecisionRecord,
        Effect,
        Examination,
        IndexedArticle,
        Job,
        Line,
        Outcome,
        Portion,
        Prepared,
        Progress,
        Recorded,
        Slice,
        StateChange,
        Stopped,
        StoredDecision,
    )
    from winnowd.pipeline.rendering import Numbered, Rendered


class Clock(Protocol):
    """The time of day, and what is drawn from it."""

    def now(self) -> dt.datetime:
        """The time, UTC."""
        ...

    def nanoseconds(self) -> int:
        """A monotonic count, for durations."""
        ...

    def uuid7(self) -> str:
        """A new UUIDv7."""
        ...


class Originality(Protocol):
    """The gate of originality: knows all articles met before."""

    def expect(self, batch: Sequence[Prepared]) -> None:
        """These are about to be examined; no answer depends on it."""
        ...

    def examine(self, prepared: Prepared, without: frozenset[int] = frozenset()) -> Examination:
        """What it says of a newcomer, those numbers left out."""
        ...

    def prefer_better(self, prepared: Prepared, examination: Examination) -> Examination:
        """The same, or that of a newcomer which takes the place of its twin."""
        ...

    def supersede(self, number: int, by: int, path: str, code: str = ...) -> IndexedArticle | None:
        """Know an article from now on as a copy of the one that took its place, as lying at ``path``, and why."""
        ...

    def remember(self, indexed: IndexedArticle, text: str | None = None) -> None:
        """Take in an article just decided."""
        ...

    def savepoint(self) -> Any:  # noqa: ANN401 - its own secret
        """A point to roll back to."""
        ...

    def rollback(self, savepoint: Any) -> None:  # noqa: ANN401 - its own secret
        """Forget what came since the mark."""
        ...

    def committed(self) -> None:
        """What was remembered is committed."""
        ...


class Renderer(Protocol):
    """Says of decided records all that is said of them."""

    def begin(self) -> None:
        """A batch is decided from its first record on: what was added before, and not asked for, never will be."""
        ...

    def add(self, one: Numbered) -> None:
        """It is decided, and may be rendered from now on; whether it is ever asked for hangs on those after it."""
        ...

    def render(self, batch: Sequence[Numbered]) -> Iterator[Rendered]:
        """Each of these, in their order, added or not; what rendering one raises comes instead of it, and ends this."""
        ...

    def fault(self) -> str:
        """Why what renders them has fallen since this was last asked, "" if it has not; nothing was lost by it."""
        ...


class Register(Protocol):
    """What the ledger knows of decisions: numbers, names, the size of the corpus."""

    def next_number(self) -> int:
        """The next decision's number."""
        ...

    def names_taken(self, names: Sequence[str]) -> dict[str, str | None]:
        """For each of these names the hash of the text that has it, None if there is none."""
        ...

    def admitted(self, text_sha256: str) -> int | None:
        """The number of the corpus article of this very text."""
        ...

    def of_arrival(self, arrival: int) -> list[int]:
        """The numbers of the decisions on the records of an arrival, and of those that it continues, newest first.

        Left out is what a person has taken out of the corpus, or confirmed to stay out.
        """
        ...

    def stood_in(self, arrival: int, name: str, text_sha256: str) -> bool:
        """Whether a record of an arrival, or of those that it continues, has this very text, whose name is given."""
        ...

    def standing_in(self, numbers: Sequence[int]) -> int | None:
        """The first of these that stands in the corpus."""
        ...

    def in_corpus(self) -> int:
        """How many articles the corpus has."""
        ...

    def binds(self) -> bool:
        """Whether a person has decided about any text, lifted or not."""
        ...

    def bound(self, text_sha256: str, raw_digest: bytes, word_digest: bytes) -> Binding | None:
        """What a person has decided about this text, and nobody has lifted."""
        ...


class Seeds(Protocol):
    """Paths in the corpus."""

    def path_for(self, name: str, day: dt.date) -> str:
        """The path of the next admitted article."""
        ...

    def set_aside(self, stored: StoredDecision, day: dt.date) -> str:
        """Where the text of an article goes that leaves the corpus; its original stays in the archive."""
        ...

    def restart(self) -> None:
        """Count anew: the batch was rolled back."""
        ...


class Paths(Protocol):
    """Paths outside the corpus."""

    def held(self, outcome: Outcome, arrival: Arrival, day: dt.date, prepared: Prepared) -> str:
        """Where a record that is not admitted is kept."""
        ...

    def of_many(self, arrival: Arrival, day: dt.date) -> str:
        """By what name a file is told of whose records were turned away one by one."""
        ...

    def archived(self, arrival: Arrival, day: dt.date) -> str:
        """Where an original goes whose article was admitted, or that has many records."""
        ...


class SlicePreparer(Protocol):
    """What prepares jobs, in a worker or in the loop; it may keep an arrival's place between slices."""

    def __call__(self, job: Job) -> Slice | Stopped:
        """Prepare one slice; MemoryError may pass."""
        ...


class Preparation(Protocol):
    """Whatever prepares arrivals: processes, or the loop itself."""

    def prepare(
        self, arrivals: Sequence[Arrival], portion: Portion, *, alone: bool = False
    ) -> Iterator[Slice | Stopped | None]:
        """From each arrival its next records, at most a portion, from ``records_done`` on; in the order given.

        None between them tells that none is ready yet: what came before need not wait for it.

        One that ended, overran or overfilled what prepared it is ``Stopped`` with SYS901, 902 or 904: that is a
        suspicion, unless it was ``alone``. Whoever stops asking wants no more answers.
        """
        ...

    def keep_busy(self) -> None:
        """Let processes go on with what was asked of them while something else is done; never waits."""
        ...


class Records(Protocol):
    """The ledger: what is written here is true."""

    def claim(self, arrivals: Sequence[Arrival]) -> None:
        """T1: these are about to be taken."""
        ...

    def record(
        self, entries: Sequence[DecisionRecord], progress: Sequence[Progress], changes: Sequence[StateChange]
    ) -> None:
        """T2: decisions, with all that follows from them; and what they change of older ones."""
        ...

    def counts(self, arrival: Arrival) -> Mapping[tuple[str, str], int]:
        """How many of an arrival's records became what, by outcome and first code ("" if there is none)."""
        ...

    def untried(self, arrivals: Sequence[Arrival]) -> None:
        """The tries of these that were begun have ended in peace, undecided."""
        ...

    def change(self, changes: Sequence[StateChange]) -> None:
        """What an order makes of decisions."""
        ...

    def tell(self, lines: Sequence[Line]) -> None:
        """Lines of the audit log that come of no decision."""
        ...

    def tried(self, arrivals: Sequence[Arrival]) -> None:
        """Another try of these begins."""
        ...

    def changed(self, arrival: Arrival) -> None:
        """The file of this arrival was changed after it was judged: it will be judged again."""
        ...

    def drop_arrival(self, arrival: Arrival, code: str) -> None:
        """This arrival gave no decision."""
        ...

    def applied(self, done: Recorded) -> None:
        """Files are in place and originals moved, all of it on disk: acknowledge them with the next commit."""
        ...

    def acknowledge(self) -> None:
        """Acknowledge what was applied, now."""
        ...

    def unacknowledged(self) -> bool:
        """Whether something was applied, and is on disk, that no transaction has acknowledged."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """All of it or nothing."""
        ...


class FileOps(Protocol):
    """Whatever moves and writes files."""

    def claim(self, arrival: Arrival) -> str | None:
        """Rename a file of the inbox into ``state/work``; a SYS code if it was not there, or not at rest."""
        ...

    def give_back(self, arrival: Arrival) -> None:
        """Put a claimed file back into the inbox."""
        ...

    def write(self, effects: Sequence[Effect]) -> None:
        """Write files (beside, sync, rename), move and remove others."""
        ...

    def move_original(self, arrival: Arrival, location: str) -> bool:
        """Move a claimed original to its location; False if it is nowhere."""
        ...

    def changed(self, arrival: Arrival) -> bool:
        """Whether somebody has written to a claimed original since it was claimed."""
        ...

    def may_read(self, arrival: Arrival) -> bool:
        """Whether a claimed original may be read."""
        ...

    def judge_changed(self, arrival: Arrival, location: str) -> None:
        """Keep of a changed original what was judged at its location; itself goes back to the inbox."""
        ...

    def sync(self) -> None:
        """Wait until all is on disk."""
        ...


class Log(Protocol):
    """The audit log."""

    def publish(self, lines: Sequence[Line], at: dt.datetime) -> None:
        """Append lines; on disk when it returns."""
        ...
