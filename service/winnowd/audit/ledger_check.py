"""The ledger as a whole against the log: its own soundness, how far both go, rows, sums, and the corpus of both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from winnowd.audit.expected import Damage
from winnowd.audit.ledger_rows import LedgerRows
from winnowd.audit.ledger_sums import LedgerLines, LedgerSums
from winnowd.audit.reader import day_of
from winnowd.layout import LEDGER
from winnowd.storage.ledger import PUBLISHED

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from winnowd.audit.chain_check import Checked
    from winnowd.audit.expected import ExpectedState
    from winnowd.audit.reader import Logged
    from winnowd.originality import Recipe
    from winnowd.storage.ledger import Ledger


class LedgerCheck:
    """``tell`` each line with its event; then ``finish``. ``is_whole``: the log is read from its beginning."""

    def __init__(self, ledger: Ledger, *, is_whole: bool) -> None:
        ledger.audited.steady()
        self._ledger = ledger
        self._is_whole = is_whole
        self._end = ledger.outbox.end().sequence
        self.rows = LedgerRows(ledger.audited, self._end)
        self._sums = LedgerSums(ledger.audited, self._end)
        self._lines = LedgerLines(ledger.audited, self._end)
        self._unread: list[Damage] = []

    def form(self) -> Iterator[Damage]:
        """What is wrong with the ledger whatever the log tells: its tables, and values that none of its columns has."""
        audited = self._ledger.audited
        for what in audited.misshapen():
            yield Damage("ledger", LEDGER, f'{what}; "winnowd ledger rebuild" makes the ledger anew')
        for table, column in audited.misfits() if self._is_whole else ():
            yield Damage("ledger", LEDGER, f"has values of another kind in its table {table}, column {column[:40]!r}")
        for table in audited.beyond(self._end):
            yield Damage("ledger", LEDGER, f"has rows in its table {table} of events that nobody has told of")
        published = self._ledger.get(PUBLISHED) or "0"
        if not (published.isdecimal() and int(published) <= self._end):
            yield Damage("ledger", LEDGER, "says that the log has more events than there are")

    def tell(self, logged: Logged, event: Mapping[str, Any]) -> None:
        """The next line of the log, and its event."""
        try:
            self._lines.tell(logged, event["event"]["sequence"], day_of(logged.file))
            self.rows.tell(event, logged.position)
            if self._is_whole:
                self._sums.tell(event)
        except (ValueError, KeyError, TypeError) as fault:  # values of a kind that no row of ours has
            what = f"has something of {logged.position} that cannot be read ({type(fault).__name__})"
            self._unread.append(Damage("ledger", LEDGER, what))

    def finish(self, checked: Checked, state: ExpectedState, waiting: set[str]) -> Iterator[Damage]:
        """All damage; ``waiting``: files of which lines tell that are true, and not yet in the log."""
        ledger = self._ledger
        yield from self._unread
        if self._is_whole:
            for fault in ledger.faults():
                yield Damage("ledger", LEDGER, fault)
        if self._end < checked.last_sequence:
            behind = checked.last_sequence - self._end
            what = f'does not know the last {behind:,} events of the log; "winnowd ledger rebuild" makes it anew'
            yield Damage("ledger", LEDGER, what)
        recipe = ledger.articles.recipe()
        yield from self.rows.finish("" if recipe is None else recipe.sha256, checked.last_sequence)
        yield from self._lines.finish()
        if recipe is not None:
            yield from self._recipes(recipe)
        if self._is_whole:
            if self._end <= checked.last_sequence:  # else it has added up what the log does not tell yet
                yield from self._sums.finish(ledger.decisions.totals())
            yield from self._corpus(state, waiting)

    def unseen(self) -> Iterator[str]:
        """What of the ledger could not be held to the log; after ``finish``."""
        if old := self.rows.without_digests:
            yield (
                f"{old:,} decisions and orders were told before the log had digests of the ledger: of them a change of "
                "fingerprints, rows of the index, relations or pages that say why is not seen"
            )
        if other := self.rows.other_recipe:
            yield f"{other:,} fingerprints were made anew by a later recipe than their events tell of: see --deep"

    def _recipes(self, recipe: Recipe) -> Iterator[Damage]:
        """Of an earlier recipe are only those whose text was gone when the others were made anew."""
        if not recipe.is_true:
            yield Damage("ledger", LEDGER, "has a recipe whose permutations are not those that its name stands for")
        for name in sorted(self._ledger.audited.recipes()):
            if name.partition("/")[2] != recipe.id.partition("/")[2]:
                yield Damage("ledger", LEDGER, f"has fingerprints of a recipe {name[:40]!r}, which is not its own")

    def _corpus(self, state: ExpectedState, waiting: set[str]) -> Iterator[Damage]:
        in_ledger = dict(self._ledger.history.corpus())
        for path in sorted(in_ledger.keys() - state.corpus.keys() - waiting):
            yield Damage("ledger", path, "is in the corpus by the ledger, but not by the log")
        for path in sorted(state.corpus.keys() - in_ledger.keys() - waiting):
            yield Damage("ledger", path, "is in the corpus by the log, but not by the ledger")
        for path in sorted(in_ledger.keys() & state.corpus.keys()):
            if in_ledger[path] != state.corpus[path]:
                yield Damage("ledger", path, "is another text by the ledger than by the log")
