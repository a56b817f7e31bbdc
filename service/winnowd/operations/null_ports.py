"""What stands in for ledger, files and log in a dry run: decisions are noted in memory, and nothing is written."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from winnowd.model import StoredDecision

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from winnowd.model import (
        Arrival,
        Binding,
        DecisionRecord,
        Effect,
        IndexedArticle,
        Judged,
        KeptFile,
        Line,
        Progress,
        Recorded,
        StateChange,
    )
    from winnowd.storage.ledger import Ledger


class NoArticles:
    """Ports ``Fingerprints`` of originality: nothing was ever decided."""

    def of(self, numbers: Sequence[int]) -> Mapping[int, IndexedArticle]:
        """Nothing."""
        del numbers
        return {}

    def holders(self, paragraph: int, most: int) -> Sequence[int]:
        """Nothing."""
        del paragraph, most
        return ()


class NoTexts:
    """Port ``Texts`` of originality: there is none."""

    def of(self, number: int) -> str | None:
        """Nothing."""
        del number
        return None


class Rehearsed:
    """Ports ``Records``, ``Register`` and ``Files``: what the ledger says, and what this dry run has decided since.

    ``closed``: why an arrival gave no decision, by its id.
    """

    def __init__(self, ledger: Ledger | None) -> None:
        self._decisions = None if ledger is None else ledger.decisions
        self._changes = None if ledger is None else ledger.changes
        self._first = 1 if self._decisions is None else self._decisions.next_number()
        self._recorded = 0
        self._names: dict[str, str] = {}
        self._admitted: dict[str, int] = {}
        self._stored: dict[int, StoredDecision] = {}
        self.closed: dict[str, str] = {}

    def next_number(self) -> int:
        """The number that the next decision would get."""
        return self._first + self._recorded

    def names_taken(self, names: Sequence[str]) -> dict[str, str | None]:
        """The hash of the text that has this name."""
        stored = {} if self._decisions is None else self._decisions.names_taken(names)
        return {name: self._names.get(name) or stored.get(name) for name in names}

    def admitted(self, text_sha256: str) -> int | None:
        """The number of the article of this very text, in the corpus or about to enter it."""
        return self._admitted.get(text_sha256) or (self._decisions.admitted(text_sha256) if self._decisions else None)

    def in_corpus(self) -> int:
        """How many articles the corpus has, those decided here left out."""
        return self._decisions.in_corpus() if self._decisions else 0

    def binds(self) -> bool:
        """Whether a person has decided about any text of the ledger."""
        return self._decisions is not None and self._decisions.binds()

    def bound(self, text_sha256: str, raw_digest: bytes, word_digest: bytes) -> Binding | None:
        """What a person has decided about this text."""
        return None if self._decisions is None else self._decisions.bound(text_sha256, raw_digest, word_digest)

    def is_whole(self, stored: StoredDecision, text: str) -> bool:
        """No order is given here, so nobody asks."""
        del stored, text
        return True

    def transaction(self) -> AbstractContextManager[None]:
        """Nothing can fail."""
        return contextlib.nullcontext()

    def record(
        self, entries: Sequence[DecisionRecord], progress: Sequence[Progress], changes: Sequence[StateChange]
    ) -> None:
        """Remember names and texts, and what may be superseded."""
        del progress, changes
        self._recorded += len(entries)
        for entry in entries:
            judged = entry.judged
            if judged.prepared.text_sha256:
                self._names[judged.name] = judged.prepared.text_sha256
            if judged.standing == "admitted":
                self._admitted[judged.prepared.text_sha256] = judged.number
                self._stored[judged.number] = _stored(judged)

    def stored(self, number: int) -> StoredDecision | None:
        """How a decision stands."""
        return self._stored.get(number) or (self._changes.stored(number) if self._changes else None)

    def text(self, number: int) -> str | None:
        """Nothing is kept of what leaves the corpus."""
        del number
        return None

    def indexed(self, number: int) -> IndexedArticle | None:
        """No order is given here, so nobody asks."""
        del number
        return None

    def row(self, number: int) -> Mapping[str, Any] | None:
        """Nor for this."""
        del number
        return None

    def before(self, number: int) -> tuple[int, Mapping[str, Any]] | None:
        """Nor for this."""
        del number
        return None

    def changed_by(self, order: str, number: int) -> bool:
        """Nor for this."""
        del order, number
        return False

    def kept(self, stored: StoredDecision) -> Sequence[KeptFile]:
        """Nor for this."""
        del stored
        return ()

    def change(self, changes: Sequence[StateChange]) -> None:
        """Nothing changes."""

    def of_arrival(self, arrival: int) -> list[int]:
        """No file here continues another."""
        del arrival
        return []

    def stood_in(self, arrival: int, name: str, text_sha256: str) -> bool:
        """So none comes again."""
        del arrival, name, text_sha256
        return False

    def standing_in(self, numbers: Sequence[int]) -> int | None:
        """So none takes another's place."""
        del numbers
        return None

    def changed(self, arrival: Arrival) -> None:
        """No file is looked at twice."""

    def drop_arrival(self, arrival: Arrival, code: str) -> None:
        """This file gave no decision."""
        self.closed[arrival.id] = code

    def claim(self, arrivals: Sequence[Arrival]) -> None:
        """Nothing is taken."""

    def tried(self, arrivals: Sequence[Arrival]) -> None:
        """Nobody counts."""

    def untried(self, arrivals: Sequence[Arrival]) -> None:
        """Nobody counts."""

    def counts(self, arrival: Arrival) -> Mapping[tuple[str, str], int]:
        """Nobody reads it."""
        del arrival
        return {}

    def tell(self, lines: Sequence[Line]) -> None:
        """Nobody is told."""

    def applied(self, done: Recorded) -> None:
        """Nothing was."""

    def acknowledge(self) -> None:
        """Nothing stands there."""

    def unacknowledged(self) -> bool:
        """Nothing ever waits."""
        return False


def _stored(judged: Judged) -> StoredDecision:
    return StoredDecision(
        number=judged.number,
        name=judged.name,
        arrival=judged.arrival.id,
        record=judged.prepared.provenance.record,
        path=judged.arrival.path,
        text_sha256=judged.prepared.text_sha256,
        outcome=judged.decision.outcome.value,
        standing=judged.standing,
        root=judged.root,
        codes=judged.decision.codes,
        location=judged.location,
        decided_at=judged.decided_at,
    )


class NoFileOps:
    """Ports ``FileOps`` and ``Log``: every file stays where and as it is, no line is written."""

    def claim(self, arrival: Arrival) -> str | None:
        """It may be read where it lies."""
        del arrival
        return None

    def give_back(self, arrival: Arrival) -> None:
        """It never left."""

    def write(self, effects: Sequence[Effect]) -> None:
        """Write nothing."""

    def move_original(self, arrival: Arrival, instance_dir: str) -> bool:
        """Move nothing."""
        del arrival, instance_dir
        return True

    def changed(self, arrival: Arrival) -> bool:
        """Nobody looks a second time."""
        del arrival
        return False

    def may_read(self, arrival: Arrival) -> bool:
        """Nothing is looked at."""
        del arrival
        return True

    def judge_changed(self, arrival: Arrival, instance_dir: str) -> None:
        """Nothing is."""

    def sync(self) -> None:
        """Nothing was written."""

    def publish(self, lines: Sequence[Line], at: dt.datetime) -> None:
        """Append nothing."""
