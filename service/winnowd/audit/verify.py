"""Everything that an instance keeps, held against what its audit log says; nothing is changed, no lock is needed.

Log: chain, numbers, digests, anchors. Evidence, originals, the pages beside them: by hash. Corpus: files of ``seeds/``,
rows of its index and the ledger, each against the log, both ways; and what is nobody's. A running service may be
between two steps: look again before believing.
"""

from __future__ import annotations

import dataclasses
import errno
import json
import os
import stat
from typing import TYPE_CHECKING, Literal, TypeAlias

from winnowd.audit.anchor_folder import AnchorFolder
from winnowd.audit.chain_check import Anchor, check
from winnowd.audit.event_checks import EventChecks
from winnowd.audit.expected import UNOPENED, Damage, ExpectedState
from winnowd.audit.ledger_check import LedgerCheck
from winnowd.audit.reader import Log, day_of
from winnowd.audit.rollup import is_true
from winnowd.audit.strangers import Strangers
from winnowd.layout import HEAD, INDEX_PAGES, LEDGER, SEEDS, TORN, rollup_file, split_block
from winnowd.storage import packed
from winnowd.storage.ledger import PUBLISHED, Ledger, LedgerDamagedError, LedgerFault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from winnowd.audit.chain_check import Checked
    from winnowd.storage.index import Index

Scope = Literal["all", "chain", "ledger"]
"""Everything; the log alone; the log and the ledger."""


