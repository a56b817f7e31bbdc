"""Judging the records of a block as the route would: by the same judge, over the corpus as files have it. Files."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from winnowd.bulk.holders import Reads
from winnowd.bulk.view import NO_PATHS, BlockRegister, CorpusReader, NotingLibrary, Proposals, ResolvedSeeds
from winnowd.gates.originality import Originality
from winnowd.pipeline.judge import Judge
from winnowd.pipeline.order_planner import SUPERSEDED
from winnowd.storage.paths import Paths
from winnowd.wiring.instance import BLAMELESS
from winnowd.wiring.rules import lexicon

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from winnowd.bulk.lookups import Proposed
    from winnowd.bulk.view import Corpus
    from winnowd.model import Arrival, Judged, Prepared
    from winnowd.settings import Settings


class Noted(NamedTuple):
    """A judged record, and what its judgement hangs on."""

    judged: Judged
    reads: Reads


class FixedClock:
    """Port ``Clock``: the moment at which the records of a block are decided; nothing takes any time."""

    def __init__(self, at: dt.datetime, uuid7: Callable[[], str]) -> None:
        self._at = at
        self.uuid7 = uuid7

    def now(self) -> dt.datetime:
        """That moment."""
        return self._at

    def nanoseconds(self) -> int:
        """Always the same."""
        return 0


class BlockJudge:
    """The route's judge over a corpus; for the records from one number on, in their order."""

    def __init__(
        self,
        corpus: Corpus,
        settings: Settings,
        clock: FixedClock,
        paths: Mapping[str, str] = NO_PATHS,
        packed_block: str = "",
    ) -> None:
        """Take the corpus; ``paths``: of those that are admitted, by name, if anybody reads them.

        ``packed_block``: in which packed block the files of the others lie, "" for none.
        """
        self._lookups = corpus.lookups
        self._limits = settings.originality
        self._reader = CorpusReader(corpus)
        self._register = BlockRegister(corpus)
        self._proposals = Proposals()
        self.library = NotingLibrary(self._reader, self._proposals)
        originality = None if self._limits is None else Originality(self._limits, lexicon(), self.library)
        self.judge = Judge(
            originality, self._register, ResolvedSeeds(paths), clock, settings.profile, Paths(packed_block)
        )

    def expect(self, first: int, prepared: Sequence[Prepared]) -> list[Proposed]:
        """The records from ``first`` on are next; gives for each with which others it is compared."""
        proposed = self._lookups.proposed(prepared, first)
        self._reader.before = self._register.before = first
        self._proposals.begin(
            {one.fingerprint: of.numbers for one, of in zip(prepared, proposed, strict=True) if one.fingerprint}
        )
        self.judge.begin()
        return proposed

    def judged(self, arrival: Arrival, first: int, prepared: Sequence[Prepared]) -> Iterator[Noted]:
        """Each of these, as those before it, and the corpus, let it stand.

        Raises:
            OSError, LedgerFault: the machine fails; no record is to blame.
        """
        proposed = self.expect(first, prepared)
        self.judge.expect(prepared)
        for one, of in zip(prepared, proposed, strict=True):
            self._reader.reads = Reads(set(), set(of.crowded))
            judged = self._judged(arrival, one)
            reads = self._reader.reads
            reads.numbers.update(self._register.take_reads())
            yield Noted(judged, reads)

    def held(self, arrival: Arrival, first: int, prepared: Prepared) -> Judged:
        """One record that cannot be rendered, as the route holds it."""
        self.expect(first, [prepared])
        return self._held(arrival, prepared, "rendering it failed")

    def _held(self, arrival: Arrival, prepared: Prepared, because: str) -> Judged:
        return self.judge.hold(arrival, prepared, because, sequence=0, articles=0)

    def _judged(self, arrival: Arrival, prepared: Prepared) -> Judged:
        try:
            judged = self.judge.judge(arrival, prepared, sequence=0, articles=0)
        except BLAMELESS:
            raise
        except Exception as fault:  # noqa: BLE001 - one record's fault must not stop the others; it is recorded as SYS903
            self.judge.undo()
            return self._held(arrival, prepared, f"judging it raised {type(fault).__name__}")
        if judged.supersedes is not None:
            code = next(one.code for one in judged.decision.findings if one.code in SUPERSEDED)
            self.judge.superseded(judged.supersedes, judged.number, "", code)
        return judged
