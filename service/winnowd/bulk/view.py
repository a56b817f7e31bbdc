"""The corpus as the records of a block meet it: library and register over files, and over the ledger below. Files.

What a judgement hangs on is noted: the numbers whose standing was asked, and the crowded codes, under which whatever
becomes of any record may count.
"""

from __future__ import annotations

import dataclasses
import types
from typing import TYPE_CHECKING, Any, Final, Protocol

from winnowd.bulk.holders import Holders, Reads
from winnowd.model import Standing
from winnowd.originality.library import Library
from winnowd.storage.paths import Seeds

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping, Sequence
    from collections.abc import Set as AbstractSet

    from winnowd.bulk.below import Below
    from winnowd.bulk.blocks import Blocks
    from winnowd.bulk.lookups import Lookups
    from winnowd.bulk.standings import Row, Standings
    from winnowd.model import Binding, Fingerprint, IndexedArticle, StoredDecision


class Labels(Protocol):
    """Where records lie, for what is said of those that are compared with them; nothing is decided by it."""

    def path(self, number: int, row: Row) -> str:
        """Where it was put when it was decided."""
        ...

    def aside(self, number: int) -> str:
        """Where it lies since its place was taken."""
        ...


class NoLabels:
    """Nobody reads where something lies."""

    def path(self, number: int, row: Row) -> str:
        """Nowhere yet."""
        del number, row
        return ""

    def aside(self, number: int) -> str:
        """Nowhere yet."""
        del number
        return ""


@dataclasses.dataclass(frozen=True, slots=True)
class Corpus:
    """All records before some, as files have them: ``standings`` says how they stand, ``lookups`` which are alike."""

    blocks: Blocks
    below: Below
    standings: Standings
    lookups: Lookups
    labels: Labels


class Proposals:
    """Port ``Neighbours`` of the library: what was proposed for each record of a block, all at once, before it.

    What a record stands under is in the runs: nothing need be added.
    """

    nbytes = 0

    def __init__(self) -> None:
        self._proposed: Mapping[Fingerprint, Sequence[int]] = {}

    def begin(self, proposed: Mapping[Fingerprint, Sequence[int]]) -> None:
        """Those of a block, by its fingerprints."""
        self._proposed = proposed

    def expect(self, made: Sequence[Fingerprint]) -> list[int]:
        """All was proposed before."""
        del made
        return []

    def propose(self, made: Fingerprint) -> Sequence[int]:
        """The numbers of the articles to compare with, oldest first."""
        return self._proposed[made]

    def add(self, number: int, made: Fingerprint, *, seeded: bool) -> None:
        """It stands in the runs."""

    def savepoint(self) -> None:
        """Nothing changes here."""

    def rollback(self, savepoint: None) -> None:
        """Nothing has."""

    def committed(self) -> None:
        """Nothing will."""

    def build(self, rows: Iterable[tuple[int, Mapping[str, Any]]]) -> int:
        """There is nothing to fill."""
        del rows
        return 0


class CorpusReader:
    """Ports ``Fingerprints`` and ``Texts`` of the library: records before ``before``, by their standing as of then.

    ``before`` is the number of the first record of the block.
    """

    def __init__(self, corpus: Corpus) -> None:
        self._blocks = corpus.blocks
        self._standings = corpus.standings
        self._below = corpus.below
        self._labels = corpus.labels
        self._lookups = corpus.lookups
        self.before = corpus.blocks.first
        self.reads = Reads(set(), set())

    def of(self, numbers: Sequence[int]) -> Mapping[int, IndexedArticle]:
        """The articles of these numbers that are there."""
        below = [number for number in numbers if number < self._blocks.first]
        found = dict(self._below.of(below)) if below else {}
        for number in numbers:
            if number >= self._blocks.first and (indexed := self._indexed(number)) is not None:
                found[number] = indexed
        return {number: self._as_of_now(one) for number, one in found.items()}

    def _indexed(self, number: int) -> IndexedArticle | None:
        row = self._standings.row(number)
        if row.standing is None:
            return None
        return self._blocks.indexed(number, row, self._labels.path(number, row))

    def _as_of_now(self, indexed: IndexedArticle) -> IndexedArticle:
        """As it stands after whoever has taken its place before the block."""
        gone = self._standings.superseded.get(indexed.number)
        if gone is None or gone.by >= self.before:
            return indexed
        return dataclasses.replace(
            indexed, standing=Standing.COPY, root=gone.by, codes=(gone.code,), path=self._labels.aside(indexed.number)
        )

    def holders(self, paragraph: int, most: int) -> Sequence[int]:
        """At most so many articles of the corpus that hold a paragraph, by its hash."""
        holders = Holders(self._below, self._lookups, self._standings, self.before, self.reads)
        return holders.of(paragraph, most)

    def text(self, number: int) -> str | None:
        """The text of an article, wherever it lies."""
        if number >= self._blocks.first:
            return self._blocks.text(number)
        gone = self._standings.superseded.get(number)
        return self._below.text(number, "" if gone is None else self._labels.aside(number))


