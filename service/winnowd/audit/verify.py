"""Everything that an instance keeps, held against what its audit log says; nothing is changed, no lock is needed.

Log: chain, numbers, digests, anchors. Evidence: each record's hash. Corpus: files of ``seeds/``, rows of its index and
the ledger, each against the log, both ways. A running service may be between two steps: look again before believing.
"""

from __future__ import annotations

import dataclasses
import errno
import json
import os
from typing import TYPE_CHECKING, Literal

from winnowd.audit.anchor_folder import AnchorFolder
from winnowd.audit.chain_check import Anchor, check
from winnowd.audit.expected import UNOPENED, Damage, ExpectedState
from winnowd.audit.reader import Log, day_of
from winnowd.audit.rollup import is_true
from winnowd.layout import INDEX_PAGES, LEDGER, PACKED, SEEDS, TORN, rollup_file
from winnowd.storage import packed
from winnowd.storage.ledger import PUBLISHED, Ledger, LedgerDamagedError, LedgerFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path

    from winnowd.audit.chain_check import Checked
    from winnowd.audit.reader import Logged
    from winnowd.storage.index import Index

Scope = Literal["all", "chain", "ledger"]
"""Everything; the log alone; the log and the ledger."""


@dataclasses.dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at (name, how many of how many are well, in words), and what is damaged.

    ``unfinished``: lines of the log that a crash has cut short or left out; the next start writes them.
    """

    looked_at: tuple[tuple[str, int, int, str], ...]
    damage: tuple[Damage, ...]
    unfinished: tuple[str, ...] = ()

    @property
    def unopened(self) -> tuple[Damage, ...]:
        """What could not be looked at."""
        return tuple(one for one in self.damage if one.kind == UNOPENED)

    @property
    def changed(self) -> tuple[Damage, ...]:
        """What is not as it was written."""
        return tuple(one for one in self.damage if one.kind != UNOPENED)


@dataclasses.dataclass(slots=True)
class Verify:
    """One look at an instance; ``index_of`` makes the index of an open ledger, ``step`` counts lines.

    ``since``: from this day on only; ``scope``: all of it, the log alone, or log and ledger. ``audit_dir``: of a copy
    of the log, which is looked at alone. ``anchor_dirs``: folders of ``audit.anchor_dir``.
    """

    instance_dir: Path
    index_of: Callable[[Ledger], Index]
    anchors: tuple[Anchor, ...] = ()
    since: str = ""
    scope: Scope = "all"
    step: Callable[[], None] = lambda: None
    audit_dir: Path | None = None
    anchor_dirs: tuple[Path, ...] = ()
    _damage: list[Damage] = dataclasses.field(default_factory=list)
    _looked_at: list[tuple[str, int, int, str]] = dataclasses.field(default_factory=list)
    _unfinished: list[str] = dataclasses.field(default_factory=list)

    def run(self) -> Verified:
        """Look at all of it."""
        ledger = None if self.scope == "chain" else self._ledger()
        try:
            remembered = self.anchors if ledger is None else (*self.anchors, *self._remembered(ledger))
            state = ExpectedState(self.instance_dir, reads=self.scope == "all")
            checked = self._log(remembered, state)
            if self.scope == "all":
                self._kept(state)
                self._corpus(state, ledger, checked)
            if self.scope != "chain":
                self._ledger_itself(ledger, state, checked)
        finally:
            if ledger is not None:
                ledger.close()
        return Verified(tuple(self._looked_at), tuple(self._damage), tuple(self._unfinished))

    def _note(self, name: str, total: int, words: str, kinds: Iterable[str]) -> None:
        """What was looked at, after all damage of its kinds was added."""
        bad = sum(one.kind in set(kinds) for one in self._damage)
        self._looked_at.append((name, max(0, total - bad), total, words))

    def _add(self, kind: str, position: str, what: str) -> None:
        self._damage.append(Damage(kind, position, what))

    def _log(self, remembered: Iterable[Anchor], state: ExpectedState) -> Checked:
        def each(line: Logged) -> None:
            self.step()
            if self.scope != "chain":
                state.add(line)

        folders = list(self._anchor_folders())
        remembered = [*remembered, *(anchor for one in folders for anchor in one.anchors())]
        checked = check(self.instance_dir, remembered, audit_dir=self.audit_dir, since=self.since, each=each)
        for fault in checked.faults:
            if fault.kind == "torn":
                self._unfinished.append(f"{fault.position} {fault.what}")
            else:
                self._add(f"log {fault.kind}", fault.position, fault.what)
        for path in sorted(Log(self.instance_dir, self.audit_dir).path(TORN).glob("*")):
            self._add("log foreign", f"{TORN}/{path.name}", "holds bytes found in the log that winnowd did not write")
        kinds = {f"log {kind}" for kind in ("line", "chain", "sequence", "day", "packed", "foreign")}
        self._note("log", checked.lines, f"lines in one chain, days: {checked.days:,}", kinds)
        self._note("digests", checked.sealed, "sealed days", {"log digest"})
        unmet = sum(fault.kind == "anchor" for fault in checked.faults)
        for folder in folders:
            for position, what in folder.faults(Log(self.instance_dir, self.audit_dir).days()):
                self._add("log anchor", position, what)
                unmet += 1
        self._rollups()
        self._note("anchors", checked.anchors + unmet, "events that others remember", {"log anchor"})
        return checked

    def _anchor_folders(self) -> Iterator[AnchorFolder]:
        for path in self.anchor_dirs:
            try:
                yield AnchorFolder.read(path)
            except OSError as fault:
                self._add(UNOPENED, str(path), f"cannot be read ({fault.strerror}): the heads of days are to lie there")

    def _rollups(self) -> None:
        """What sealed days are said to add up to; where nothing is said, or what nobody believes, nothing is held."""
        log = Log(self.instance_dir, self.audit_dir)
        packed = [file for file in log.days() if file.endswith(".gz") and day_of(file) >= self.since]
        found = {rollup_file(file): true for file in packed if (true := is_true(log, file)) is not None}
        for position in [position for position, true in found.items() if not true]:
            self._add("log rollup", position, "does not say what the day's lines add up to; delete it")
        if found:
            self._note("rollups", len(found), "sums of sealed days", {"log rollup"})

    def _kept(self, state: ExpectedState) -> None:
        """Evidence and held originals, which were read with the log."""
        state.finish()
        self._damage += state.damage
        counts = state.counts
        erased = f", {counts.evidence_erased:,} erased by orders" if counts.evidence_erased else ""
        self._note("evidence", counts.evidence, f"records of it that events vouch for{erased}", {"evidence", "erased"})
        gone = f"; {counts.gone:,} gone, which is no damage" if counts.gone else ""
        self._note("originals", counts.held - counts.gone, f"held originals{gone}", {"original"})

    def _ledger(self) -> Ledger | None:
        try:
            return Ledger.read(self.instance_dir / LEDGER)
        except FileNotFoundError:
            return None
        except (LedgerDamagedError, LedgerFault) as fault:
            self._add("ledger", LEDGER, f"cannot be trusted: {fault}")
        return None

    def _remembered(self, ledger: Ledger) -> Iterator[Anchor]:
        """The last line that the ledger knows to be in the log."""
        sequence = int(ledger.get(PUBLISHED) or 0)
        if (sha256 := ledger.outbox.sha256(sequence)) is not None:
            yield Anchor(sequence, sha256, "the ledger")

    def _corpus(self, state: ExpectedState, ledger: Ledger | None, checked: Checked) -> None:
        """Files and index rows against the log, or if that was not read whole against the ledger."""
        expected: Mapping[str, bytes] = state.corpus
        source = "the log"
        if self.since and ledger is not None:
            expected, source = dict(ledger.history.corpus()), "the ledger"
        found = set(self._files())
        waiting = self._waiting(ledger, checked)
        for path in sorted(found - expected.keys() - waiting):
            self._add("seed", path, f"is in seeds/, but {source} tells of no such article")
        for path, sha256 in expected.items():
            if path not in waiting:
                self._seed(path, sha256, is_there=path in found)
        self._note("corpus", len(expected), f"articles in seeds/, as {source} tells", {"seed"})
        if not self.since:
            self._rows(state)

    def _files(self) -> Iterator[str]:
        """All that lies in the folders of articles; what is hidden is being written, or is git's."""
        for year in sorted((self.instance_dir / SEEDS).glob("[0-9][0-9][0-9][0-9]")):
            for folder, _, names in os.walk(year, onerror=self._unopened):
                below = os.path.relpath(folder, self.instance_dir)
                for name in names:
                    if not name.startswith("."):
                        yield from self._in_block(f"{below}/{name}") if name.endswith(PACKED) else (f"{below}/{name}",)

    def _in_block(self, block: str) -> Iterator[str]:
        """The files in a packed block; one that cannot be read is damage of its own."""
        try:
            yield from (f"{block}/{name}" for name in packed.names_in(self.instance_dir / block))
        except OSError as fault:
            kind = "seed" if fault.errno == errno.EBADMSG else UNOPENED
            self._add(kind, block, f"cannot be read ({fault.strerror})")

    def _unopened(self, fault: OSError) -> None:
        self._add(UNOPENED, str(fault.filename), f"cannot be looked into ({fault.strerror})")

    def _seed(self, path: str, sha256: bytes, *, is_there: bool) -> None:
        if not is_there:
            self._add("seed", path, "is gone: an admitted article has no file")
            return
        try:
            if packed.sha256_of(self.instance_dir / path) != sha256.hex():
                self._add("seed", path, "is not the text that was admitted: its bytes were changed")
        except OSError as fault:
            if fault.errno == errno.ELOOP:
                self._add("seed", path, "is a link, and not the text that was admitted")
            elif fault.errno == errno.EBADMSG:
                self._add("seed", path, f"is not the text that was admitted: {fault.strerror}")
            else:
                self._add(UNOPENED, path, f"cannot be read ({fault.strerror})")

    def _waiting(self, ledger: Ledger | None, checked: Checked) -> set[str]:
        """Files of which lines tell that are true, and not yet in the log: a crash, or the service, is in between."""
        if ledger is None or ledger.outbox.end().sequence <= checked.last_sequence:
            return set()
        return ledger.history.touched_since(checked.last_sequence)

    def _rows(self, state: ExpectedState) -> None:
        """The index's rows for programs against the log; who reads them never meets what is not in the corpus."""
        listed: dict[str, bytes] = {}
        for page in sorted((self.instance_dir / INDEX_PAGES).glob("[0-9]*/*.jsonl")):
            position = page.relative_to(self.instance_dir).as_posix()
            for number, line in enumerate(page.read_bytes().splitlines(), 1):
                try:
                    row = json.loads(line)
                    listed[f"{SEEDS}/{row['path']}"] = bytes.fromhex(row["text_sha256"])
                except (ValueError, KeyError, TypeError):
                    self._add("index", f"{position}:{number}", "is no row of the index")
        for path in sorted(listed.keys() - state.corpus.keys()):
            self._add("index", path, "has a row in the index, but the log tells of no such article")
        for path in sorted(state.corpus.keys() - listed.keys()):
            self._add("index", path, "has no row in the index")
        for path in sorted(listed.keys() & state.corpus.keys()):
            if listed[path] != state.corpus[path]:
                self._add("index", path, "has a row in the index for another text")

    def _ledger_itself(self, ledger: Ledger | None, state: ExpectedState, checked: Checked) -> None:
        pages = 0
        if ledger is None:
            if checked.lines and not (self.instance_dir / LEDGER).exists():
                self._add("ledger", LEDGER, 'is gone; "winnowd ledger rebuild" makes it anew')
        else:
            try:
                self._ledger_faults(ledger, state, checked)
                for path in self.index_of(ledger).drift() if self.scope == "all" else ():
                    self._add("index", path, 'is not as the ledger has it; "winnowd index rebuild" writes it anew')
                pages = len(ledger.pages.all())
            except LedgerFault as fault:
                self._add("ledger", LEDGER, f"cannot be read to its end: {fault}")
        if self.scope == "all":
            self._note("index", 0 if ledger is None else 2 * pages + 2, "files of the index", {"index"})
        total = int(bool(checked.lines))
        self._note("ledger", total, "SQLite's own check; agrees with the log", {"ledger"})

    def _ledger_faults(self, ledger: Ledger, state: ExpectedState, checked: Checked) -> None:
        for fault in ledger.faults():
            self._add("ledger", LEDGER, fault)
        ahead = ledger.outbox.end().sequence - checked.last_sequence
        if ahead > 0:
            self._unfinished.append(f"{ahead:,} events of the ledger are not in the log yet")
        elif ahead < 0:
            what = f'does not know the last {-ahead:,} events of the log; "winnowd ledger rebuild" makes it anew'
            self._add("ledger", LEDGER, what)
        if self.since:
            return
        in_ledger = dict(ledger.history.corpus())
        waiting = self._waiting(ledger, checked)
        for path in sorted(in_ledger.keys() - state.corpus.keys() - waiting):
            self._add("ledger", path, "is in the corpus by the ledger, but not by the log")
        for path in sorted(state.corpus.keys() - in_ledger.keys() - waiting):
            self._add("ledger", path, "is in the corpus by the log, but not by the ledger")
        for path in sorted(in_ledger.keys() & state.corpus.keys()):
            if in_ledger[path] != state.corpus[path]:
                self._add("ledger", path, "is another text by the ledger than by the log")
        decided = ledger.history.decided_until(checked.last_sequence)
        if decided != state.counts.decisions:
            what = (
                f"has {decided:,} decisions up to event {checked.last_sequence:,}, the log {state.counts.decisions:,}"
            )
            self._add("ledger", LEDGER, what)