@dataclasses.dataclass(frozen=True, slots=True)
class Verified:
    """What was looked at (name, how many of how many are well, in words), and what is damaged.

    ``unfinished``: lines of the log that a crash has cut short or left out; the next start writes them. ``unseen``:
    what could not be held to the log, and why.
    """

    looked_at: tuple[tuple[str, int, int, str], ...]
    damage: tuple[Damage, ...]
    unfinished: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()

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
    """One look at an instance; ``index_of`` makes the index of an open ledger, ``step`` counts lines and files.

    ``since``: from this day on only, or ``first`` from the event of this number, which happened on that day; ``scope``:
    all of it, the log alone, or log and ledger. ``audit_dir``: of a copy of the log, which is looked at alone.
    ``deep``: sums of sealed days are made anew, and ``deeper`` tells what else is, of an open ledger.
    ``anchor_dirs``: folders of ``audit.anchor_dir``.
    """

    instance_dir: Path
    index_of: Callable[[Ledger], Index]
    anchors: tuple[Anchor, ...] = ()
    since: str = ""
    scope: Scope = "all"
    step: Callable[[], None] = lambda: None
    audit_dir: Path | None = None
    first: int = 0
    deep: bool = False
    deeper: Deeper | None = None
    anchor_dirs: tuple[Path, ...] = ()
    _damage: list[Damage] = dataclasses.field(default_factory=list)
    _looked_at: list[tuple[str, int, int, str]] = dataclasses.field(default_factory=list)
    _unfinished: list[str] = dataclasses.field(default_factory=list)
    _unseen: list[str] = dataclasses.field(default_factory=list)

    def run(self) -> Verified:
        """Look at all of it."""
        ledger = None if self.scope == "chain" else self._ledger()
        try:
            held = None if ledger is None else LedgerCheck(ledger, is_whole=not self.since)
            self._damage += () if held is None else held.form()
            remembered = self.anchors if ledger is None else (*self.anchors, *self._remembered(ledger))
            checks = EventChecks(self.instance_dir, held, reads=self.scope == "all", begin=self.first)
            checked = self._log(remembered, checks)
            if self.scope == "all":
                self._kept(checks)
                self._corpus(checks, ledger, checked)
            if self.scope != "chain":
                self._ledger_itself(ledger, checks, checked)
            if self.since:
                self._unseen.append(f"only what was decided or ordered since {self.first or self.since} was looked at")
            if self.deeper is not None and ledger is not None:
                self._deeper(self.deeper, ledger, checks.first)
        except LedgerFault as fault:
            self._add("ledger", LEDGER, f"cannot be read to its end: {fault}")
        except (ValueError, TypeError):
            if not any(one.kind == "ledger" for one in self._damage):
                raise
            self._add("ledger", LEDGER, "cannot be held to the log to its end, because of that")
        finally:
            if ledger is not None:
                ledger.close()
        return Verified(tuple(self._looked_at), tuple(self._damage), tuple(self._unfinished), tuple(self._unseen))

    def _note(self, name: str, total: int, words: str, kinds: Iterable[str]) -> None:
        """What was looked at, after all damage of its kinds was added."""
        bad = sum(one.kind in set(kinds) for one in self._damage)
        self._looked_at.append((name, max(0, total - bad), total, words))

    def _add(self, kind: str, position: str, what: str) -> None:
        self._damage.append(Damage(kind, position, what))

    def _log(self, remembered: Iterable[Anchor], checks: EventChecks) -> Checked:
        each = None if self.scope == "chain" else checks.tell
        folders = list(self._anchor_folders())
        remembered = [*remembered, *(anchor for one in folders for anchor in one.anchors())]
        checked = check(
            self.instance_dir, remembered, audit_dir=self.audit_dir, since=self.since, each=each, step=self.step
        )
        for fault in checked.faults:
            if fault.kind == "torn":
                self._unfinished.append(f"{fault.position} {fault.what}")
            else:
                self._add(f"log {fault.kind}", fault.position, fault.what)
        log = Log(self.instance_dir, self.audit_dir)
        for path in sorted(log.path(TORN).glob("*")):
            what = "holds bytes found in the log that winnowd did not write: look at them, then take the file away"
            self._add("log foreign", f"{TORN}/{path.name}", what)
        is_young = self.scope != "chain" and not self.since and not checks.state.counts.decisions
        if self.audit_dir is None and checked.lines and not is_young and not log.path(HEAD).exists():
            self._add("log anchor", HEAD, "is gone: nothing here remembers where the log ended")
        kinds = {f"log {kind}" for kind in ("line", "chain", "sequence", "day", "packed", "foreign")}
        self._note("log", checked.lines, f"lines in one chain, days: {checked.days:,}", kinds)
        self._note("digests", checked.sealed, "sealed days", {"log digest"})
        unmet = sum(fault.kind == "anchor" for fault in checked.faults)
        for folder in folders:
            for position, what in folder.faults(Log(self.instance_dir, self.audit_dir).days()):
                self._add("log anchor", position, what)
                unmet += 1
        if self.deep or self.scope == "all":
            self._rollups(log)
        self._note("anchors", checked.anchors + unmet, "events that others remember", {"log anchor"})
        return checked

    def _anchor_folders(self) -> Iterator[AnchorFolder]:
        for path in self.anchor_dirs:
            try:
                yield AnchorFolder.read(path)
            except OSError as fault:
                self._add(UNOPENED, str(path), f"cannot be read ({fault.strerror}): the heads of days are to lie there")

    def _rollups(self, log: Log) -> None:
        """What sealed days are said to add up to; where nothing is said, or what nobody believes, nothing is held."""
        packed = [file for file in log.days() if file.endswith(".gz") and day_of(file) >= self.since]
        found = {rollup_file(file): true for file in packed if (true := is_true(log, file)) is not None}
        for position in [position for position, true in found.items() if not true]:
            self._add("log rollup", position, "does not say what the day's lines add up to; delete it")
        if found:
            self._note("rollups", len(found), "sums of sealed days", {"log rollup"})

    def _kept(self, checks: EventChecks) -> None:
        """Evidence and held originals, which were read with the log, and the pages beside these."""
        state = checks.state
        state.finish()
        self._damage += state.damage
        self._damage += checks.pages.finish()
        counts = state.counts
        erased = f", {counts.evidence_erased:,} erased by orders" if counts.evidence_erased else ""
        self._note("evidence", counts.evidence, f"records of it that events vouch for{erased}", {"evidence", "erased"})
        gone = f"; {counts.gone:,} gone, which is no damage" if counts.gone else ""
        self._note("originals", counts.held - counts.gone, f"held originals{gone}", {"original"})
        self._note("pages", checks.pages.count, "pages that say why", {"page"})

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
        published = ledger.get(PUBLISHED) or "0"
        sequence = int(published) if published.isdecimal() else 0
        if (sha256 := ledger.outbox.sha256(sequence)) is not None:
            yield Anchor(sequence, sha256, "the ledger")

    def _corpus(self, checks: EventChecks, ledger: Ledger | None, checked: Checked) -> None:
        """Files and index rows against the log, then what is nobody's; of older articles the ledger says where."""
        expected, waiting = checks.state.corpus, _waiting(ledger, checked)
        audited = None if ledger is None else ledger.audited
        is_whole = not self.since or audited is None

        def is_seed(path: str) -> bool:
            return path in expected or path in waiting or not (is_whole or audited is None or not audited.lies_at(path))

        walk = Strangers(
            self.instance_dir,
            audited,
            checks.files,
            is_seed,
            checks.first if self.since else 0,
            self.step,
            is_ahead=bool(waiting),
        )
        self._damage += walk.check()
        self._unfinished += walk.unfinished
        for path, sha256 in expected.items():
            if path not in waiting:
                self._seed(path, sha256)
                self.step()
        older = 0
        for path in () if is_whole or ledger is None else (path for path, _ in ledger.history.corpus()):
            if path not in expected and path not in waiting:
                older += 1
                if not os.path.lexists(self.instance_dir / path):
                    self._add("seed", path, "is gone: an admitted article has no file")
        words = f", and that {older:,} older ones are there" if older else ""
        self._note("corpus", len(expected), f"articles in seeds/, as the log tells{words}", {"seed"})
        self._note("archive", walk.originals, "originals in the archive", {"original"})
        self._note("folders", walk.files, "files, each of which somebody told of", {"stranger"})
        if not self.since:
            self._rows(checks.state)

    def _seed(self, path: str, sha256: bytes) -> None:
        try:
            found = os.lstat(self.instance_dir / (split_block(path)[0] or path))
            if packed.sha256_of(self.instance_dir / path) != sha256.hex():
                self._add("seed", path, "is not the text that was admitted: its bytes were changed")
            elif stat.S_ISREG(found.st_mode) and found.st_nlink > 1:  # a folder in a block's place has more names
                self._add("seed", path, "has another name elsewhere, by which it can be changed: copy it over itself")
        except (FileNotFoundError, NotADirectoryError):
            self._add("seed", path, "is gone: an admitted article has no file")
        except OSError as fault:
            if fault.errno == errno.ELOOP:
                self._add("seed", path, "is a link, and not the text that was admitted")
            elif fault.errno == errno.EBADMSG:
                self._add("seed", path, f"is not the text that was admitted: {fault.strerror}")
            else:
                self._add(UNOPENED, path, f"cannot be read ({fault.strerror})")

    def _rows(self, state: ExpectedState) -> None:
        """The index's rows for programs against the log; who reads them never meets what is not in the corpus."""
        listed: dict[str, bytes] = {}
        for page in sorted((self.instance_dir / INDEX_PAGES).glob("[0-9]*/*.jsonl")):
            position = page.relative_to(self.instance_dir).as_posix()
            for number, line in enumerate(self._page(page, position).splitlines(), 1):
                try:
                    row = json.loads(line)
                    listed[f"{SEEDS}/{row['path']}"] = bytes.fromhex(row["text_sha256"])
                except (ValueError, KeyError, TypeError, RecursionError):
                    self._add("index", f"{position}:{number}", "is no row of the index")
        for path in sorted(listed.keys() - state.corpus.keys()):
            self._add("index", path, "has a row in the index, but the log tells of no such article")
        for path in sorted(state.corpus.keys() - listed.keys()):
            self._add("index", path, "has no row in the index")
        for path in sorted(listed.keys() & state.corpus.keys()):
            if listed[path] != state.corpus[path]:
                self._add("index", path, "has a row in the index for another text")

    def _page(self, page: Path, position: str) -> bytes:
        if page.is_file():
            return page.read_bytes()
        self._add("index", position, "is no page of the index, but something else")
        return b""

    def _ledger_itself(self, ledger: Ledger | None, checks: EventChecks, checked: Checked) -> None:
        pages = 0
        if ledger is None or checks.ledger is None:
            if checked.lines and not (self.instance_dir / LEDGER).exists():
                self._add("ledger", LEDGER, 'is gone; "winnowd ledger rebuild" makes it anew')
        else:
            self._damage += checks.ledger.finish(checked, checks.state, _waiting(ledger, checked))
            if (ahead := ledger.outbox.end().sequence - checked.last_sequence) > 0:
                self._unfinished.append(f"{ahead:,} events of the ledger are not in the log yet")
            for path in self.index_of(ledger).drift() if self.scope == "all" and not self.since else ():
                self._add("index", path, 'is not as the ledger has it; "winnowd index rebuild" writes it anew')
            pages = len(ledger.pages.all())
            self._unseen += checks.ledger.unseen()
        if self.scope == "all" and not self.since:
            self._note("index", 0 if ledger is None else 2 * pages + 2, "files of the index", {"index"})
        count = 0 if checks.ledger is None else checks.ledger.rows.count
        sound = "" if self.since else "; SQLite's own check"
        self._note(
            "ledger", max(count, bool(checked.lines)), f"decisions of the ledger, as the log tells{sound}", {"ledger"}
        )

    def _deeper(self, deeper: Deeper, ledger: Ledger, first: int) -> None:
        """What is made anew from what it was made of."""
        count, damage = deeper(ledger, first if self.since else 0, self.step)
        self._damage += damage
        self._note("deep", count, "fingerprints made again of their texts, and records of their files", {"deep"})


Deeper: TypeAlias = "Callable[[Ledger, int, Callable[[], None]], tuple[int, list[Damage]]]"
"""Makes anew what is derived, of what was decided from an event on; gives how many, and what differs."""


def _waiting(ledger: Ledger | None, checked: Checked) -> set[str]:
    """Files of which lines tell that are true, and not yet in the log: a crash, or the service, is in between."""
    if ledger is None or ledger.outbox.end().sequence <= checked.last_sequence:
        return set()
    return ledger.history.touched_since(checked.last_sequence)