class NotingLibrary(Library):
    """A library that notes whose standing was asked."""

    def __init__(self, reader: CorpusReader, proposals: Proposals) -> None:
        super().__init__(reader, _Texts(reader), proposals)
        self._reader = reader

    def indexed(self, numbers: Iterable[int]) -> dict[int, IndexedArticle]:
        """The articles of these numbers, as far as they are there."""
        numbers = list(numbers)
        self._reader.reads.numbers.update(numbers)
        return super().indexed(numbers)

    def holding(self, paragraph: int) -> AbstractSet[int]:
        """The articles of the block in hand that hold a paragraph, however they stand."""
        found = super().holding(paragraph)
        self._reader.reads.numbers.update(found)
        return found


@dataclasses.dataclass(frozen=True, slots=True)
class _Texts:
    """Port ``Texts`` of the library."""

    reader: CorpusReader

    def of(self, number: int) -> str | None:
        """The text of an article."""
        return self.reader.text(number)


class BlockRegister:
    """Port ``Register`` of the judge: what the ledger would know of all records before a block."""

    def __init__(self, corpus: Corpus) -> None:
        self._blocks = corpus.blocks
        self._standings = corpus.standings
        self._below = corpus.below
        self._lookups = corpus.lookups
        self.before = corpus.blocks.first
        self._reads: set[int] = set()

    def take_reads(self) -> set[int]:
        """Whose standing was asked since this was last asked."""
        reads, self._reads = self._reads, set()
        return reads

    def next_number(self) -> int:
        """The number of the block's first record."""
        return self.before

    def names_taken(self, names: Sequence[str]) -> dict[str, str | None]:
        """For each of these names the hash of the text that has it, None if there is none."""
        holders = self._below.names_taken(names)
        for name in (one for one, sha256 in holders.items() if sha256 is None):
            found = self._lookups.named(name, self.before).numbers
            holders[name] = self._blocks.text_sha256(min(found)) if found else None
        return holders

    def admitted(self, text_sha256: str) -> int | None:
        """The number of the corpus article of this very text."""
        stored = self._below.admitted(text_sha256)
        if stored is not None:
            return stored
        found = self._lookups.named(text_sha256, self.before)
        for number in found.numbers:
            if self._blocks.text_sha256(number) == text_sha256:
                self._reads.add(number)
                if self._standings.row(number).is_seeded:
                    return number
        return None

    def binds(self) -> bool:
        """Whether a person has decided about any text."""
        return self._below.binds()

    def bound(self, text_sha256: str, raw_digest: bytes, word_digest: bytes) -> Binding | None:
        """What a person has decided about this text."""
        return self._below.bound(text_sha256, raw_digest, word_digest)

    def in_corpus(self) -> int:
        """Nobody asks: the order of the run knows."""
        return 0

    def of_arrival(self, arrival: int) -> list[int]:
        """No file of a backfill continues another."""
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


NO_PATHS: Final[Mapping[str, str]] = types.MappingProxyType({})


@dataclasses.dataclass(frozen=True, slots=True)
class ResolvedSeeds:
    """Port ``Seeds``: the paths that the ordered pass has given, by name; nobody reads that of another article."""

    paths: Mapping[str, str]

    def path_for(self, name: str, day: dt.date) -> str:
        """The path of an admitted article."""
        del day
        return self.paths.get(name, "")

    def set_aside(self, stored: StoredDecision, day: dt.date) -> str:
        """Where the text of an article goes that leaves the corpus."""
        return Seeds(lambda _: 0).set_aside(stored, day)

    def restart(self) -> None:
        """Nothing was counted."""
